"""What was observed, as scripts say it: of facts, not of sentences that are taken apart."""

import ast
import sys
from dataclasses import replace

import pytest
from support.runs import TESTS

from conformance import catalogue
from conformance.checking.findings import ASSERTION, DIED, HUNG, RAISED, Violation
from conformance.checking.witness import Witness
from conformance.driver.campaign import Campaign, Profile
from conformance.judging import details
from conformance.reproduction.body import DIES, HANGS, WRONG
from conformance.reproduction.observation import in_words, symptom
from conformance.stage.rewriting import COMPARISONS, ExplainAsserts
from conformance.subjects.subject import Subject, probe

HERE = TESTS
FOUND = Violation(Witness("queue.unbounded"), "", "something else", manner=ASSERTION)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("queue.get() == 3", "queue.get() was 1, expected 2"),
        ('d["what is it"] == 3', 'd["what is it"] was 1, expected 2'),
        ('d["a == b"] is None', 'd["a == b"] was 1, expected 2'),
        ('(a or b) == ("is", "==")', "(a or b) was 1, expected 2"),
        ('d["\u00e9\u00e8"] == 3', 'd["\u00e9\u00e8"] was 1, expected 2'),
        ("a is not b", "a is not b is not so: both are 1"),
        ('a != "x == y"', 'a != "x == y" is not so: both are 1'),
    ],
)
def test_in_words_describes_a_comparison_by_its_sides(source, words):
    assert in_words(replace(FOUND, compared=(source, "1", "2"))) == words


def test_in_words_keeps_text_that_only_looks_like_a_comparison():
    said = "promised: a == b; observed on the left: 1; on the right: 2"
    assert in_words(replace(FOUND, observed=said)) == said


@pytest.mark.parametrize(
    ("found", "shows", "words"),
    [
        (replace(FOUND, observed="it does not return"), WRONG, "it does not return"),
        (replace(FOUND, observed="the stage is empty"), WRONG, "the stage is empty"),
        (replace(FOUND, observed="put(1) died of SIGKILL", manner=DIED), WRONG, "put(1) died of SIGKILL"),
        (
            replace(FOUND, manner=DIED, stage_end="was killed by SIGSEGV"),
            DIES,
            "the process that runs check() below was killed by SIGSEGV",
        ),
        (replace(FOUND, manner=HUNG), HANGS, "check() below does not come to an end: it waits forever"),
    ],
)
def test_symptom_follows_from_the_facts_of_a_violation(found, shows, words):
    assert symptom(found) == shows
    assert in_words(found) == words


def test_comparisons_of_the_specs_fit_one_line_of_source():
    """Its source is one line, which a comment would cut off."""
    for path in (HERE.parent / "specs").rglob("*.py"):
        source = path.read_bytes()
        rewriter = ExplainAsserts(source)
        tests = [node.test for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Assert)]
        for test in tests:
            if isinstance(test, ast.Compare) and len(test.ops) == 1 and type(test.ops[0]) in COMPARISONS:
                again = ast.parse(rewriter.shown(test), mode="eval").body
                assert isinstance(again, ast.Compare), rewriter.shown(test)
                assert type(again.ops[0]) is type(test.ops[0])


@pytest.mark.parametrize(
    ("address", "clause", "manner"),
    [
        ("mutants.sharedctypes.sharedctypes:memory_of_one_process", "value.types", ASSERTION),
        ("mutants.queues.queues:default_capacity", "queue.unbounded", RAISED),
    ],
)
def test_violation_of_a_scenario_has_what_it_compared(address, clause, manner):
    broken = replace(probe(sys.executable), implementation=address, path=(str(HERE),))
    campaign = Campaign(catalogue.owner(clause), Subject(broken, "fork"), Profile("few", 0, 0, 0, 3), 0)
    found = campaign.run([clause]).violated[clause][0]
    assert found.manner == details(found)["manner"] == manner
    if manner == ASSERTION:
        assert found.compared is not None
        source, left, right = found.compared
        assert found.observed == f"promised: {source}; observed on the left: {left}; on the right: {right}"
        assert details(found)["compared"] == [source, left, right]
    else:
        assert found.compared is None
        assert "compared" not in details(found)
