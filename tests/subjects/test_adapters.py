"""Adapters: how an implementation is found, what it claims, and which clauses apply to it."""

import sys
from dataclasses import replace
from importlib.metadata import EntryPoint

import pytest
from support.runs import TESTS, command, finished, main, refused

from conformance import catalogue
from conformance.reproduction.body import NoReproducer
from conformance.reproduction.reproducer import written_for
from conformance.subjects import adapters, needs
from conformance.subjects.adapters import Choice, choose
from conformance.subjects.applicability import applicable, applies, obstacle
from conformance.subjects.subject import Unusable, probe, reason, subjects
from conformance.vocabulary.capabilities import CAPABILITIES, EVERYTHING, claims

CLAUSES = catalogue.clauses()
ADAPTER = """
from conformance.implementation import EVERYTHING, Implementation

implementation = Implementation("mine", package="multiprocessing", {options})
"""
FORK = "start_methods=('fork',)"
UNPICKLABLE = """
import multiprocessing
from conformance.implementation import Implementation

class Overlay:
    def __init__(self, start_method):
        self.context = multiprocessing.get_context(start_method)

    def __getattr__(self, name):
        return getattr(self.context, name)

implementation = Implementation("mine", "multiprocessing", bind=Overlay, start_methods=("fork", "spawn"))
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


def test_claims_everything_that_is_documented():
    assert [name for name in CAPABILITIES if not claims(name, EVERYTHING)] == []


def test_claims_what_belongs_to_a_name_and_a_module_with_anything_in_it():
    assert claims("Queue.put", {"Queue"})
    assert claims("shared_memory.ShareableList.index", {"shared_memory"})
    assert claims("connection", {"connection.Client"})
    assert not claims("connection.Listener", {"connection.Client"})
    assert not claims("Queue", {"Queue.put"})
    assert not claims("Queue.close", {"Queue"}, {"Queue.close"})


@pytest.mark.parametrize("name", sorted(adapters.OURS))
def test_adapters_of_ours_have_files_of_their_own(name):
    assert choose(name, None).file.endswith(f"/{adapters.OURS[name]}.py")


def test_choose_takes_a_name_without_an_adapter_as_a_package():
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


def test_obstacle_names_what_is_not_claimed(adapter):
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
    assert not any("close" in str(pinned.rounds) for pinned in reduced.pinned)
    assert reduced.clauses == queue.spec.clauses
    assert {name for name, clause in reduced.clauses.items() if applies(reduced, clause, mine)} == {
        name for name, clause in reduced.clauses.items() if applies(queue.spec, clause, mine)
    }


def test_applicable_spec_makes_no_calls_of_later_versions():
    old = replace(here(None), version=(3, 8, 18))
    reduced = applicable(catalogue.entry("lock"), old).spec
    assert "locked" in catalogue.entry("lock").spec.operations
    assert "locked" not in reduced.operations
    assert not any("locked" in str(pinned.rounds) for pinned in reduced.pinned)


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
def test_needs_are_read_from_the_spec_of_a_clause(clause, promised, used):
    spec = catalogue.owner(clause).spec
    assert needs.promising(spec, CLAUSES[clause]) == promised
    assert used <= needs.beyond(spec, CLAUSES[clause])


def test_needs_are_documented_names():
    found = {name for e in catalogue.entries() for c in e.spec.clauses.values() for name in needs.beyond(e.spec, c)}
    assert found <= set(CAPABILITIES) | EVERYTHING | needs.START_METHODS | {needs.PROGRAM}


def test_everything_can_lose_a_part_of_a_module():
    but_one = EVERYTHING - {"managers.SharedMemoryManager", "shared_memory", "Lock"}
    lost = {"managers.SharedMemoryManager", "shared_memory.SharedMemory", "shared_memory.ShareableList", "Lock"}
    assert {name for name in CAPABILITIES if not claims(name, but_one)} == lost
    assert but_one - {"Lock"} == but_one
    for none in (but_one - {"managers"}, EVERYTHING - {"managers", "managers.SharedMemoryManager"}):
        assert not any(claims(name, none) for name in CAPABILITIES if name.startswith("managers."))


def test_programs_apply_where_they_can_import_what_is_checked(adapter):
    """Otherwise they would check something else: what the package is without the code of its adapter."""
    overlay = UNPICKLABLE.replace('"fork", "spawn"', '"fork",')
    program = overlay.replace("bind=Overlay", "bind=Overlay, program='import multiprocessing as mp'")
    name = "lifetime.exit.joins"
    spec = catalogue.owner(name).spec
    assert needs.PROGRAM in needs.beyond(spec, CLAUSES[name])
    unimportable = obstacle(spec, CLAUSES[name], here(None, adapter(source=overlay)))
    assert unimportable.startswith("the adapter of mine has no program=")
    probe.cache_clear()
    assert applies(spec, CLAUSES[name], here(None, adapter(source=program)))


def test_clause_of_a_start_method_applies_where_it_exists(adapter):
    """Read from the text of the scenario, from that of its program, or said."""
    forked = here(None, adapter('start_methods=("fork",)'))
    for name in "context.forkserver.server", "context.set_executable.starts", "guideline.main.unguarded":
        spec = catalogue.owner(name).spec
        assert obstacle(spec, CLAUSES[name], here(None)) == ""
        assert obstacle(spec, CLAUSES[name], forked).startswith("mine has no start method ")
    assert applies(catalogue.owner("context.fork.inherits").spec, CLAUSES["context.fork.inherits"], forked)


def test_capabilities_report_what_is_claimed_and_absent_or_unclaimed_and_there():
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
        ("implementation = 'mine'", "does not bind the name 'implementation' to an Implementation"),
        ("x = (", "cannot be imported: SyntaxError in line 1: "),
        ("import sys; sys.exit(0)", "mine.py cannot be imported: SystemExit: 0"),
        ("import nowhere_at_all", "cannot be imported: No module named 'nowhere_at_all'"),
        (ADAPTER.format(options="provides=frozenset(['Queues'])"), "names 'Queues': no documented name is 'Queues'"),
        (ADAPTER.format(options="provides=frozenset(['Pool'])"), "name is 'Pool' (did you mean pool.Pool?)."),
        (ADAPTER.format(options="provides=frozenset(['multiprocessing.Lock'])"), "leave out 'multiprocessing.'"),
        (ADAPTER.format(options="provides=frozenset(['Queue.put'])"), "a part of Queue; parts are named in lacks"),
        (ADAPTER.format(options="provides=EVERYTHING - {'Pool'}"), "ValueError: 'Pool' cannot be taken away: no docu"),
        (ADAPTER.format(options="lacks=frozenset(['Queue.join_tread'])"), "lacks Queue.join_tread, which no clause is"),
        (ADAPTER.format(options="provides=frozenset(['managers.SyncManger'])"), "mean managers.SyncManager?)"),
        (ADAPTER.format(options="borrows=['Queue']"), "declares borrows as something other than a frozenset of str"),
        (ADAPTER.format(options="provides=frozenset([1])"), "declares provides as something other than a frozenset"),
        (ADAPTER.format(options="start_methods=('fork')"), "declares start_methods as something other than a tuple of"),
        (ADAPTER.format(options="submodules='.foo'"), "submodules='.foo', which cannot be imported: TypeError: "),
        (ADAPTER.format(options="program='import os; os._exit(3)'"), "bind the API to the name mp: exit status 3"),
        (ADAPTER.format(options="start_methods=('spwn',)"), "mine.py fails: get_context('spwn') raises ValueError: "),
        (ADAPTER.format(options=f"bind=print, {FORK}"),
         "mine.py fails: bind('fork') returns None, which has no Process"),
        (ADAPTER.format(options=f"bind=lambda m: __import__('types').SimpleNamespace(Process=1), {FORK}"),
         "bind('fork') returns something of type SimpleNamespace, which is not hashable"),
        (ADAPTER.format(options="").replace("'multiprocessing'", "'x'").replace('"multiprocessing"', '"nowhere"'),
         "cannot import nowhere, the package of mine: No module named 'nowhere'"),
        (ADAPTER.format(options="submodules='multiprocesing'"), "submodules='multiprocesing', which cannot be imp"),
        (ADAPTER.format(options="program='import multiprocesing as mp'"), ": No module named 'multiprocesing'."),
        (ADAPTER.format(options="program='import multiprocessing'"), "to the name mp: NameError: name 'mp' is "),
        (ADAPTER.format(options="").replace('"multiprocessing"', '"json"'),
         "finds no API of multiprocessing in mine: AttributeError: "),
        (ADAPTER.format(options="bind=print").replace('"multiprocessing"', '"json"'),
         "; without get_all_start_methods(), an adapter must declare start_methods"),
        (ADAPTER.format(options="inherits='cpython'"), "inherits from cpython, which is not one of multiprocessing, "),
        (ADAPTER.format(options="inherits=('billiard',)"), "declares inherits as something other than a string"),
        (UNPICKLABLE, "mine.py fails: bind('spawn') returns something of type Overlay, which cannot be pickled "),
    ],
)  # fmt: skip
def test_run_refuses_a_broken_adapter_in_a_sentence(capsys, adapter, source, said):
    refused(main(capsys, "run", "--adapter", adapter(source=source)), said)


def test_what_is_never_passed_to_processes_need_not_be_pickled(adapter):
    """Whoever claims nothing but pools may bind whatever has them."""
    source = UNPICKLABLE.replace("bind=Overlay", "bind=Overlay, provides=frozenset(['pool.Pool'])")
    assert here(None, adapter(source=source)).start_methods == ("fork", "spawn")


def test_run_refuses_an_adapter_that_is_missing_or_for_something_else(capsys, adapter):
    refused(main(capsys, "run", "--adapter", "missing.py"), "The adapter missing.py is not a file")
    refused(main(capsys, "smoke", "--adapter", adapter(), "--implementation", "other"), "is for mine, not for other")
    refused(
        main(capsys, "run", "--implementation", "lokky"), "No module named 'lokky'. There are adapters for billiard"
    )


def test_choose_finds_a_registered_adapter_by_its_name(monkeypatch, adapter, tmp_path):
    """A distribution registers a module, which is found and not imported."""
    file = adapter(source="raise SystemExit('imported by the driver')")
    point = EntryPoint("mine", "mine", adapters.GROUP)
    monkeypatch.setattr(adapters, "entry_points", lambda group, name: [point] if name == point.name else [])
    monkeypatch.syspath_prepend(tmp_path)
    assert choose("mine", None) == Choice("mine", file)
    monkeypatch.setattr(point.__class__, "module", "not_there", raising=False)
    with pytest.raises(Unusable, match="The adapter of mine, which is registered as not_there, is not a file"):
        choose("mine", None)


def test_subjects_refuses_a_start_method_that_the_implementation_lacks():
    with pytest.raises(Unusable, match="has no start method 'fork'; it has threads"):
        subjects(here("multiprocessing.dummy"), ("fork",))


BROKEN = {
    "raise ImportError('not built')": "has no working _multiprocessing module: not built",
    "flags = {}": "cannot create semaphores, since it was built without them: ",
    "class SemLock:\n    SEM_VALUE_MAX = 1\n    def __init__(self, *a): raise OSError(38, 'not implemented')\n"
    "sem_unlink = None\nflags = {}": "cannot create semaphores: OSError: [Errno 38] not implemented",
}


@pytest.mark.parametrize(("source", "said"), BROKEN.items())
def test_run_refuses_an_interpreter_without_semaphores_in_a_sentence(capsys, tmp_path, source, said):
    (tmp_path / "_multiprocessing.py").write_text(source)
    refused(main(capsys, "run", "--implementation-path", tmp_path), sys.executable, said)


def test_run_refuses_an_interpreter_that_fails_at_import_with_its_error(capsys, executable, tmp_path):
    (tmp_path / "json.py").write_text("raise RuntimeError('the library is broken')")
    path = executable(f'#!/bin/sh\nPYTHONPATH={tmp_path} exec {sys.executable} "$@"\n')
    refused(main(capsys, "run", "--python", path), "RuntimeError: the library is broken")


def test_reason_is_the_line_about_an_error():
    import subprocess

    said = "Fatal Python error: no codec\nModuleNotFoundError: No module named 'encodings'\n\nno Python frame\n"
    assert reason(subprocess.CompletedProcess([], 1, "", said)) == "ModuleNotFoundError: No module named 'encodings'"
    assert reason(subprocess.CompletedProcess([], -11, "", "")) == "killed by signal 11"


ELSEWHERE = """
from conformance.implementation import Implementation

