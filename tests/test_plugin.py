"""The plugin: ``pytest specs`` with pytest's own options and ours, in a process of its own."""

import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET

import pytest

from conformance import catalogue
from conformance.plugin import Refused, group_of, settle
from conformance.reporting.record import UNEXPECTED, VERDICTS, Record

TOP = catalogue.HERE.parent
FORK = ("--start-method", "fork")
CALM = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "FORCE_", "COLUMNS"))}

LIAR = '''
"""multiprocessing with a simple queue that cannot say whether it is empty, and does not close."""

import multiprocessing
from multiprocessing.queues import SimpleQueue

get_all_start_methods = multiprocessing.get_all_start_methods


class Lying(SimpleQueue):
    def empty(self):
        return None

    def close(self):
        raise RuntimeError("not today")


class Context:
    def __init__(self, real):
        self._real = real

    def __getattr__(self, name):
        if name == "_real":
            raise AttributeError(name)
        return getattr(self._real, name)

    def SimpleQueue(self):
        return Lying(ctx=self._real)


def get_context(method=None):
    return Context(multiprocessing.get_context(method))
'''
DEVIATIONS = """
[[deviation]]
clause = "simplequeue.close.closes"
observed = "raised builtins.RuntimeError('not today')"
implementation = "liar"
reason = "it is not in the mood"
issue = "unreported"

[[deviation]]
clause = "simplequeue.get.recreates"
observed = "anything"
reason = "there is no reason"
issue = "gh-0"
"""


def pytest_on(*arguments, specs=("specs",)):
    """Exit status and output of pytest, run from the top of the repository."""
    words = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *specs, *map(str, arguments)]
    done = subprocess.run(words, cwd=TOP, env=CALM, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return done.returncode, done.stdout


def collected(*arguments, specs=("specs",)):
    """The items that pytest collects."""
    status, out = pytest_on("--collect-only", "-q", *arguments, specs=specs)
    assert status == 0, out
    return [line.rpartition("::")[2] for line in out.splitlines() if "::" in line]


def items(*patterns, methods=("fork",)):
    """The items of the clauses of these patterns, in order of files and start methods."""
    chosen = catalogue.select(patterns)
    modules = dict.fromkeys(entry.module for entry in catalogue.entries())
    of = {module: [e.spec.name for e in catalogue.entries() if e.module == module] for module in modules}
    return [f"{n}[{m}]" for mod in modules for m in methods for n in chosen if n.partition(".")[0] in of[mod]]


def test_every_clause_is_an_item_for_every_start_method():
    methods = collected("--clause", "event.made")
    assert "event.made[spawn]" in methods
    assert collected() == items(methods=[item.split("[")[1][:-1] for item in methods])


def test_k_selects_by_name():
    assert collected(*FORK, "-k", "queue.put.full") == items("*queue.put.full")


def test_m_selects_by_class_and_start_method():
    assert collected("-m", "event and fork") == items("event.*")


def test_clause_and_start_method_select():
    chosen = collected("--clause", "event.set.*", "--clause", "lock.made", *FORK, "--start-method", "spawn")
    assert chosen == items("event.set.*", "lock.made", methods=("fork", "spawn"))


def test_a_start_method_that_is_named_twice_is_checked_once():
    assert collected("--clause", "event.made", *FORK, *FORK) == ["event.made[fork]"]


def test_a_file_and_an_item_can_be_named():
    assert collected(*FORK, specs=("specs/events.py",)) == items("event.*")
    assert collected(*FORK, specs=("specs/events.py::event.made[fork]",)) == ["event.made[fork]"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--clause", "queue.nope"), "No clause matches 'queue.nope'"),
        (("--clause", "queue.nope", "-n", "2"), "No clause matches 'queue.nope'"),
        (("--python", "python9.99"), "There is no interpreter 'python9.99'"),
        (("--start-method", "teleport"), "has no start method 'teleport'"),
        (("--implementation", "json"), "cannot import json"),
        (("--deviations", "missing.toml"), "missing.toml cannot be read"),
    ],
)
def test_what_makes_no_sense_is_a_usage_error_in_a_sentence(arguments, said):
    status, out = pytest_on(*arguments)
    assert status == pytest.ExitCode.USAGE_ERROR
    assert len(out.strip().splitlines()) == 1
    assert out.startswith("ERROR: ")
    assert said in out


