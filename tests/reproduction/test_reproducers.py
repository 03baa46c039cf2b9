"""Reproducers: they show the bug where it is, and nothing where it is not, on their own."""

import ast
import subprocess
import sys
from dataclasses import replace
from functools import cache

import pytest
from support import honesty
from support.hunting import MUTANTS, SMALL, known, promised, subject

from conformance import catalogue
from conformance.checking.findings import Violation
from conformance.checking.script import Script
from conformance.checking.witness import Witness
from conformance.driver.campaign import Campaign
from conformance.generation.strategies import arguments, draw_many
from conformance.reproduction import frame
from conformance.reproduction.body import DIES, HANGS, WRONG, Body, ImportPath, NoReproducer, Promise
from conformance.reproduction.from_spec import stream
from conformance.reproduction.measure import measure
from conformance.reproduction.names import undefined
from conformance.reproduction.reproducer import TIMES, body_of, promise_of, reproduce
from conformance.subjects.subject import Subject, probe

REAL = probe(sys.executable)
PLAIN = ImportPath("multiprocessing")
MANUAL = "https://docs.python.org/3/"
PROMISE = Promise("a.b", "It is so.", "multiprocessing.Lock", MANUAL, "It is not.", "CPython", "fork")
TOLD = {name: clause for name, clause in catalogue.clauses().items() if clause.kind in ("scenario", "law", "object")}
UNTOLD = {"managercondition.progress"}  # its stream is another spec's, shortened


@cache
def violated(name: str) -> Violation:
    """A violation as a campaign might find it."""
    entry = catalogue.owner(name)
    scenario = entry.spec.scenarios.get(name)
    streams = (s.domains for s in entry.spec.streams.values() if name.partition(".")[2] in s.laws)
    domains = scenario.domains if scenario else next(streams, entry.spec.domains)
    return Violation(Witness(name, arguments=draw_many(arguments(domains), 1, 0)[0]), "", "something else")


def script(name: str, implementation: ImportPath = PLAIN) -> str:
    """The reproducer of a violation of a clause that the real implementation keeps."""
    entry = catalogue.owner(name)
    body = body_of(entry, violated(name), implementation)
    return frame.standalone(body, promise_of(entry, violated(name), Subject(REAL, "fork")), implementation)


def tellable() -> list[str]:
    """The clauses for which there is a script of their own; threads of the harness play the others."""
    others = (e.spec for e in catalogue.entries() if not e.spec.claims)
    made_elsewhere = {name for spec in others for name, s in spec.scenarios.items() if is_local(s.run)}
    untold = UNTOLD | made_elsewhere
    return [name for name in TOLD if name not in untold and not catalogue.owner(name).spec.threads]


def is_local(function) -> bool:
    """Whether a function is made by another one."""
    return "<locals>" in function.__qualname__


# Slow: of a thousand clauses, the script is written and compiled several times over.
SOME = [pytest.param(9, id="some"), pytest.param(1, id="all", marks=pytest.mark.slow)]


@pytest.mark.parametrize("step", SOME)
@pytest.mark.parametrize(
    "implementation",
    [
        PLAIN,
        ImportPath("mutants.queues.queues:capacity_plus_one"),
        ImportPath("loky.backend", "multiprocessing", heading="import loky.backend\nimport multiprocessing as mp"),
    ],
    ids=lambda implementation: implementation.address,
)
def test_scripts_are_whole_and_run_on_the_oldest_python(implementation, step):
    for name in tellable()[::step]:
        source = script(name, implementation)
        ast.parse(source, feature_version=(3, 8))
        assert undefined(source) == frozenset(), name
        assert "import conformance" not in source, name
        assert "from conformance" not in source, name


@pytest.mark.parametrize("step", SOME)
def test_test_cases_are_whole(step):
    for name in tellable()[::step]:
        entry = catalogue.owner(name)
        promise = promise_of(entry, violated(name), Subject(REAL, "fork"))
        case = frame.unittest_case(body_of(entry, violated(name), PLAIN), promise, PLAIN)
        assert undefined(case) == frozenset(), name


@pytest.mark.parametrize("slug", ["made", "inherited"])
def test_body_creates_the_object_as_it_was(slug):
    """Although its script has no rounds."""
    violation = Violation(Witness(f"barrier.{slug}", Script({"parties": 3}, ())), "", "something else")
    assert "mp.Barrier(parties=3)" in body_of(catalogue.entry("barrier"), violation, PLAIN).check


def test_script_says_what_was_promised_and_what_happened():
    source = frame.standalone(Body("", "def check(mp):\n    pass", (), False), PROMISE, PLAIN)
    documented = ast.get_docstring(ast.parse(source))
    assert documented is not None
    assert all(words in documented for words in ("It is so.", "It is not.", MANUAL, "CPython"))


CHECKS = {
    "keeps": ("def check(mp):\n    assert mp.Value('i', 1).value == 1", 0),
    "breaks": ("def check(mp):\n    assert mp.Value('i', 1).value == 2", 1),
    "fails": ("def check(mp):\n    json.loads('')", 3),
    "lacks": ("def check(mp):\n    raise NotImplementedError('no such thing here')", 2),
    "dies": ("def check(mp):\n    os.kill(os.getpid(), signal.SIGKILL)", 3),
}


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("start_method", ["fork", "spawn", "forkserver"])
def test_script_reports_by_its_exit_status(check, start_method):
    source, status = CHECKS[check]
    written = frame.standalone(Body("", source, ("import json", "import os", "import signal")), PROMISE, PLAIN)
    assert measure(written, REAL, start_method, 1, 60).statuses == {status: 1}


