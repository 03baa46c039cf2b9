"""The scripts that are kept for known deviations accuse no subject that has no entry, on whatever Python."""

import ast
import re
import sys

import pytest
from support import honesty
from support.runs import TOP

from conformance.reproduction.measure import INAPPLICABLE, SHOWS, measure
from conformance.subjects.subject import probe

KEPT = sorted((TOP / "results" / "reproducers").glob("*.py"))
PACKAGES = re.compile(r"\b(billiard|multiprocess|loky\.backend)\b")  # none of them needs to be installed
SAMPLE = {"condition_notify_wakes_billiard.py", "process_keywords_only_loky.py", "value_typecodes_half.py"}
HERE = probe(sys.executable)


def on_the_standard_library(path) -> str:
    """A script; if it is about a library, the same about multiprocessing, which need not deviate."""
    return PACKAGES.sub("multiprocessing", path.read_text(encoding="utf-8"))


def clause_of(source: str) -> str:
    documented = ast.get_docstring(ast.parse(source)) or ""
    return re.search(r"^Clause: +(\S+)$", documented, re.MULTILINE)[1]


@pytest.mark.parametrize("path", KEPT, ids=lambda path: path.stem)
def test_a_kept_script_says_what_its_exit_statuses_mean(path):
    source = path.read_text(encoding="utf-8")
    ast.parse(source, feature_version=(3, 8))
    assert "2, it does not apply here; 3, it could not be tried." in source
    since = honesty.CLAUSES[clause_of(source)].since
    assert (f"sys.version_info < {since}" in source) == (since > (3, 8))


@pytest.mark.parametrize("name", ["proxy_set_refuses.py", "semaphore_release_several.py"])
def test_a_kept_script_does_not_apply_to_versions_before_its_promise(name):
    (path,) = [path for path in KEPT if path.name == name]
    source = on_the_standard_library(path)
    before = [i for i in honesty.interpreters() if not honesty.CLAUSES[clause_of(source)].promised_by(i.version)]
    for interpreter in before[:1]:
        assert measure(source, interpreter, "fork", 1, 60).statuses == {INAPPLICABLE: 1}
    old = re.sub(r"sys\.version_info < \(3, \d+\)", "sys.version_info < (3, 99)", source)
    assert measure(old, HERE, "fork", 1, 60).statuses == {INAPPLICABLE: 1}


@pytest.mark.parametrize("name", sorted(SAMPLE))
def test_a_kept_script_does_not_accuse_the_standard_library(name):
    (path,) = [path for path in KEPT if path.name == name]
    source = on_the_standard_library(path)
    assert list(honesty.accused(source, clause_of(source), "fork", 1, [HERE])) == []


@pytest.mark.exhaustive
@pytest.mark.parametrize("path", KEPT, ids=lambda path: path.stem)
def test_a_kept_script_accuses_no_subject_without_an_entry(path):
    source = on_the_standard_library(path)
    times = 20 if "rounds)" in source else 1
    for start_method in ("fork", "spawn", "forkserver"):
        others = [
            each for each in honesty.interpreters() if honesty.CLAUSES[clause_of(source)].promised_by(each.version)
        ]
        assert list(honesty.accused(source, clause_of(source), start_method, times, others)) == []


def test_the_check_of_kept_scripts_finds_an_accusation():
    source = "import sys\nsys.exit(1)\n"
    (said,) = honesty.accused(source, "queue.put.full", "fork", 1, [HERE])
    assert f"shows in {SHOWS} of 1 run" in said
