"""Statements read as a manual does, and prose reads well: neither has the phrases of ``support/phrases.toml``."""

import ast
import re
import tokenize
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from conformance import catalogue

PHRASES = tomllib.loads((Path(__file__).parent / "support" / "phrases.toml").read_text(encoding="utf-8"))["phrase"]
LONGEST = 170  # characters
EDITED = (  # whose docstrings and comments have been edited for their English
    *(f"{package}/*.py" for package in ("documentation", "forensics", "generation", "plugin", "reporting", "subjects")),
    *(f"driver/{module}.py" for module in ("channel", "confirmation", "crew", "dependence", "replay")),
    *(f"driver/{module}.py" for module in ("shrinking", "stages", "streams", "tolerance")),
    *(f"{module}.py" for module in ("bug_report", "catalogue", "implementation", "judging", "misuse")),
)
SOURCES = sorted(path for pattern in EDITED for path in catalogue.HERE.glob(pattern))


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


def prose(path: Path) -> Iterator[tuple[int, str]]:
    """The docstrings and the comments of a file, with the lines on which they begin."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            yield node.lineno, node.value.value
    with path.open("rb") as file:
        for token in tokenize.tokenize(file.readline):
            if token.type == tokenize.COMMENT:
                yield token.start[0], token.string


@pytest.mark.parametrize("path", SOURCES, ids=[str(path.relative_to(catalogue.HERE)) for path in SOURCES])
def test_docstrings_and_comments_have_no_phrase_that_is_wrong_everywhere(path):
    found = [
        f"{path.name}:{line} has {match[0]!r}; write {phrase['instead']}"
        for line, text in prose(path)
        for phrase in PHRASES
        if phrase.get("everywhere") and (match := re.search(phrase["pattern"], text, re.IGNORECASE))
    ]
    assert not found, "\n".join(found)
