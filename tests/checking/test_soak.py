"""Runs that were repeated, added up."""

from conformance.checking.record import Record
from conformance.checking.soak import SoakRun, add_up_replays, count_verdicts


def soak_run(seed, *records):
    return SoakRun(seed, 1.0, True, records)


def test_count_verdicts_counts_by_subject_and_clause():
    holds, broken = Record("queue.made", "fork", "holds", 3), Record("queue.made", "fork", "violated", 1, 1)
    other = Record("queue.made", "spawn", "holds", 3)
    found = count_verdicts([soak_run(0, holds, other), soak_run(1, broken, other), soak_run(2, holds)])
    assert found == {"fork": {"queue.made": {"holds": 2, "violated": 1}}, "spawn": {"queue.made": {"holds": 2}}}


def test_add_up_replays_adds_hits_and_tries():
    some = Record("event.wait.waits", "fork", "deviation", replays={"race": (1, 4), "other": (0, 2)})
    more = Record("event.wait.waits", "fork", "deviation", replays={"race": [2, 12]})
    elsewhere = Record("event.wait.waits", "spawn", "deviation", replays={"race": (0, 7)})
    found = add_up_replays([soak_run(0, some, elsewhere), soak_run(1, more)])
    assert found == {"race": {"fork": (3, 16), "spawn": (0, 7)}, "other": {"fork": (0, 2)}}


def test_unexpected_verdicts_of_a_run_are_those_that_fail_it():
    bad = Record("queue.made", "fork", "unexpected pass")
    assert soak_run(0, Record("queue.made", "fork", "deviation"), bad).unexpected == (bad,)
