"""Statements, entries and prose have none of the phrases of ``support/phrases.toml``, which say what reads better."""

import ast
import re
import tokenize
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import pytest
from support.runs import TESTS, TOP

from conformance import catalogue, deviations
from conformance.documentation import edition

PHRASES = tomllib.loads((Path(__file__).parent / "support" / "phrases.toml").read_text(encoding="utf-8"))["phrase"]
EVERYWHERE = [phrase for phrase in PHRASES if phrase.get("everywhere")]
LONGEST = 170  # characters
EDITED = (  # whose docstrings and comments have been edited for their English
    *(f"{package}/*.py" for package in ("documentation", "forensics", "generation", "plugin", "reporting", "subjects")),
    *(f"driver/{module}.py" for module in ("channel", "confirmation", "crew", "dependence", "replay")),
    *(f"driver/{module}.py" for module in ("shrinking", "stages", "streams", "tolerance")),
    *(f"{module}.py" for module in ("bug_report", "catalogue", "implementation", "judging", "misuse")),
)
UNEDITED = {"billiard", "loky", "multiprocess"}  # whose entries have yet to be edited for their English
ENTRIES = {  # sentences of a line, as statements are
    f"{path.stem}: {entry.get('name', entry.get('topic'))}": " ".join(entry.get(key, "") for key in ("reason", "doubt"))
    for path in [*deviations.own().glob("*.toml"), edition.directory() / "uncovered.toml"]
    if path.stem not in UNEDITED
    for entries in tomllib.loads(path.read_text(encoding="utf-8")).values()
    if isinstance(entries, list)
    for entry in entries
}
PAGES = [TOP / f"{name}.md" for name in ("README", "ARCHITECTURE", "CONTRIBUTING", "CHANGELOG", "results/highlights")]
QUOTED = re.compile(r"```.*?```|`[^`]*`|(?<!\*)\*[^*\n]+\*(?!\*)", re.DOTALL)  # code, and words that are spoken of
SOURCES = sorted(path for pattern in EDITED for path in catalogue.HERE.glob(pattern))


def assert_no_phrase(texts: Mapping[str, str], phrases: Iterable[Mapping[str, str]]) -> None:
    """Fails, and says where and what to write, if one of the texts has one of the phrases."""
    found = [
        f"{place}: {text!r} has {match[0]!r}; write {phrase['instead']}"
        for place, text in texts.items()
        for phrase in phrases
        if (match := re.search(phrase["pattern"], text, re.IGNORECASE))
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("name", [entry.spec.name for entry in catalogue.entries()])
def test_statements_have_no_refused_phrase(name):
    clauses = catalogue.entry(name).spec.clauses.values()
    assert_no_phrase({clause.name: clause.statement for clause in clauses}, PHRASES)


@pytest.mark.parametrize("name", [entry.spec.name for entry in catalogue.entries()])
def test_statements_are_one_sentence_or_two(name):
    clauses = catalogue.entry(name).spec.clauses.values()
    assert [clause.name for clause in clauses if len(clause.statement) > LONGEST] == []


@pytest.mark.parametrize("phrase", PHRASES, ids=[phrase["pattern"] for phrase in PHRASES])
def test_phrases_do_not_refuse_what_to_write_instead(phrase):
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


def test_test_modules_import_no_test_module():
    found = [
        f"{path.relative_to(TESTS)} imports {name}"
        for path in TESTS.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in [getattr(node, "module", None) or "", *(alias.name for alias in node.names)]
        if name.rpartition(".")[2].startswith("test_")
    ]
    assert not found, "what both need belongs to tests/support:\n" + "\n".join(found)


@pytest.mark.parametrize("path", SOURCES, ids=[str(path.relative_to(catalogue.HERE)) for path in SOURCES])
def test_docstrings_and_comments_have_no_refused_phrase(path):
    assert_no_phrase({f"{path.name}:{line}": text for line, text in prose(path)}, EVERYWHERE)


def test_reasons_and_doubts_of_entries_have_no_refused_phrase():
    assert len(ENTRIES) > 60
    assert_no_phrase(ENTRIES, PHRASES)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_pages_have_no_refused_phrase(path):
    text = QUOTED.sub(lambda quoted: "\n" * quoted[0].count("\n"), path.read_text(encoding="utf-8"))
    assert_no_phrase({f"{path.name}:{n}": line for n, line in enumerate(text.splitlines(), 1)}, EVERYWHERE)
