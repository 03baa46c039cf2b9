"""What a subject's processes cannot do for reasons of the harness is never held against the subject."""

import sys
from types import SimpleNamespace

import pytest
from support.runs import TESTS, main, refused

from conformance import catalogue
from conformance.checking.findings import Unknown
from conformance.driver import control
from conformance.driver.campaign import Campaign, Profile
from conformance.stage import blame, children
from conformance.stage.actor import plain, timed
from conformance.subjects.adapters import choose
from conformance.subjects.subject import Subject, Unusable, probe

ADAPTER = TESTS / "partial/foreign_adapter.py"
FOREIGN = ("--adapter", ADAPTER, "--implementation-path", TESTS, "-n", "0", "--shrink", "0")
SMALL = Profile("small", scripts=4, pinned=0, streams=0, scenarios=1)


def on(method):
    """The stand-in for implementations whose processes are started elsewhere."""
    return Subject(probe(sys.executable, choose(None, str(ADAPTER)), (str(TESTS),)), method)


def findings(method, clause):
    """What a small campaign finds out about one clause."""
    return Campaign(catalogue.owner(clause), on(method), SMALL, 0).run([clause])


@pytest.mark.parametrize(
    ("method", "clause", "said"),
    [
        (
            "bare",
            "process.exitcode.signal",
            "its processes run functions of the standard library, but not those of the ",
        ),
        (
            "pools",
            "pool.apply.returns",
            "its pools run functions of the standard library, but not those of the specs (",
        ),
    ],
)
def test_a_subject_that_cannot_import_the_specs_is_refused_before_it_is_accused(capsys, method, clause, said):
    result = main(capsys, "run", *FOREIGN, "--start-method", method, "--clause", clause)
    refused(result, f" / {method} cannot be checked: {said}", "No module named ", "PYTHONPATH")


def test_what_needs_no_pool_is_checked_beside_pools_that_cannot_be():
    control.require(on("pools"), ["lock.acquire.takes"])
    with pytest.raises(Unusable, match="its pools"):
        control.require(on("pools"), ["lock.acquire.takes", "pool.apply.returns"])


@pytest.mark.parametrize("clause", ["pool.apply.returns", "process.exitcode.exception"])
def test_the_code_of_the_specs_reaches_processes_that_only_get_the_environment(clause):
    """Their sys.path is that of a new interpreter in another directory."""
    control.require(on("launched"), [clause])
    found = findings("launched", clause)
    assert found.exercised[clause]
    assert not found.violated


@pytest.mark.parametrize("method", ["texts", "numbers"])
def test_processes_may_be_called_by_what_no_system_knows(method):
    """Actors tell their own numbers, so that a crew can be ended."""
    control.require(on(method), ["lock.acquire.takes", "pool.apply.returns"])
    found = findings(method, "lock.acquire.takes")
    assert found.exercised["lock.acquire.takes"]
    assert not found.violated
    assert not found.unknown


@pytest.mark.parametrize("method", ["texts", "numbers"])
def test_a_signal_that_cannot_be_sent_is_no_violation(method):
    found = findings(method, "process.exitcode.signal")
    assert not found.violated
    unknown = found.unknown["process.exitcode.signal"]
    assert unknown.reason.startswith(
        "conformance.stage.children.kill() of the harness raised ValueError: no process of "
    )


def test_a_failure_in_a_block_is_told_even_if_the_child_cannot_be_killed():
    """The number is what the clause is about: this is a violation, and not that of kill()."""
    found = findings("texts", "process.pid.started")
    (violation,) = found.violated["process.pid.started"]
    assert "node-1/job-" in violation.observed


def test_a_subject_that_runs_nothing_at_all_is_accused():
    """No control tells why it does not, and nothing of ours is missing there."""
    broken = Subject(probe(sys.executable, "support.faults:starts_nothing", (str(TESTS),)), "fork")
    control.require(broken, ["process.exitcode.exception"])
    found = Campaign(catalogue.entry("process"), broken, SMALL, 0).run(["process.exitcode.exception"])
    assert found.violated


def test_a_subject_whose_processes_run_elsewhere_is_refused():
    """They end as they should, and leave no sign on this machine."""
    remote = Subject(probe(sys.executable, "support.faults:runs_elsewhere", (str(TESTS),)), "fork")
    with pytest.raises(Unusable, match="its processes have no files in common with the one that starts them"):
        control.require(remote, ["process.exitcode.exception"])


def raised_by(function, *arguments):
    """The exception of a call."""
    try:
        function(*arguments)
    except BaseException as error:
        return error
    raise AssertionError("nothing was raised")


def test_an_exception_of_the_harness_is_told_from_one_of_the_subject():
    assert "kill() of the harness raised ValueError" in blame.explain_own(raised_by(children.kill, "job-1"))
    for number in (0, -1, 1 << 31, True, None, "1"):  # 0 and -1 would be whole groups of processes
        assert blame.explain_own(raised_by(children.kill, number))
    assert blame.explain_own(raised_by(int, "x")) == ""
    assert blame.explain_own(raised_by(children.module, SimpleNamespace(), "nowhere")) == ""
    gone = ModuleNotFoundError("No module named 'specs.locks'", name="specs.locks")
    assert "specs.locks cannot be imported" in blame.explain_own(gone)
    assert blame.explain_own(ModuleNotFoundError("No module named 'specsy'")) == ""


def test_an_exception_that_has_no_frame_of_the_subject_is_the_subjects():
    """Methods in C, missing ones, and calls that a method refuses are blamed on the subject, as ever."""
    for subject, op in ([], "pop"), ([], "nothing"), ([], "append"):
        _, _, seen = timed(plain(op), subject, (), {})
        assert seen.kind == "raised"


def test_a_call_that_fails_in_the_harness_is_not_judged():
    _, _, seen = timed(lambda obj: children.kill("job-1"), None, (), {})
    assert (seen.kind, "of the harness" in seen.text) == ("unjudged", True)


def test_what_a_call_of_a_script_says_of_the_harness_is_unknown():
    """A lock that asks the harness to end a process by a name."""
    broken = Subject(probe(sys.executable, "support.faults:kills_by_name", (str(TESTS),)), "fork")
    found = Campaign(catalogue.entry("lock"), broken, SMALL, 0).run(["lock.acquire.takes"])
    assert not found.violated
    (first, *_) = found.unknown.values()
    assert isinstance(first, Unknown)
    assert "kill() of the harness raised ValueError" in first.reason
