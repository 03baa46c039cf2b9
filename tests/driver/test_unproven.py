"""A scenario that can show nothing where it runs leaves its clause unproven, and says why."""

import ast
import inspect
import sys
import textwrap
from dataclasses import replace

import pytest

from conformance import catalogue, unproven
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
def test_a_clause_is_unproven_where_what_it_needs_is_missing(tmp_path, name, patch, why):
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


SCENARIOS = [(name, each.run) for e in catalogue.entries() for name, each in e.spec.scenarios.items()]


def scenario_tree(run):
    """The syntax tree of a scenario, and its statements without the docstring."""
    function = ast.parse(textwrap.dedent(inspect.getsource(run))).body[0]
    return function, function.body[bool(ast.get_docstring(function)) :]


def passes_silently(run):
    """Whether a scenario returns early, or does nothing outside of a condition: it says nothing, and would pass."""
    _, body = scenario_tree(run)
    blocks = [body]
    while blocks:
        for statement in blocks.pop():
            if isinstance(statement, ast.Return):
                return True
            if not isinstance(statement, ast.FunctionDef):
                names = ("body", "orelse", "finalbody", "handlers")
                blocks += [getattr(statement, name) for name in names if getattr(statement, name, None)]
    return all(isinstance(each, ast.Assign) or (isinstance(each, ast.If) and not each.orelse) for each in body)


def returns_early(mp):
    """A scenario."""
    if not mp:
        return
    assert mp


def looks_seldom(mp):
    """A scenario."""
    found = mp
    if found:
        assert mp


def says_why(mp):
    """A scenario."""
    if not mp:
        unproven("there is nothing")
    assert mp


def test_no_scenario_passes_without_a_look():
    assert [run for run in (returns_early, looks_seldom, says_why) if passes_silently(run)] == [
        returns_early,
        looks_seldom,
    ]
    assert [name for name, run in SCENARIOS if passes_silently(run)] == []


def test_a_scenario_makes_use_of_each_of_its_arguments():
    """One that is not used makes the runs more, and the statement no better proven."""
    unused = []
    for name, run in SCENARIOS:
        function, body = scenario_tree(run)
        used = {node.id for statement in body for node in ast.walk(statement) if isinstance(node, ast.Name)}
        unused += [(name, each.arg) for each in function.args.args[1:] if each.arg not in used]
    assert unused == []