@pytest.mark.parametrize(("shows", "status"), [(HANGS, 1), (WRONG, 3)])
def test_script_never_hangs(monkeypatch, shows, status):
    monkeypatch.setattr(frame, "PATIENCE", {HANGS: 2, WRONG: 2})
    waits = "def wait(lock):\n    lock.acquire()"
    check = "def check(mp):\n    lock = mp.Lock()\n    with lock:\n        p = mp.Process(target=wait, args=(lock,))"
    body = Body(waits, f"{check}\n        p.start()\n        p.join()", ())
    written = frame.standalone(body, replace(PROMISE, shows=shows), PLAIN)
    assert measure(written, REAL, "spawn", 1, 60).statuses == {status: 1}


def test_measure_ends_what_is_not_over_in_time():
    written = "import time\ntime.sleep(1000)"
    rate = measure(written, REAL, "fork", 3, 1)
    assert (rate.shown, rate.runs) == (0, 1)


FEW = {"queue.exit.flushes", "sharedctypes.raw_value.zero", "manager.connect.shares", "barrier.made"}
FEW |= {"capability.queue", "capability.sharedctypes.copy"}
TRIES = 12  # seeds
SHORT = 3  # seconds after which what hangs will not end any more


def pairs():
    """Mutants, each with a clause that it breaks, of which there may be a reproducer; few run each time."""
    mine = {name for name in tellable() if name in promised()} - {deviation.clause for deviation in known()}
    for address, mutant in MUTANTS.items():
        for clause in sorted(mine.intersection(mutant.breaks)):
            yield pytest.param(address, clause, marks=[] if clause in FEW else pytest.mark.exhaustive)


def found(address: str, clause: str) -> tuple[Subject, Violation]:
    """The mutant, and a violation of the clause that a campaign has found."""
    broken = subject(address, MUTANTS[address])
    for seed in range(TRIES):
        findings = Campaign(catalogue.entry(clause.partition(".")[0]), broken, SMALL, seed).run({clause})
        if clause in findings.violated:
            return broken, findings.violated[clause][0]
    raise AssertionError(f"{address} does not break {clause}")


@pytest.mark.parametrize(("address", "clause"), list(pairs()))
def test_reproducers_fail_on_mutants_and_pass_on_the_real(address, clause, monkeypatch):
    broken, violation = found(address, clause)
    entry = catalogue.owner(clause)
    times = 1 if clause in FEW else TIMES  # these show each time: who runs one again learns nothing
    try:
        with monkeypatch.context() as patient:
            patient.setitem(frame.PATIENCE, HANGS, SHORT)  # of the broken; the real one gets all the time there is
            shown = reproduce(entry, broken, violation, 60, times).rate
    except NoReproducer as reason:
        pytest.fail(f"no reproducer, because {reason}")
    promise = promise_of(entry, violation, Subject(REAL, broken.start_method))
    if clause in FEW:
        monkeypatch.setitem(stream.SECONDS, WRONG, 1)
    kept = frame.standalone(body_of(entry, violation, PLAIN), promise, PLAIN)
    assert shown.shown > 0, shown.output
    assert measure(kept, REAL, broken.start_method, 1, 60).statuses == {0: 1}
    others = [each for each in honesty.chosen(clause) if each.version != REAL.version]
    assert list(honesty.accused(kept, clause, broken.start_method, 1, others)) == []


def test_measure_of_a_script_that_cannot_be_read_shows_nothing():
    assert measure("this is no Python", probe(sys.executable), "fork", 1, 30.0).shown == 0


@pytest.mark.parametrize("shows", [HANGS, DIES, WRONG])
def test_test_case_fails_and_the_runner_continues(shows, tmp_path, monkeypatch):
    """Whatever hangs or dies does not take the runner along."""
    monkeypatch.setattr(frame, "PATIENCE", {HANGS: 1, WRONG: 1, DIES: 1})
    does = {HANGS: "mp.Semaphore(0).acquire()", DIES: "os._exit(9)", WRONG: "raise AssertionError"}[shows]
    promise = replace(PROMISE, shows=shows, start_methods=("fork", "spawn"))
    case = frame.unittest_case(Body("", f"def check(mp):\n    {does}", ("import os",)), promise, PLAIN)
    (tmp_path / "test_it.py").write_text(case)
    done = subprocess.run(
        [sys.executable, "-m", "unittest", "test_it"], cwd=tmp_path, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 1
    assert all(f"(start_method='{method}')" in done.stderr for method in ("fork", "spawn"))


def test_program_in_a_script_knows_the_package_of_the_submodules():
    """What is imported need not be where they are."""
    torch = ImportPath("torch.multiprocessing", "multiprocessing", heading="import torch.multiprocessing as mp")
    assert r"import torch.multiprocessing as mp\nPACKAGE = 'multiprocessing'\n" in script("client.versions", torch)
    assert measure(script("client.versions"), REAL, "fork", 1, 60).statuses == {0: 1}


def test_script_says_where_its_package_is():
    promise = replace(PROMISE, path=("/some/where else",), start_methods=("fork", "spawn"))
    source = frame.standalone(Body("", "def check(mp):\n    pass", (), False), promise, PLAIN)
    assert "Usage: PYTHONPATH='/some/where else' python reproducer.py [fork|spawn]    (default: fork)" in source


@pytest.mark.parametrize("starts_processes", [True, False])
def test_script_does_not_apply_to_a_missing_start_method(starts_processes):
    written = frame.standalone(Body("", "def check(mp):\n    assert False", (), starts_processes), PROMISE, PLAIN)
    assert measure(written, REAL, "teleport", 1, 60).statuses == {2: 1}
