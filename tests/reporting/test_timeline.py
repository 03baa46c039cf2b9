"""Pictures of violations: whole documents, in which everything has its place."""

import re
from itertools import pairwise
from xml.etree import ElementTree

import pytest

from conformance import catalogue
from conformance.checking.findings import Violation
from conformance.checking.script import Call
from conformance.checking.witness import Witness
from conformance.reporting import timeline
from conformance.vocabulary.outcomes import Observed

SVG = "{http://www.w3.org/2000/svg}"
CLAUSE = catalogue.clauses()["queue.put.full"]
NONE = Observed("returned", "None")


def call(number, actor, start, end=None, argument=1, seen=NONE):
    begun = Call(number, actor, "put", (argument,), {}, start)
    return begun if end is None else begun.finished(start, end, seen)


def drawn(*history, blamed=None, **more):
    """The document of a violation with this history."""
    witness = Witness(CLAUSE.name, arguments=more.pop("arguments", {}))
    found = Violation(witness, "this", more.pop("observed", "that"), history=history, call=blamed, **more)
    return ElementTree.fromstring(timeline.svg(CLAUSE, "multiprocessing / CPython 3.13.1 / fork", found))


def texts(element):
    return [text.text for text in element.iter(f"{SVG}text")]


def bars(document):
    """The groups of calls: their classes, and the places of their rectangles."""
    for group in document.iter(f"{SVG}g"):
        place = group.find(f"{SVG}rect").attrib
        yield group.get("class").split(), *(float(place[name]) for name in ("x", "y", "width", "height"))


def test_svg_has_the_facts_of_the_message():
    told = texts(drawn(call(1, 0, 0, 9), state="Queue()", permitted=("full: raises queue.Full",)))
    facts = (
        CLAUSE.name,
        "multiprocessing / CPython 3.13.1 / fork",
        CLAUSE.statement,
        "full: raises queue.Full",
        "that",
    )
    assert set(facts) <= set(told)
    assert {"process 0", "put(1)", "-> None", "0.000 ms"} <= set(told)


def test_svg_draws_microseconds_as_legibly_as_seconds():
    history = [call(1, 0, 0, 1_000), call(2, 1, 500, 2_000_000_000), call(3, 0, 2_000, 3_000)]
    for _, _, _, width, height in bars(drawn(*history)):
        assert height >= 2 * 15
        assert width >= 100


def test_svg_keeps_calls_of_a_process_apart():
    history = [call(i, i % 3, 10 * i, 10 * i + 25) for i in range(30)]
    places = sorted((x, y, height) for _, x, y, _, height in bars(drawn(*history)))
    assert len({x for x, _, _ in places}) == 3
    for (x, y, height), (other_x, other_y, _) in pairwise(places):
        assert x != other_x or y + height <= other_y


def test_svg_marks_the_blamed_call():
    (one, *_), (other, *_) = bars(drawn(call(1, 0, 0, 5), call(2, 0, 6, 9), blamed=2))
    assert "blamed" not in one
    assert "blamed" in other


def test_svg_draws_an_open_call_to_the_end():
    document = drawn(call(1, 0, 0), call(2, 1, 3, 9))
    (kinds, _, y, _, height), (_, _, other_y, _, other_height) = bars(document)
    assert "open" in kinds
    assert y + height > other_y + other_height
    assert "\u2193 still open" in texts(document)


@pytest.mark.parametrize("text", ["<b>&amp;\"']]>", "\x1b[31m\x00\ufffe\ud800", "x" * 5000])
def test_svg_accepts_any_text(text):
    odd = Observed("returned", text)
    document = drawn(call(1, 0, 0, 5, text, odd), observed=text, evidence=text, state=text, arguments={"a": text})
    limit = float(document.get("width")) / 6
    assert all(len(told) < limit for told in texts(document))


def test_svg_of_a_violation_without_calls_has_its_text():
    told = texts(drawn(evidence="Traceback\n  boom", arguments={"size": 3}))
    assert {"size=3", "Traceback", "  boom"} <= set(told)


def test_svg_of_a_long_history_draws_the_blamed_call():
    document = drawn(*(call(i, 0, 2 * i, 2 * i + 1) for i in range(500)), blamed=300)
    kinds = [kinds for kinds, *_ in bars(document)]
    assert len(kinds) == timeline.CALLS
    assert "blamed" in kinds[-1]


def test_svg_refers_to_nothing_outside_and_has_a_background():
    found = Violation(Witness(CLAUSE.name), "this", "that", history=(call(1, 0, 0, 5),))
    told = timeline.svg(CLAUSE, "subject", found)
    assert not re.search("script|@import|@font-face|href|foreignObject", told)
    assert re.search('<rect width="[0-9]+" height="[0-9]+" fill="#ffffff"/>', told)
