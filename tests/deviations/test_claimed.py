"""Deviations of libraries: none is of what its library never claimed to have."""

import importlib
import sys
from dataclasses import replace

import pytest

from conformance import catalogue, deviations
from conformance.subjects.applicability import obstacle
from conformance.subjects.subject import probe

CLAUSES = catalogue.clauses()
FIELDS = ("provides", "lacks", "borrows", "importable")


@pytest.mark.parametrize("library", ["billiard", "loky", "multiprocess"])
def test_no_deviation_of_a_library_is_of_what_its_adapter_does_not_claim(library):
    declared = importlib.import_module(f"conformance.adapters.{library}").implementation
    known = [d for d in deviations.load(deviations.own(), CLAUSES) if d.implementations == (library,)]
    facts = {field: getattr(declared, field) for field in FIELDS}
    newest = replace(probe(sys.executable), implementation=library, adapter="adapter.py", version=(3, 15, 9), **facts)
    assert known
    assert {
        d.name: why for d in known if (why := obstacle(catalogue.owner(d.clause).spec, CLAUSES[d.clause], newest))
    } == {}


@pytest.mark.parametrize(
    "clause", ["lifetime.kill.ends", "lifetime.interrupt.raises", "lock.locked.tells", "proxy.set.made"]
)
def test_billiard_is_not_held_to_what_came_after_its_fork(clause):
    declared = importlib.import_module("conformance.adapters.billiard").implementation
    billiard = replace(probe(sys.executable), adapter="adapter.py", version=(3, 15, 9), lacks=declared.lacks)
    assert obstacle(catalogue.owner(clause).spec, CLAUSES[clause], billiard).missing
