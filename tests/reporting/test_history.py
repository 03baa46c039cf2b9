"""Histories in columns: everything in time order, on one screen."""

import pytest
from support.builders import HISTORY, call

from conformance.reporting import history
from conformance.reporting.history import LINES, WIDTH


def shown(*calls, **more):
    """The columns of a history, as they are read."""
    return "\n" + history.columns(calls, **more) + "\n"


OVERLAPPING = """
               process 0                  process 1                  process 2
     0.000 ms  put(1) -> None
     2.000 ms                             get() ...
>    3.000 ms  put(2) ...                 |
     7.000 ms  |                          -> 1
     8.000 ms  |                                                     join() ...
>    9.000 ms  -> raises Full('full')                                |
                                                                     (still open)
"""


def test_columns_show_overlapping_calls_as_overlapping():
    assert shown(*HISTORY, blamed=3) == OVERLAPPING


SEQUENTIAL = """
               thread 0                                thread 1
     0.000 ms  put(1) -> None
     2.000 ms                                          get() -> 1
"""


def test_columns_give_calls_in_sequence_a_line_each():
    assert shown(call(0, "put", 5, 6, args=(1,)), call(1, "get", 7, 8, "1"), noun="thread") == SEQUENTIAL


OPEN = """
               process 3
     0.000 ms  put(1) -> None
     1.000 ms  get() ...
               (still open)
"""


def test_columns_start_an_open_call_where_the_one_before_ended():
    """The start of an open call is only a lower bound: where the call before it ended."""
    assert shown(call(3, "put", 0, 1, args=(1,)), call(3, "get", 1)) == OPEN


def test_columns_show_calls_that_share_an_instant_as_overlapping():
    rows = shown(call(0, "put", 0, 1), call(1, "get", 1, 2)).splitlines()
    assert sum("..." in row for row in rows) == 2


@pytest.mark.parametrize("actors", range(2, 7))
def test_columns_cut_text_that_is_too_wide(actors):
    calls = [call(actor, "put", actor, 50 + actor, args=("x" * 100,)) for actor in range(actors)]
    head, *rows = history.columns(calls).splitlines()
    assert len(rows) == 2 * actors
    assert max(map(len, [head, *rows])) <= WIDTH
    for actor, row in enumerate(rows[:actors]):
        cell = head.index(f"process {actor}")
        assert row[cell:].startswith("put('x")
        assert row.endswith("x...")
        assert row[15:cell].split() == ["|"] * actor


def test_columns_keep_the_outcome_of_a_long_call():
    row = shown(call(0, "put", 0, 1, "()", ("x" * 100,), raised="queue.Full"), call(1, "get", 2, 3)).splitlines()[2]
    assert row.endswith("x... -> raises Full")


def test_columns_show_the_end_of_a_long_history_under_its_heads():
    rows = shown(*(call(t % 2, "put", 2 * t, 2 * t + 1, args=(t,)) for t in range(100))).splitlines()[1:]
    assert rows[0].split() == ["process", "0", "process", "1"]
    assert rows[1].split() == ["...", "65", "events", "before"]
    assert rows[-1].endswith("put(99) -> None")
    assert len(rows) <= LINES


@pytest.mark.parametrize("blamed", range(0, 100, 9))
def test_columns_of_a_long_history_include_the_blamed_call(blamed):
    calls = [call(0, "put", 2 * t, 2 * t + 1, args=(t,)) for t in range(100)]
    rows = history.columns(calls, blamed=2 * blamed).splitlines()
    assert [row.endswith(f"put({blamed}) -> None") for row in rows if row.startswith(">")] == [True]
    assert len(rows) <= LINES


def test_columns_include_the_start_of_a_blamed_call_that_lasts():
    calls = [call(1, "wait", 0, 500), *(call(0, "put", 2 * t + 1, 2 * t + 2, args=(t,)) for t in range(100))]
    rows = history.columns(calls, blamed=0).splitlines()
    assert [row.split()[-1] for row in rows if row.startswith(">")] == ["...", "None"]
    assert rows[2].split() == ["...", "166", "events", "before"]
    assert len(rows) <= LINES