def test_items_run_as_tests_do(tmp_path):
    """Here with two workers, a time limit, and a report for continuous integration."""
    clauses = ("--clause", "simplequeue.*", "--clause", "semaphore.acquire.*")
    path = tmp_path / "junit.xml"
    status, out = pytest_on(*clauses, *FORK, "-n", "2", "--timeout", "90", "--junitxml", path)
    assert status == 0, out
    assert "timeout: 90.0s" in out
    names = items("simplequeue.*", "semaphore.acquire.*")
    assert f"{len(names)} passed" in out
    cases = {case.get("name"): case for case in ET.parse(path).getroot().iter("testcase")}
    assert set(cases) == set(names)
    told = cases["simplequeue.put.stores[fork]"].find("properties/property[@name='conformance']").get("value")
    assert "'verdict': 'permitted'" in told


def test_a_run_that_takes_too_long_fails():
    status, out = pytest_on(
        "--clause", "simplequeue.put.stores", *FORK, "--timeout", "0.05", "-o", "timeout_func_only=1"
    )
    assert status == pytest.ExitCode.TESTS_FAILED
    assert "Timeout" in out


@pytest.fixture(scope="module")
def lied(tmp_path_factory):
    """The output of a run on an implementation that breaks clauses of simple queues, some knowingly."""
    path = tmp_path_factory.mktemp("lied")
    (path / "liar.py").write_text(LIAR)
    (path / "known.toml").write_text(DEVIATIONS)
    options = ["--implementation", "liar", "--implementation-path", path, "--deviations", path / "known.toml"]
    status, out = pytest_on(*options, "--clause", "simplequeue.*", *FORK, "-rA")
    assert status == pytest.ExitCode.TESTS_FAILED
    return out


def test_a_violated_clause_has_failed_and_tells_why(lied):
    assert "FAILED specs/simple_queues.py::simplequeue.empty.tells[fork]" in lied
    for part in (
        "simplequeue.empty.tells is violated by liar / ",
        "Promised: The call returns True without an object in the queue, and False with one.",
        "docs.python.org/3/library/multiprocessing.html#multiprocessing.SimpleQueue.empty",
        "Permits:  tells: returns True",
        "Observed: empty() returned None",
        "empty() -> None",
        "Again:    mpconform run --clause simplequeue.empty.tells --start-method fork --implementation liar",
    ):
        assert part in lied


def test_a_failure_has_no_traceback(lied):
    assert "Traceback" not in lied
    assert "plugin.py:" not in lied.split("short test summary info")[0]


def test_a_known_deviation_has_failed_as_expected(lied):
    assert re.search(r"XFAIL \S+::simplequeue\.close\.closes\[fork\] - unreported: it is not in the mood", lied)


def test_a_deviation_that_does_not_show_has_failed(lied):
    assert "FAILED specs/simple_queues.py::simplequeue.get.recreates[fork]" in lied
    assert "simplequeue.get.recreates is a known deviation of liar" in lied
    assert "(gh-0), and did not show in 1 tries" in lied


def test_an_unproven_clause_is_skipped(lied):
    """What could be seen only once a queue is closed is not put to the test."""
    assert re.search(r"SKIPPED \[1\] .*: unproven: no run has exercised the clause", lied)


def test_other_clauses_pass(lied):
    assert "PASSED specs/simple_queues.py::simplequeue.put.stores[fork]" in lied


@pytest.mark.skipif(sys.version_info >= (3, 14), reason="this version promises all clauses")
def test_a_clause_of_a_later_version_is_skipped():
    status, out = pytest_on("--clause", "lock.locked.*", *FORK, "-rs")
    assert status == 0
    assert re.search(r"SKIPPED \[1\] .*: not applicable: CPython 3\.\d+ does not promise this", out)


@pytest.mark.parametrize("verdict", VERDICTS)
def test_a_verdict_is_settled_as_pytest_has_it(verdict):
    record = Record("queue.made", "subject", verdict, message="why")
    if verdict in UNEXPECTED:
        with pytest.raises(Refused, match="^why$"):
            settle(record)
    elif verdict == "deviation":
        with pytest.raises(pytest.xfail.Exception, match="^why$"):
            settle(record)
    elif verdict != "permitted":
        with pytest.raises(pytest.skip.Exception, match=f"^{verdict}: why$"):
            settle(record)
    else:
        settle(record)


def test_items_of_a_campaign_share_a_group():
    names = ["queue.put.full[fork]", "queue.made[fork]", "queue.made[spawn]", "joinablequeue.put.full[fork]"]
    groups = [group_of(f"specs/queues.py::{name}") for name in names]
    assert groups == ["queue[fork]", "queue[fork]", "queue[spawn]", "joinablequeue[fork]"]
    assert group_of("queues.py::queue.made[CPython3.8.20-fork]") == "queue[CPython3.8.20-fork]"
