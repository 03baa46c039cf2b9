"""Statements read as a manual does: they have none of the phrases of ``support/phrases.toml``."""

import re
import tomllib
from pathlib import Path

import pytest

from conformance import catalogue

PHRASES = tomllib.loads((Path(__file__).parent / "support" / "phrases.toml").read_text(encoding="utf-8"))["phrase"]
LONGEST = 170  # characters


@pytest.mark.parametrize("name", [entry.spec.name for entry in catalogue.entries()])
def test_statements_have_no_phrase_that_a_manual_would_not_have(name):
    found = [
        f"{clause.name}: {clause.statement!r} has {match[0]!r}; write {phrase['instead']}"
        for clause in catalogue.entry(name).spec.clauses.values()
        for phrase in PHRASES
        if (match := re.search(phrase["pattern"], clause.statement, re.IGNORECASE))
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("name", [entry.spec.name for entry in catalogue.entries()])
def test_statements_are_one_sentence_or_two(name):
    clauses = catalogue.entry(name).spec.clauses.values()
    assert [clause.name for clause in clauses if len(clause.statement) > LONGEST] == []


@pytest.mark.parametrize("phrase", PHRASES, ids=[phrase["pattern"] for phrase in PHRASES])
def test_what_to_write_instead_is_not_refused(phrase):
    good = [
        "put() raises Full once timeout seconds have elapsed, and no earlier.",
        "With spawn and forkserver, a child imports the main module.",
        "A barrier passed as an argument to a new process refers to the same barrier in that process.",
        "get() waits until an object arrives, and a process that has not closed the queue can put one.",
        "The attribute broken is True while the barrier is broken, and False otherwise.",
    ]
    assert not [each for each in good if re.search(phrase["pattern"], each, re.IGNORECASE)]
