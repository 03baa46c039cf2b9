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

HERE = Path(__file__).parent
SMALL = Profile("small", scripts=48, pinned=3, streams=3, scenarios=2)
TRIES = 12  # seeds


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


MUTANTS = dict(mutants())


def subject(address: str, mutant) -> Subject:
    """The mutant on this interpreter, by fork unless it says otherwise."""
    real = probe(sys.executable)
    interpreter = replace(real, implementation=address, path=(str(HERE),))
    return Subject(interpreter, getattr(mutant, "start_method", "fork"))


@pytest.mark.parametrize("address", MUTANTS)
def test_mutant_is_caught(address):
    mutant = MUTANTS[address]
    missing = set(mutant.breaks)
    for spec in sorted({clause.partition(".")[0] for clause in missing}):
        for seed in range(TRIES):
            mine = {clause for clause in missing if clause.startswith(spec + ".")}
            if mine:
                found = Campaign(catalogue.entry(spec), subject(address, mutant), SMALL, seed).run(mine)
                missing -= set(found.violated)
    assert not missing


def test_every_clause_has_a_mutant():
    broken = {clause for mutant in MUTANTS.values() for clause in mutant.breaks}
    assert broken <= set(catalogue.clauses())
    version = sys.version_info[:2]
    assert {name for name, c in catalogue.clauses().items() if c.promised_by(version)} - broken == set()
