"""Failures in words: everything a maintainer asks, and histories in columns."""

import sys
from dataclasses import replace

import pytest

from conformance import catalogue
from conformance.checking.verdict import Violation
from conformance.driver.subject import Interpreter, Subject
from conformance.outcomes import Observed
from conformance.reporting import message
from conformance.script import Call

MS = 1_000_000
CLAUSE = catalogue.clauses()["queue.put.full"]
SUBJECT = Subject(
    Interpreter("/usr/bin/python3.8", "billiard", (3, 8, 1), "CPython", ("fork",), "4.2", ("/a b",)), "fork"
)


def call(actor, op, start, end=None, seen="None", args=(), raised=""):
    """A call of a history, at times in milliseconds; without an end, it is open."""
    begun = Call(start, actor, op, args, {}, start * MS)
    observed = Observed("raised", seen, (raised,)) if raised else Observed("returned", seen)
    return begun if end is None else begun.finished(start * MS, end * MS, observed)


HISTORY = (
    call(0, "put", 0, 1, args=(1,)),
    call(1, "get", 2, 7, "1"),
    call(0, "put", 3, 9, "('full')", (2,), raised="queue.Full"),
    call(2, "join", 8),
)
OVERLAPPING = """
             process 0                            process 1                            process 2
   0.000 ms  put(1) -> None
   2.000 ms                                       get() ...
   3.000 ms  put(2) ...                           |
   7.000 ms  |                                    ... -> 1
   8.000 ms  |                                                                         join() ...
   9.000 ms  ... -> raises queue.Full('full')                                          |
                                                                                       (open)
"""
VIOLATION = Violation(
    CLAUSE.name,
    promised="put(2, False) must be one of: full: raises queue.Full",
    observed="put(2, False) returned None",
    permitted=("full: raises queue.Full",),
    state="Queue(maxsize=1)",
    history=HISTORY,
    evidence="\n".join(f"line {number}" for number in range(100)),
    arguments={"size": 3, "objs": (b"x" * 5, "y")},
)


def test_a_message_tells_what_a_maintainer_asks():
    told = message.violation(CLAUSE, SUBJECT, VIOLATION, times=3)
    for part in (
        f"queue.put.full is violated by {SUBJECT}, 3 times in this run.\n",
        f"Promised: {CLAUSE.statement}\n",
        "multiprocessing.Queue.put  https://docs.python.org/3/library/multiprocessing.html#multiprocessing.Queue.put\n",
        "With:     size=3, objs=(b'xxxxx', 'y')\n",
        "State:    Queue(maxsize=1)\n",
        "Permits:  full: raises queue.Full\n",
        "Observed: put(2, False) returned None\n",
        "\n" + "\n".join(f"    {line}" for line in message.columns(HISTORY).splitlines()) + "\n",
        "    line 0\n",
        "    ... 60 lines ...\n",
        "    line 99\n",
    ):
        assert part in told
    assert "line 50" not in told


def test_a_message_tells_how_to_see_it_again():
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


def test_a_message_says_nothing_of_what_there_is_not():
    told = message.violation(CLAUSE, SUBJECT, Violation(CLAUSE.name, "this", "that"), times=1)
    assert [line.partition(":")[0].strip() for line in told.splitlines()[1:]] == [
        "Promised", "Source", "Observed", "Again"
    ]  # fmt: skip


def shown(*history):
    """The columns of a history, as they are read."""
    return "\n" + "\n".join(line.rstrip() for line in message.columns(history).splitlines()) + "\n"


def test_calls_that_overlap_are_shown_as_overlapping():
    assert shown(*HISTORY) == OVERLAPPING


SEQUENTIAL = """
             process 0                                   process 1
   0.000 ms  put(1) -> None
   2.000 ms                                              get() -> 1
"""


def test_calls_that_do_not_overlap_take_a_line_each():
    assert shown(call(0, "put", 5, 6, args=(1,)), call(1, "get", 7, 8, "1")) == SEQUENTIAL


OPEN = """
             process 3
   0.000 ms  put(1) -> None
   1.000 ms  get() ...
             (open)
"""


def test_a_process_makes_one_call_after_the_other():
    """The start of an open call is only a lower bound: where the call before it ended."""
    assert shown(call(3, "put", 0, 1, args=(1,)), call(3, "get", 1)) == OPEN


def test_calls_that_share_an_instant_overlap():
    rows = shown(call(0, "put", 0, 1), call(1, "get", 1, 2)).splitlines()
    assert sum("..." in row for row in rows) == 4


@pytest.mark.parametrize("actors", range(2, 9))
def test_what_is_too_long_for_its_column_is_cut(actors):
    calls = [call(actor, "put", actor, 50 + actor, args=("x" * 100,)) for actor in range(actors)]
    head, *rows = message.columns(calls).splitlines()
    assert len(rows) == 2 * actors
    for actor, row in enumerate(rows[:actors]):
        cell = head.index(f"process {actor}")
        assert row[cell:].startswith("put('xxx")
        assert row.endswith("x...")
        assert row[13:cell].split() == ["|"] * actor


def test_of_a_long_history_the_end_is_shown_under_its_heads():
    rows = shown(*(call(t % 2, "put", 2 * t, 2 * t + 1, args=(t,)) for t in range(100))).splitlines()
    assert rows[1].split() == ["process", "0", "process", "1"]
    assert rows[-1].endswith("put(99) -> None")
    assert len(rows) < 50


def test_a_long_text_is_cut_in_the_middle():
    assert message.cut("\n".join("abc")) == "a\nb\nc"
    lines = message.cut("\n".join(map(str, range(1000)))).splitlines()
    assert (lines[0], lines[20], lines[-1]) == ("0", "... 960 lines ...", "999")
