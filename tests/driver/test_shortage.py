"""What the machine refuses is not the subject's fault, unless the subject has taken it all, or only says so."""

import errno
import os
import subprocess
import sys
from dataclasses import replace
from types import SimpleNamespace
from unittest.mock import Mock

import pytest
from support.runs import CALM, TESTS, TOP

from conformance import bug_report, catalogue
from conformance.checking.script import Script
from conformance.commands import run
from conformance.driver import shortage
from conformance.driver.campaign import Campaign, Profile
from conformance.driver.shortage import explain_refusal
from conformance.driver.stage import StageProcess
from conformance.forensics import limits, process
from conformance.forensics.limits import (
    ADDRESSES,
    BLOCKS,
    DESCRIPTORS,
    FILES,
    MEMORY,
    PROCESSES,
    RESOURCES,
    SECONDS,
    SIZE,
    Limit,
)
from conformance.subjects.subject import Subject, Unusable, probe

resource = pytest.importorskip("resource")
LIMITED = """
import resource, sys
resource.setrlimit(getattr(resource, sys.argv[1]), (int(sys.argv[2]),) * 2)
from conformance.commands import cli
sys.exit(cli.main(sys.argv[3:]))
"""
PUT = ("--clause", "queue.put.stores", "--start-method", "fork", "--shrink", "0", "--profile", "sample", "-n", "0")
FEW = Profile("few", scripts=8, pinned=0, streams=0, scenarios=1)


