"""A scenario that can show nothing where it runs leaves its clause unproven, and says why."""

import sys
from dataclasses import replace

import pytest

from conformance import catalogue
from conformance.driver.campaign import PROFILES, Campaign
from conformance.judging import judge
from conformance.subjects.subject import Subject, probe

PATCHED = """
import os
from multiprocessing import *
from multiprocessing import get_all_start_methods, get_context

{patch}
"""
NO_WAITID = "del os.waitid"
NO_SHARED_MEMORY_FILES = "os.path.isdir = lambda path, real=os.path.isdir: path != '/dev/shm' and real(path)"


def verdict(name, interpreter, start_method="fork"):
    """The verdict on one clause and what it says, after a campaign for it alone."""
    entry, subject = catalogue.owner(name), Subject(interpreter, start_method)
    findings = Campaign(entry, subject, PROFILES["sample"], 0).run({name})
    record = judge(catalogue.clauses()[name], subject, findings, [])
    return record.verdict, record.message


@pytest.mark.parametrize(
    ("name", "patch", "why"),
    [
        ("process.start.joins", NO_WAITID, "this Python has no os.waitid()"),
        ("process.is_alive.joins", NO_WAITID, "this Python has no os.waitid()"),
        ("process.exitcode.unjoined", NO_WAITID, "this Python has no os.waitid()"),
        ("context.tracker.unlinks", NO_SHARED_MEMORY_FILES, "there is no /dev/shm"),
    ],
)
def test_scenario_is_unproven_where_what_it_needs_is_missing(tmp_path, name, patch, why):
    (tmp_path / "patched.py").write_text(PATCHED.format(patch=patch))
    interpreter = replace(probe(sys.executable), implementation="patched", path=(str(tmp_path),))
    found, message = verdict(name, interpreter)
    assert found == "unproven"
    assert message.startswith(why)


@pytest.mark.parametrize("name", [f"guideline.zombies.{each}" for each in ("active-children", "is-alive", "start")])
def test_zombies_prove_nothing_of_the_children_of_a_fork_server(name):
    interpreter = probe(sys.executable)
    assert verdict(name, interpreter, "fork") == ("holds", "")
    found, message = verdict(name, interpreter, "forkserver")
    assert found == "unproven"
    assert "fork server" in message
