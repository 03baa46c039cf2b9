"""The plugin: ``pytest specs`` with pytest's own options and ours, in a process of its own."""

import sys
import xml.etree.ElementTree as ET

import pytest
from support.runs import pytest_on

from conformance import catalogue
from conformance.plugin.collection import group_of
from conformance.subjects.subject import probe

FORK = ("--start-method", "fork")
EVENTS, LOCKS = "specs/synchronization/events.py", "specs/synchronization/locks.py"
TIMEOUTS, SIMPLE = "specs/synchronization/timeouts.py", "specs/queues/simple.py"


def collected(*arguments, specs=("specs",)):
    """The items that pytest collects."""
    status, out = pytest_on("--collect-only", "-q", *arguments, specs=specs)
    assert status == 0, out
    return [line.rpartition("::")[2] for line in out.splitlines() if "::" in line]


def items(*patterns, methods=("fork",)):
    """The items of the clauses of these patterns, in order of files and start methods."""
    homes = {name: catalogue.home(catalogue.owner(name), clause) for name, clause in catalogue.select(patterns).items()}
    return [f"{n}[{m}]" for module in sorted(set(homes.values())) for m in methods for n in homes if homes[n] == module]


def test_collection_has_an_item_for_every_clause_and_start_method():
    assert collected() == items(methods=probe(sys.executable).start_methods)


def test_option_k_selects_by_name():
    named = ("specs/queues/joinable.py", LOCKS, "specs/queues/queues.py")
    assert collected(*FORK, "-k", "queue.put.full", specs=named) == items("queue.put.full", "joinablequeue.put.full")


def test_option_m_selects_by_class_and_start_method():
    assert collected("-m", "event and fork", specs=(EVENTS, LOCKS, TIMEOUTS)) == items("event.*")


def test_options_clause_and_start_method_select():
    clauses = ("--clause", "event.set.*", "--clause", "lock.made")
    chosen = collected(*clauses, *FORK, "--start-method", "spawn", specs=(EVENTS, LOCKS))
    assert chosen == items("event.set.*", "lock.made", methods=("fork", "spawn"))


def test_option_start_method_given_twice_counts_once():
    assert collected("--clause", "event.made", *FORK, *FORK, specs=(EVENTS,)) == ["event.made[fork]"]


def test_collection_accepts_a_file_and_an_item():
    named = collected(*FORK, specs=(SIMPLE, f"{EVENTS}::event.made[fork]"))
    assert named == [*items("simplequeue.*"), "event.made[fork]"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--clause", "queue.nope"), "No clause matches 'queue.nope'"),
        (("--clause", "queue.nope", "-n", "2"), "No clause matches 'queue.nope'"),
        (("--python", "python9.99"), "There is no interpreter 'python9.99'"),
        (("--deviations", "missing.toml"), "missing.toml cannot be read"),
    ],
)
def test_collection_refuses_what_makes_no_sense_in_a_sentence(arguments, said):
    status, out = pytest_on(*arguments)
    assert status == pytest.ExitCode.USAGE_ERROR
    assert len(out.strip().splitlines()) == 1
    assert out.startswith("ERROR: ")
    assert said in out


def test_items_run_as_tests_do(tmp_path):
    """Here with two workers, a time limit, and a report for continuous integration."""
    clauses = ("--clause", "simplequeue.put.stores", "--clause", "simplequeue.get.*", "--clause", "message.object.*")
    path = tmp_path / "junit.xml"
    options = ("-n", "2", "--timeout", "90", "--profile", "sample", "--junitxml", path)
    status, out = pytest_on(
        *clauses, *FORK, *options, specs=("specs/queues/simple.py", "specs/connections/messages.py")
    )
    assert status == 0, out
    assert "timeout: 90.0s" in out
    names = items("simplequeue.put.stores", "simplequeue.get.*", "message.object.*")
    assert f"{len(names)} passed" in out
    cases = {case.get("name"): case for case in ET.parse(path).getroot().iter("testcase")}
    assert set(cases) == set(names)
    told = cases["simplequeue.put.stores[fork]"].find("properties/property[@name='conformance']").get("value")
    assert "'verdict': 'holds'" in told


def test_item_fails_at_its_time_limit():
    options = ("--clause", "simplequeue.put.stores", *FORK, "--timeout", "0.05")
    status, out = pytest_on(*options, specs=("specs/queues/simple.py",))
    assert status == pytest.ExitCode.TESTS_FAILED
    assert "Timeout" in out


def test_group_of_is_shared_by_items_of_a_campaign():
    names = ["queue.put.full[fork]", "queue.made[fork]", "queue.made[spawn]", "joinablequeue.put.full[fork]"]
    groups = [group_of(f"specs/queues/queues.py::{name}") for name in names]
    assert groups == ["queue[fork]", "queue[fork]", "queue[spawn]", "joinablequeue[fork]"]
    assert group_of("queues.py::queue.made[CPython3.8.20-fork]") == "queue[CPython3.8.20-fork]"
