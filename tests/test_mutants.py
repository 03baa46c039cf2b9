"""Every mutant dies, by the clauses that it names; every clause has a mutant."""

import importlib
import inspect
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from conformance import catalogue
from conformance.driver.campaign import Campaign, Profile
from conformance.driver.subject import Subject, probe
from conformance.reporting.deviations import Deviation, load, own

HERE = Path(__file__).parent
SMALL = Profile("small", scripts=48, pinned=3, streams=3, scenarios=2)
TRIES = 12  # seeds
OFTEN = 0.05  # of all replays: a race that shows less than that by itself is the mutant's, if it shows


def mutants():
    """All mutants: pairs of their address and class."""
    if str(HERE) not in sys.path:
        sys.path.insert(0, str(HERE))
    package = importlib.import_module("mutants")
    for path in sorted((HERE / "mutants").glob("[!_]*.py")):
        module = importlib.import_module(f"mutants.{path.stem}")
        for name, value in vars(module).items():
            if inspect.isclass(value) and issubclass(value, package.Mutant) and value is not package.Mutant:
                yield f"{module.__name__}:{name}", value


pytestmark = pytest.mark.slow
MUTANTS = dict(mutants())


def subject(address: str, mutant) -> Subject:
    """The mutant on this interpreter, by fork unless it says otherwise."""
    real = probe(sys.executable)
    interpreter = replace(real, implementation=address, path=(str(HERE),))
    return Subject(interpreter, getattr(mutant, "start_method", "fork"))


DEVIATIONS = load(own(), catalogue.clauses())


def promised() -> set[str]:
    """The clauses that hold for the version of Python on which the mutants run."""
    version = probe(sys.executable).version
    return {name for name, clause in catalogue.clauses().items() if clause.promised_by(version)}


def fixed_later() -> set[str]:
    """The clauses that this version of Python breaks by itself, and a later one keeps."""
    return {deviation.clause for deviation in known() if deviation.until != Deviation.until}


def known(start_method: str = "fork") -> list[Deviation]:
    """What the real implementation breaks, too, on this interpreter."""
    return [d for d in DEVIATIONS if d.concerns(Subject(probe(sys.executable), start_method))]


def all_known(violations, start_method: str) -> bool:
    """Whether the real implementation shows the same, so that it tells nothing about a mutant."""
    real = [d for d in known(start_method) if d.rate is None or d.rate.hits > d.rate.tries * OFTEN]
    return all(any(d.clause == v.clause and d.observed in v.observed for d in real) for v in violations)


def marked(address: str, mutant):
    """The mutant as a parameter; it is recent if the oldest driver's Python promises nothing that it breaks."""
    clauses = catalogue.clauses()
    recent = all(clauses[name].since > (3, 11) for name in mutant.breaks)
    return pytest.param(address, marks=[pytest.mark.recent] if recent else [])


@pytest.mark.parametrize("address", [marked(address, mutant) for address, mutant in MUTANTS.items()])
def test_mutant_is_caught(address):
    mutant = MUTANTS[address]
    missing = set(mutant.breaks) & promised() - fixed_later()
    if not missing:
        pytest.skip("this version of Python promises nothing that the mutant breaks")
    broken = subject(address, mutant)
    for spec in sorted({clause.partition(".")[0] for clause in missing}):
        for seed in range(TRIES):
            mine = {clause for clause in missing if clause.startswith(spec + ".")}
            if mine:
                others = [d.expectation for d in known(broken.start_method) if d.clause not in mine]
                found = Campaign(catalogue.entry(spec), broken, SMALL, seed).run(mine, others)
                missing -= {name for name, seen in found.violated.items() if not all_known(seen, broken.start_method)}
    assert not missing


@pytest.mark.recent
def test_every_clause_has_a_mutant():
    broken = {clause for mutant in MUTANTS.values() for clause in mutant.breaks}
    assert broken <= set(catalogue.clauses())
    by_the_real_one = {deviation.clause for deviation in known()}
    assert promised() - broken - by_the_real_one == set()