implementation = Implementation(
    "elsewhere", package="partial", context="multiprocessing", submodules="multiprocessing", start_methods=("fork",)
)
"""


def test_adapter_says_where_contexts_and_submodules_are(capsys, adapter):
    """Without a function of its own, so that its violations have scripts."""
    file = adapter(source=ELSEWHERE)
    options = ("--adapter", file, "--implementation-path", str(TESTS), "--clause", "lock.acquire.takes")
    assert main(capsys, "run", *options, "--clause", "sharedmemory.create.named", "-n", "0")[0] == 0
    found = written_for(probe(sys.executable, choose(None, file), (str(TESTS),)))
    assert (found.name, found.modules, found.has_submodules) == ("multiprocessing", "multiprocessing", True)


@pytest.mark.parametrize(
    ("options", "said"),
    [("bind=print", "with its own code"), ('submodules="other"', "its submodules are elsewhere")],
)
def test_written_for_refuses_what_only_an_adapter_can_import(adapter, options, said):
    interpreter = replace(here(None), adapter=adapter(f'{options}, context="a:b"'))
    with pytest.raises(NoReproducer, match=said):
        written_for(interpreter)


def test_adapters_in_contributing_are_whole(adapter, tmp_path):
    """With a package of that name, they are usable as they are printed."""
    shown = (TESTS.parent / "CONTRIBUTING.md").read_text().partition("### …an implementation")[2]
    claiming, overlay = (part.partition("```")[0] for part in shown.split("```python\n")[1:3])
    package = tmp_path / "fastmp"
    package.mkdir()
    (package / "__init__.py").write_text("def Queue(maxsize=0): 'ours'")
    (package / "contexts.py").write_text("from multiprocessing import get_context")
    found = probe(sys.executable, choose(None, adapter(source=claiming)), (str(tmp_path),))
    assert (found.implementation, found.start_methods) == ("fastmp", ("fork", "spawn"))
    assert "Event" in found.unclaimed
    (tmp_path / "overlay.py").write_text(overlay)
    found = probe(sys.executable, choose(None, str(tmp_path / "overlay.py")), (str(tmp_path),))
    assert (found.implementation, found.start_methods) == ("fastmp", ("fork", "spawn", "forkserver"))


def test_overlay_in_contributing_can_be_passed_to_processes(adapter, capsys, tmp_path):
    """Scenarios whose children start processes of their own do so by spawn, too."""
    source = (TESTS.parent / "CONTRIBUTING.md").read_text().split("```python\n")[-1].partition("```")[0]
    assert "class Overlay" in source
    (tmp_path / "fastmp.py").write_text("def Queue(maxsize=0): 'ours'")
    options = ("--adapter", adapter(source=source), "--implementation-path", tmp_path, "--start-method", "spawn")
    status, out, _ = main(capsys, "run", *options, "--clause", "lifetime.terminate.orphans", "-n", "0", "--shrink", "0")
    assert (status, "1 verdicts: 1 holds" in out) == (0, True), out


MENDING = """
    def Semaphore(self, value=1):
        if value < 0:
            raise ValueError("negative")
        return self.context.Semaphore(value)
