"""Adapters: how an implementation is found, what it claims, and which clauses apply to it."""

import sys
from dataclasses import replace
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
from runs import command, finished
from test_cli import executable, main, refused  # noqa: F401 - a fixture, too

from conformance import catalogue, needs
from conformance.driver import adapters
from conformance.driver.adapters import Choice, choose
from conformance.driver.applicability import applicable, applies, obstacle
from conformance.driver.subject import Unusable, probe, reason, subjects
from conformance.implementation import CAPABILITIES, EVERYTHING, claims

TESTS = Path(__file__).parent
CLAUSES = catalogue.clauses()
ADAPTER = """
from conformance.implementation import EVERYTHING, Implementation

implementation = Implementation("mine", package="multiprocessing", {options})
"""


@pytest.fixture
def adapter(tmp_path):
    """Writes an adapter of multiprocessing under another name."""

    def make(options="", source=ADAPTER):
        path = tmp_path / "mine.py"
        path.write_text(source.format(options=options) if source is ADAPTER else source)
        return str(path)

    return make


def here(name, file=None):
    """This interpreter with an implementation."""
    return probe(sys.executable, choose(name, file))


def applying(interpreter):
    """The names of the specs of which clauses apply."""
    return {
        e.spec.name for e in catalogue.entries() for c in e.spec.clauses.values() if applies(e.spec, c, interpreter)
    }


def test_every_documented_name_is_claimed_by_what_claims_everything():
    assert [name for name in CAPABILITIES if not claims(name, EVERYTHING)] == []


def test_a_name_stands_for_what_belongs_to_it_and_a_module_is_there_with_anything_in_it():
    assert claims("Queue.put", {"Queue"})
    assert claims("shared_memory.ShareableList.index", {"shared_memory"})
    assert claims("connection", {"connection.Client"})
    assert not claims("connection.Listener", {"connection.Client"})
    assert not claims("Queue", {"Queue.put"})
    assert not claims("Queue.close", {"Queue"}, {"Queue.close"})


@pytest.mark.parametrize("name", sorted(adapters.OURS))
def test_our_adapters_have_a_file_of_their_own(name):
    assert choose(name, None).file.endswith(f"/{adapters.OURS[name]}.py")


def test_a_name_without_an_adapter_is_a_package_that_claims_everything():
    assert choose("somewhere:else", None) == Choice("somewhere:else")
    assert choose(None, None) == Choice("multiprocessing")
    assert here(None).provides == EVERYTHING


def test_dummy_has_threads_for_processes_and_one_start_method():
    dummy = here("multiprocessing.dummy")
    assert (dummy.start_methods, dummy.threads) == (("threads",), True)
    assert applying(dummy) == {"barrier", "capability", "dummy", "dummyevent", "dummylock", "dummyqueue", "event"}
    assert "Lock" in dummy.unclaimed
    assert applicable(catalogue.entry("event"), dummy).spec.threads
    assert not catalogue.entry("event").spec.threads


def test_managers_claim_what_the_manual_promises_of_proxies():
    found = applying(here("multiprocessing.managers"))
    assert {"manager", "proxy", "managerqueue", "managerlock", "event", "barrier"} <= found
    assert not {"queue", "lock", "process", "pool", "guideline"} & found


def test_what_is_not_claimed_does_not_apply(adapter):
    mine = here(None, adapter('provides=EVERYTHING - {"shared_memory"}, lacks=frozenset(["Queue.close"])'))
    assert mine.implementation == "mine"
    assert "shared_memory.SharedMemory" in mine.unclaimed
    spec = catalogue.entry("sharedmemory").spec
    assert obstacle(spec, CLAUSES["sharedmemory.create.named"], mine) == (
        "mine does not claim shared_memory.SharedMemory.name"
    )
    queue = catalogue.entry("queue")
    assert not applies(queue.spec, CLAUSES["queue.close.closes"], mine)
    reduced = applicable(queue, mine).spec
    assert set(queue.spec.operations) - set(reduced.operations) == {"close"}
    assert not any("close" in str(pinned) for pinned in reduced.pinned)
    assert reduced.clauses == queue.spec.clauses
    assert {name for name, clause in reduced.clauses.items() if applies(reduced, clause, mine)} == {
        name for name, clause in reduced.clauses.items() if applies(queue.spec, clause, mine)
    }


def test_calls_of_later_versions_are_in_no_script():
    old = replace(here(None), version=(3, 8, 18))
    reduced = applicable(catalogue.entry("lock"), old).spec
    assert "locked" in catalogue.entry("lock").spec.operations
    assert "locked" not in reduced.operations
    assert not any("locked" in str(pinned) for pinned in reduced.pinned)


