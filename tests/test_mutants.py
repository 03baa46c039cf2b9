"""Every mutant dies, by the clauses that it names; every clause has a mutant.

``MUTANTS=3/8`` in the environment runs every eighth mutant, from the third on; ``MUTANTS=commit/8`` lets the hash of
the commit choose the eighth, so that each commit runs the same ones everywhere, and another commit others.
"""

import os
import sys
from dataclasses import replace

import pytest
from support.hunting import CLAUSES, DEVIATIONS, MUTANTS, VERSIONS, fixed_later, promised, sample, subject, survived

from conformance.subjects.subject import Subject, probe


@pytest.mark.mutants
@pytest.mark.parametrize("address", sample(os.environ.get("MUTANTS", "")))
def test_mutant_is_caught(address):
    mutant = MUTANTS[address]
    clauses = set(mutant.breaks) & promised() - fixed_later()
    if not clauses:
        pytest.skip("this version of Python promises nothing that the mutant breaks")
    assert survived(subject(address, mutant), clauses) == set()


@pytest.mark.parametrize("version", VERSIONS, ids=lambda version: f"{version[0]}.{version[1]}")
def test_every_clause_has_a_mutant(version):
    """What a version of Python promises and keeps; a mutant need not run there for that."""
    broken = {clause for mutant in MUTANTS.values() for clause in mutant.breaks}
    assert broken <= set(CLAUSES)
    real = Subject(replace(probe(sys.executable), version=version), "fork")
    by_the_real_one = {deviation.clause for deviation in DEVIATIONS if deviation.concerns(real)}
    assert {name for name, clause in CLAUSES.items() if clause.promised_by(version)} - broken - by_the_real_one == set()


@pytest.mark.parametrize(("asked", "first", "step"), [("", 0, 1), ("1/8", 0, 8), ("8/8", 7, 8)])
def test_sample_is_every_nth_mutant(asked, first, step):
    assert sample(asked) == list(MUTANTS)[first::step]


def test_sample_is_chosen_by_the_commit(monkeypatch):
    assert sample("commit/8") in [sample(f"{first}/8") for first in range(1, 9)]
    monkeypatch.setenv("PATH", "")
    assert sample("commit/8") == sample("1/8")
