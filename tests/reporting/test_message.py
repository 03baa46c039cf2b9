"""Failures in words: everything a maintainer asks, and histories in columns."""

import sys
from dataclasses import replace

import pytest
from support.builders import CLAUSE, HISTORY, SUBJECT, VIOLATION

from conformance import catalogue
from conformance.checking.findings import Unknown, Violation
from conformance.checking.script import script_of
from conformance.checking.witness import Witness
from conformance.deviations import Deviation
from conformance.reporting import message
from conformance.reporting.history import columns
from conformance.subjects.subject import Subject
from conformance.vocabulary.frozen import replace as copy_of


def test_violation_message_answers_what_a_maintainer_asks():
    told = message.violation(CLAUSE, SUBJECT, VIOLATION, times=3)
    for part in (
        f"queue.put.full is violated by {SUBJECT}, 3 times in this run.\n",
        f"Promised: {CLAUSE.statement}\n",
        "multiprocessing.Queue.put  https://docs.python.org/3/library/multiprocessing.html#multiprocessing.Queue.put\n",
        "With:     size=3, objs=(b'xxxxx', 'y')\n",
        "State:    Queue(maxsize=1)\n",
        "Permits:  full: raises queue.Full\n",
        "Observed: put(2, False) returned None  (process 0, at 9.000 ms)\n",
        "\n" + "\n".join(f"    {line}" for line in columns(HISTORY, blamed=3).splitlines()) + "\n",
        "    line 0\n",
        "    ... 60 lines ...\n",
        "    line 99\n",
    ):
        assert part in told
    assert "line 50" not in told


def test_violation_message_ends_with_the_command_that_repeats_it():
    told = message.violation(CLAUSE, SUBJECT, VIOLATION, times=1).splitlines()
    assert told[0].endswith(", once in this run.")
    assert told[-1] == (
        "Again:    mpconform run --clause queue.put.full --start-method fork --python /usr/bin/python3.8"
        " --implementation billiard --implementation-path '/a b'"
    )
    plain = Subject(
        replace(SUBJECT.interpreter, executable=sys.executable, implementation="multiprocessing", path=()), "spawn"
    )
    assert message.again(CLAUSE, plain) == "mpconform run --clause queue.put.full --start-method spawn"


def test_violation_message_includes_other_ways_to_repeat_it():
    more = ["Replay:   mpconform replay FILE", "Program:  FILE (shows in 46 of 50 runs)"]
    told = message.violation(CLAUSE, SUBJECT, VIOLATION, times=1, more=more).splitlines()
    assert told[-4:-1] == ["Clause:   mpconform explain queue.put.full", *more]


def test_violation_message_moves_further_lines_to_the_evidence():
    found = Violation(Witness(CLAUSE.name), "this", "the process ended\nlast words", evidence="a trace")
    told = message.violation(CLAUSE, SUBJECT, found, times=1)
    assert "Observed: the process ended\nEvidence:\n    last words\n    a trace\nClause:" in told


def shown_by(script):
    return replace(VIOLATION, witness=replace(VIOLATION.witness, script=script))


def test_violation_message_has_the_label_of_a_pinned_script():
    pinned = catalogue.entry("queue").spec.pinned[0]
    script = script_of(pinned)
    assert f"\nPinned:   {pinned.label}\n" in message.violation(CLAUSE, SUBJECT, shown_by(script), 1)
    smaller = replace(script, rounds=script.rounds[:1])
    assert "Pinned:" not in message.violation(CLAUSE, SUBJECT, shown_by(smaller), 1)


def test_violation_message_places_an_open_call_by_its_start():
    told = message.violation(CLAUSE, SUBJECT, replace(VIOLATION, call=8), times=1)
    assert "(process 2, from 8.000 ms on)\n" in told


def test_unknown_message_has_the_history():
    told = message.unknown(CLAUSE, SUBJECT, Unknown(CLAUSE.name, "it hangs\nsaid", "stacks", HISTORY))
    assert told.startswith(f"{CLAUSE.name} on {SUBJECT}: not known, because it hangs\nHistory")
    assert "Evidence:\n    said\n    stacks\nAgain:" in told


def test_violation_message_omits_what_is_missing():
    told = message.violation(CLAUSE, SUBJECT, Violation(Witness(CLAUSE.name), "this", "that"), times=1)
    assert [line.partition(":")[0].strip() for line in told.splitlines()[1:]] == [
        "Promised", "Source", "Observed", "Clause", "Again"
    ]  # fmt: skip


def test_cut_shortens_a_long_text_in_the_middle():
    assert message.cut("\n".join("abc")) == "a\nb\nc"
    lines = message.cut("\n".join(map(str, range(1000)))).splitlines()
    assert (lines[0], lines[20], lines[-1]) == ("0", "... 960 lines ...", "999")


DOUBTED = copy_of(CLAUSE, doubt="the manual is silent")


def test_the_doubt_about_a_clause_is_shown_with_every_violation_of_it():
    assert "Doubtful: the manual is silent\n" in message.violation(DOUBTED, SUBJECT, VIOLATION, times=1)
    assert "Doubtful" not in message.violation(CLAUSE, SUBJECT, VIOLATION, times=1)


@pytest.mark.parametrize(
    ("entry", "clause", "shown"),
    [
        ("an alias", "", "gh-1: it is slow (doubtful: an alias)"),
        ("", "silence", "gh-1: it is slow (doubtful: silence)"),
        ("an alias", "silence", "gh-1: it is slow (doubtful: an alias)"),
        ("", "", "gh-1: it is slow"),
    ],
)
def test_a_known_deviation_shows_the_doubt_of_its_entry_or_else_of_its_clause(entry, clause, shown):
    known = Deviation("slow", CLAUSE.name, "returned", "it is slow", "gh-1", doubt=entry)
    assert message.known(known, copy_of(CLAUSE, doubt=clause)) == shown