@pytest.mark.parametrize(
    ("clause", "promised", "used"),
    [
        ("queue.put.full", "Queue.put", {"Queue"}),
        ("event.wait.waits", "Event", {"Event"}),
        ("queue.close.flushes", "Queue.close", {"Queue", "SimpleQueue"}),
        ("shareablelist.index.first", "shared_memory.ShareableList.index", {"shared_memory.ShareableList"}),
        ("barrier.action.called", "Barrier", {"Barrier", "sharedctypes.RawValue"}),
        ("guideline.zombies.active-children", "active_children", {"active_children"}),
    ],
)
def test_what_a_clause_needs_is_read_from_its_spec(clause, promised, used):
    spec = catalogue.owner(clause).spec
    assert needs.promising(spec, CLAUSES[clause]) == promised
    assert used <= needs.beyond(spec, CLAUSES[clause])


def test_everything_that_clauses_need_is_documented():
    found = {name for e in catalogue.entries() for c in e.spec.clauses.values() for name in needs.beyond(e.spec, c)}
    assert found <= set(CAPABILITIES) | EVERYTHING


def test_what_is_claimed_and_absent_is_a_violation_and_what_is_there_is_told():
    options = ("--adapter", TESTS / "partial/adapter.py", "--implementation-path", TESTS)
    status, out, err = finished(command("run", *options, "--clause", "capability.*", "-n", "0", "--shrink", "0"))
    assert (status, err) == (1, "")
    assert "capability.barrier is violated by partial / " in out
    assert "multiprocessing.Barrier is claimed, and is not there" in out
    assert "also has what it does not claim: Lock" in out
    assert out.splitlines()[-1].endswith("1 violated")
    assert f"--adapter {options[1]}" in out


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("implementation = 'mine'", "binds no Implementation to the name 'implementation'"),
        ("x = (", "cannot be imported: SyntaxError"),
        ("import nowhere_at_all", "cannot be imported: No module named 'nowhere_at_all'"),
        (ADAPTER.format(options="provides=frozenset(['Queues'])"), "names what multiprocessing does not have: Queues"),
        (ADAPTER.format(options="").replace("'multiprocessing'", "'x'").replace('"multiprocessing"', '"nowhere"'),
         "cannot import mine: No module named 'nowhere'"),
    ],
)  # fmt: skip
def test_a_broken_adapter_is_refused_in_a_sentence(capsys, adapter, source, said):
    refused(main(capsys, "run", "--adapter", adapter(source=source)), said)


def test_an_adapter_that_is_missing_or_for_something_else_is_refused(capsys, adapter):
    refused(main(capsys, "run", "--adapter", "missing.py"), "The adapter missing.py is no file")
    refused(main(capsys, "smoke", "--adapter", adapter(), "--implementation", "other"), "is for mine, not for other")


def test_a_registered_adapter_is_found_by_its_name(monkeypatch, adapter, tmp_path):
    """A distribution registers a module, which is found and not imported."""
    file = adapter(source="raise SystemExit('imported by the driver')")
    point = EntryPoint("mine", "mine", adapters.GROUP)
    monkeypatch.setattr(adapters, "entry_points", lambda group, name: [point] if name == point.name else [])
    monkeypatch.syspath_prepend(tmp_path)
    assert choose("mine", None) == Choice("mine", file)
    monkeypatch.setattr(point.__class__, "module", "not_there", raising=False)
    with pytest.raises(Unusable, match="The adapter of mine, which is registered as not_there, is no file"):
        choose("mine", None)


def test_a_start_method_that_an_implementation_does_not_have_is_refused():
    with pytest.raises(Unusable, match="has no start method 'fork': threads"):
        subjects(here("multiprocessing.dummy"), ("fork",))


BROKEN = {
    "raise ImportError('not built')": "has no working _multiprocessing module: not built",
    "flags = {}": "cannot make semaphores, being built without: ",
    "class SemLock:\n    SEM_VALUE_MAX = 1\n    def __init__(self, *a): raise OSError(38, 'not implemented')\n"
    "sem_unlink = None\nflags = {}": "cannot make semaphores: OSError: [Errno 38] not implemented",
}


@pytest.mark.parametrize(("source", "said"), BROKEN.items())
def test_an_interpreter_without_semaphores_is_refused_in_a_sentence(capsys, tmp_path, source, said):
    (tmp_path / "_multiprocessing.py").write_text(source)
    refused(main(capsys, "run", "--implementation-path", tmp_path), sys.executable, said)


def test_an_interpreter_that_is_broken_at_import_is_refused_with_its_error(capsys, executable, tmp_path):  # noqa: F811
    (tmp_path / "json.py").write_text("raise RuntimeError('the library is broken')")
    path = executable(f'#!/bin/sh\nPYTHONPATH={tmp_path} exec {sys.executable} "$@"\n')
    refused(main(capsys, "run", "--python", path), "RuntimeError: the library is broken")


def test_the_line_that_speaks_of_an_error_is_the_reason():
    import subprocess

    said = "Fatal Python error: no codec\nModuleNotFoundError: No module named 'encodings'\n\nno Python frame\n"
    assert reason(subprocess.CompletedProcess([], 1, "", said)) == "ModuleNotFoundError: No module named 'encodings'"
    assert reason(subprocess.CompletedProcess([], -11, "", "")) == "killed by signal 11"
