"""Verdicts as pytest shows them: failed without a traceback, skipped with a reason, or failed as expected."""

import re
import sys

import pytest
from support.overlays import LIAR
from support.runs import pytest_on

from conformance.checking.record import UNEXPECTED, VERDICTS, Record
from conformance.plugin.items import ClauseFailed, settle

FORK = ("--start-method", "fork")

DEVIATIONS = """
[[deviation]]
name = "not-in-the-mood"
clause = "simplequeue.close.closes"
observed = "raised builtins.RuntimeError('not today')"
implementations = ["liar"]
reason = "it is not in the mood"
issue = "gh-3"

[[deviation]]
name = "never-seen"
clause = "simplequeue.get.recreates"
observed = "anything"
reason = "there is no reason"
issue = "gh-0"
"""


@pytest.fixture(scope="module")
def lied(tmp_path_factory):
    """The output of a run on an implementation that breaks clauses of simple queues, some knowingly."""
    path = tmp_path_factory.mktemp("lied")
    (path / "liar.py").write_text(LIAR)
    (path / "known.toml").write_text(DEVIATIONS)
    options = ["--implementation", "liar", "--implementation-path", path, "--deviations", path / "known.toml"]
    clauses = ("put.stores", "get.*", "empty.*", "close.*")
    chosen = [word for clause in clauses for word in ("--clause", f"simplequeue.{clause}")]
    status, out = pytest_on(*options, *chosen, *FORK, "-rA", "--shrink", "0", specs=("specs/queues/simple.py",))
    assert status == pytest.ExitCode.TESTS_FAILED
    return out


def test_item_of_a_violated_clause_fails_with_its_message(lied):
    assert "FAILED specs/queues/simple.py::simplequeue.empty.tells[fork]" in lied
    for part in (
        "simplequeue.empty.tells is violated by liar / ",
        "Promised: empty() returns True if the queue is empty, and False otherwise.",
        "docs.python.org/3/library/multiprocessing.html#multiprocessing.SimpleQueue.empty",
        "Permits:  tells: returns ",
        "Observed: empty() returned None",
        "-> None",
        "Again:    mpconform run --clause simplequeue.empty.tells --start-method fork --implementation liar",
    ):
        assert part in lied


def test_item_that_fails_has_no_traceback(lied):
    assert "Traceback" not in lied
    assert "items.py:" not in lied.split("short test summary info")[0]


def test_item_of_a_known_deviation_fails_as_expected(lied):
    assert re.search(r"XFAIL \S+::simplequeue\.close\.closes\[fork\] - gh-3: it is not in the mood", lied)


def test_item_of_a_deviation_that_does_not_occur_fails(lied):
    assert "FAILED specs/queues/simple.py::simplequeue.get.recreates[fork]" in lied
    assert "simplequeue.get.recreates is a known deviation of liar" in lied
    assert re.search(r"\(gh-0\), and did not show in 3 replays of its witness, nor in any of", lied)


def test_item_of_an_unproven_clause_is_skipped(lied):
    """What could be seen only once a queue is closed is not put to the test."""
    assert re.search(r"SKIPPED \[1\] .*: unproven: no run has exercised the clause", lied)


def test_item_of_a_clause_that_holds_passes(lied):
    assert "PASSED specs/queues/simple.py::simplequeue.put.stores[fork]" in lied


@pytest.mark.skipif(sys.version_info >= (3, 14), reason="this version promises all clauses")
def test_item_of_a_clause_of_a_later_version_is_skipped():
    status, out = pytest_on("--clause", "lock.locked.*", *FORK, "-rs", specs=("specs/synchronization/locks.py",))
    assert status == 0
    assert re.search(r"SKIPPED \[1\] .*: not applicable: CPython 3\.\d+ does not promise this", out)


@pytest.mark.parametrize("verdict", VERDICTS)
def test_settle_translates_each_verdict_to_pytest(verdict):
    record = Record("queue.made", "subject", verdict, message="why")
    if verdict in UNEXPECTED:
        with pytest.raises(ClauseFailed, match=r"^why$"):
            settle(record)
    elif verdict == "deviation":
        with pytest.raises(pytest.xfail.Exception, match=r"^why$"):
            settle(record)
    elif verdict != "holds":
        with pytest.raises(pytest.skip.Exception, match=f"^{verdict}: why$"):
            settle(record)
    else:
        settle(record)