"""


@pytest.mark.parametrize(
    ("mended", "inherits", "said"),
    [(False, "", "1 violated"), (False, "multiprocessing", "1 deviation"), (True, "multiprocessing", "1 holds")],
)
def test_inherited_deviations_occur_or_are_mended(capsys, adapter, mended, inherits, said):
    """An unexpected pass would be news of somebody else's code."""
    source = UNPICKLABLE.replace('"fork", "spawn"', f'"fork",), inherits=("{inherits}"')
    source = source.replace("\nimplementation =", MENDING * mended + "\nimplementation =")
    options = ("--adapter", adapter(source=source), "--clause", "semaphore.negative", "-n", "0", "--shrink", "0")
    status, out, _ = main(capsys, "run", *options)
    assert f"1 verdicts: {said}" in out
    assert status == int("violated" in said)


ITS_OWN_REPLICA = """
import importlib, multiprocessing
from conformance.implementation import Implementation

def submodule(mp, name):
    return mp if name == "dummy" else importlib.import_module("multiprocessing." + name)

implementation = Implementation("itself", package="multiprocessing", submodule=submodule, start_methods=("fork",))
"""


def test_multiprocessing_is_a_replica_of_itself(capsys, adapter):
    """What is asked of multiprocessing.dummy is no more than what multiprocessing has."""
    options = ("--adapter", adapter(source=ITS_OWN_REPLICA), "--clause", "dummy.replica.*", "-n", "0")
    status, out, _ = main(capsys, "run", *options)
    asked = sum(name.startswith("dummy.replica.") for name in CLAUSES)
    assert (status, f"{asked} verdicts: {asked} holds" in out) == (0, True), out