def run_limited(limit, value, fault):
    """Exit status and output of a run of a faulty implementation under a limit that binds root as well."""
    subject = ("--implementation", f"support.faults:{fault}", "--implementation-path", str(TESTS))
    words = [sys.executable, "-c", LIMITED, limit, str(value), "run", *PUT, *subject]
    done = subprocess.run(words, cwd=TOP, env=CALM, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return done.returncode, done.stdout


def test_a_refusal_under_a_narrow_limit_is_unknown_and_the_run_says_what_was_short():
    status, out = run_limited("RLIMIT_NOFILE", 256, "wants_descriptors")
    assert status == 1
    assert "not known, because the machine was short of descriptors (RLIMIT_NOFILE leaves 2" in out
    assert "the machine was short of descriptors: 1 clause unknown\n" in out
    assert "violated" not in out


def faulty(fault):
    """A subject of tests/support/faults.py."""
    return Subject(replace(probe(sys.executable), implementation=f"support.faults:{fault}", path=(str(TESTS),)), "fork")


@pytest.fixture
def limited():
    """Sets the limit on descriptors of this process, for those that it starts."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    yield lambda number: resource.setrlimit(resource.RLIMIT_NOFILE, (number, before[1]))
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


def put_often(fault, times):
    """What is found when one process puts several times."""
    campaign = Campaign(catalogue.entry("queue"), faulty(fault), FEW, 0)
    try:
        campaign.play([Script({}, ({0: (("put", (1,), {}),) * times},))])
    finally:
        campaign.close()
    return campaign.findings


@pytest.mark.parametrize("limit", [256, 1024])
def test_a_refusal_is_a_violation_if_the_subject_holds_what_is_missing(limited, limit):
    """Under the wide limit there is enough for what the specs need; under the narrow one, the leak is measured."""
    limited(limit)
    findings = put_often("leaks_descriptors", 12)
    assert not findings.unknown
    (violation,) = findings.violated["queue.put.stores"]
    assert violation.observed.endswith(f"raised builtins.OSError({errno.EMFILE}, 'Too many open files')")


def test_a_need_of_descriptors_under_a_narrow_limit_is_no_leak(limited):
    limited(256)
    findings = put_often("wants_descriptors", 2)
    assert not findings.violated
    assert findings.unknown["queue.put.stores"].short == DESCRIPTORS


@pytest.mark.parametrize("fault", ["blames_the_machine", "dies_of_a_bus_error"])
def test_a_refusal_that_only_the_subject_has_seen_is_a_violation(fault):
    findings = put_often(fault, 1)
    assert "queue.put.stores" in findings.violated
    assert not findings.unknown


@pytest.fixture
def narrow(monkeypatch):
    """Makes the machine short of one resource, or of none, whatever it really has."""

    def set_narrow(resource):
        def tightest(asked, own, temporary):
            return Limit(own + 1 if asked == resource else float("inf"), "a limit")

        monkeypatch.setattr(limits, "tightest", tightest)

    return set_narrow


def os_error(number):
    """An exception of the system, as an observation shows it."""
    return f"put(1) raised builtins.OSError({number}, {os.strerror(number)!r})"


THREAD = 'put(1) raised builtins.RuntimeError("can\'t start new thread")'
CASES = [
    (THREAD, {PROCESSES, ADDRESSES, MEMORY}),
    (os_error(errno.EAGAIN), {PROCESSES, ADDRESSES, MEMORY}),
    (f"BlockingIOError: [Errno {errno.EAGAIN}] in a traceback", {PROCESSES, ADDRESSES, MEMORY}),
    (os_error(errno.ENOMEM), {PROCESSES, ADDRESSES, MEMORY}),
    ("put(1) raised builtins.MemoryError()", {ADDRESSES, MEMORY}),
    (os_error(errno.EMFILE), {DESCRIPTORS}),
    (os_error(errno.ENFILE), {DESCRIPTORS}),
    (os_error(errno.ENOSPC), {BLOCKS, FILES}),
    (os_error(errno.EDQUOT), {BLOCKS, FILES}),
    (os_error(errno.EFBIG), {SIZE}),
    ("put(1) died of SIGBUS", {BLOCKS, FILES, MEMORY}),
    ("promised: process.exitcode == 0; observed on the left: -7; on the right: 0", {BLOCKS, FILES, MEMORY}),
    ("the process ended: was killed by SIGXCPU", {SECONDS}),
    ("put(1) died of SIGSEGV", {ADDRESSES}),
    ("put(1) returned 11", set()),
    (os_error(errno.ENOENT), set()),
]


@pytest.mark.parametrize(("said", "resources"), CASES)
def test_each_sign_of_a_refusal_counts_if_what_it_is_about_is_scarce(narrow, said, resources):
    explained = set()
    for each in RESOURCES:
        narrow(each)
        found = explain_refusal(said)
        explained |= {found.resource} if found else set()
    assert explained == resources


def test_what_the_driver_is_refused_as_well_explains_a_failure_without_a_sign(narrow, monkeypatch):
    def refuse():
        raise RuntimeError("can't start new thread")

    narrow(None)
    assert explain_refusal("put(1) returned 2") is None
    monkeypatch.setitem(shortage.CONTROLS, PROCESSES, refuse)
    assert str(explain_refusal("put(1) returned 2")) == (
        "the machine was short of processes (the driver is refused it as well: can't start new thread)"
    )
    monkeypatch.setattr(limits, "held", lambda resource, pids, inherited: 1000)
    assert explain_refusal("put(1) returned 2") is None


def test_a_process_that_the_kernel_killed_for_want_of_memory_is_unknown(monkeypatch):
    monkeypatch.setattr(limits, "out_of_memory_kills", lambda: 7)
    said = "put(1) died of SIGKILL"
    assert explain_refusal(said, kills=7) is None
    assert explain_refusal(said, kills=6).resource == MEMORY
    assert explain_refusal("put(1) died of SIGSEGV", kills=6) is None


def refuse_to_start(*arguments, **options):
    raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))


def test_a_stage_that_the_machine_refuses_leaves_the_clauses_unknown(narrow, monkeypatch):
    narrow(PROCESSES)
    monkeypatch.setattr(process, "start", refuse_to_start)
    entry = catalogue.entry("lock")
    findings = Campaign(entry, Subject(probe(sys.executable), "fork"), FEW, 0).run(["lock.made", "lock.protects"])
    assert {name: unknown.short for name, unknown in findings.unknown.items()} == {
        "lock.made": PROCESSES,
        "lock.protects": PROCESSES,
    }
    assert not findings.violated


def test_a_refusal_of_a_machine_that_has_enough_is_an_error_of_ours(narrow, monkeypatch):
    narrow(None)
    monkeypatch.setattr(process, "start", refuse_to_start)
    with pytest.raises(BlockingIOError):
        Campaign(catalogue.entry("lock"), Subject(probe(sys.executable), "fork"), FEW, 0).run(["lock.made"])


def test_a_stage_that_is_refused_in_the_middle_loses_nothing_that_was_seen(narrow, monkeypatch):
    campaign = Campaign(catalogue.entry("lock"), Subject(probe(sys.executable), "fork"), FEW, 0)
    perform = campaign.runs.scenario

    def scenario(*arguments):
        campaign.runs.close()
        narrow(PROCESSES)
        monkeypatch.setattr(process, "start", refuse_to_start)
        return perform(*arguments)

    monkeypatch.setattr(campaign.runs, "scenario", scenario)
    findings = campaign.run(["lock.made", "lock.protects"])
    assert findings.exercised["lock.made"]
    assert {name: unknown.short for name, unknown in findings.unknown.items()} == {"lock.protects": PROCESSES}


def test_the_machine_does_not_excuse_an_interpreter_that_is_broken(tmp_path, narrow):
    narrow(None)
    broken = replace(probe(sys.executable), executable=str(tmp_path / "python"))
    campaign = Campaign(catalogue.entry("lock"), Subject(broken, "fork"), FEW, 0)
    with pytest.raises(Unusable, match=r"does not start: the stage exited with status 127"):
        campaign.run(["lock.made"])


def test_a_warden_whose_output_cannot_be_read_is_reaped(tmp_path, monkeypatch):
    started = []
    popen = subprocess.Popen

    def noted(*arguments, **options):
        started.append(popen(*arguments, **options))
        return started[-1]

    def refuse(*arguments):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(process.subprocess, "Popen", noted)
    monkeypatch.setattr(process, "Tail", refuse)
    with pytest.raises(RuntimeError, match="can't start new thread"):
        StageProcess(Subject(probe(sys.executable), "fork"))
    (warden,) = started
    assert warden.returncode == 0


@pytest.mark.parametrize(
    "error", [Unusable("the subject does not start"), OSError(errno.ENOSPC, "No space left on device")]
)
def test_a_violation_is_told_though_it_cannot_be_made_smaller(narrow, monkeypatch, error):
    narrow(FILES)
    monkeypatch.setattr(bug_report, "shrink", Mock(side_effect=error))
    violation = put_often("blames_the_machine", 1).violated["queue.put.stores"][0]
    report = bug_report.investigate(violation, faulty("blames_the_machine"), bug_report.Budget(1.0))
    said = bug_report.describe(report, 1, bug_report.Written())
    assert "queue.put.stores is violated by support.faults:blames_the_machine" in said
    assert "Seen:     as first seen, since it could not be run again" in said
    assert f"Script:   none: {error}" in said


def test_a_machine_that_is_short_of_processes_gets_no_workers(monkeypatch):
    chosen = SimpleNamespace(clauses=catalogue.clauses())
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: set(range(4)), raising=False)
    monkeypatch.setattr(run, "tightest", lambda *_: Limit(64, "a limit"))
    assert run.count_workers("auto", chosen) == 4
    monkeypatch.setattr(run, "tightest", lambda *_: Limit(63, "a limit"))
    assert run.count_workers("auto", chosen) == 0
    assert run.count_workers("2", chosen) == 2
