"""Histories of processes that die: what a message shows of them is true."""

import itertools
from types import SimpleNamespace

import pytest
from support.subjects import subject

from conformance import catalogue
from conformance.checking.script import Script
from conformance.driver import crew
from conformance.driver.campaign import Campaign, Profile
from conformance.driver.channel import now
from conformance.driver.crew import Crew, Reply
from conformance.driver.play import Found, Play
from conformance.vocabulary import arg
from conformance.vocabulary.outcomes import Observed

PINNED_ONLY = Profile("pinned only", scripts=0, pinned=1, streams=0, scenarios=0)


def test_play_ends_a_history_with_the_call_in_which_a_process_died():
    begun, killed = now(), subject("mutants.failing:is_killed")
    found = Campaign(catalogue.entry("queue"), killed, PINNED_ONLY, 0).run(["queue.put.stores"])
    violation = found.violated["queue.put.stores"][0]
    assert violation.observed.endswith(" died of SIGKILL")
    (died,) = [call for call in violation.history if call.observed.kind == "died"]
    assert begun < died.start < died.end
    assert [call for call in violation.history if call.actor == died.actor][-1] == died


def test_play_lets_an_actor_wait_after_it_gave_up():
    rounds = ({0: (("acquire", (), {}),)}, {1: (("acquire", (), {"timeout": arg.SHORT}), ("enter", (), {}))})
    campaign = Campaign(catalogue.entry("lock"), subject(), PINNED_ONLY, 0)
    try:
        campaign.play([Script({}, rounds)])
    finally:
        campaign.close()
    assert not campaign.findings.violated
    assert campaign.findings.exercised["lock.acquire.expires"] == 1
    assert campaign.findings.exercised["lock.enter.waits"] == 1


class Pairs:
    """Channels that are ready one after the other: while the first is read, the second gets an earlier reply."""

    def __init__(self):
        self.arrived = {0: [], 1: [[7, 30, 40, "returned", "True", []]]}

    def reading(self, actor):
        pairs, channel = self, type("Channel", (), {})()

        def read():
            if actor == 1:
                pairs.arrived[0] = [[3, 10, 20, "returned", "False", []]]
            told, pairs.arrived[actor] = pairs.arrived[actor], []
            return told

        channel.read = read
        return channel


def test_crew_reads_replies_until_none_is_left(monkeypatch):
    """Else the effect of a call would be seen before the reply of the one that its actor made before it."""
    pairs, reader = Pairs(), Crew.__new__(Crew)
    reader.channels = {actor: pairs.reading(actor) for actor in (0, 1)}
    monkeypatch.setattr(
        crew, "ready", lambda channels, timeout: [c for a, c in reader.channels.items() if pairs.arrived[a]]
    )
    assert [reply.call for reply in reader.replies(0.1)] == [3, 7]


def read(replies):
    """A play of one process that gets and two that put, whose replies are read in this order."""
    entry = catalogue.entry("simplequeue")
    silent = SimpleNamespace(entry=entry, ids=itertools.count(), noun="process", begin=lambda item, calls: None)
    puts = {0: (("put", (3,), {}),), 2: (("put", (1,), {}), ("put", (2,), {}))}
    play = Play(silent, 0, Script({}, ({1: (("get", (), {}), ("get", (), {})), **puts},)))
    play._begin(play.script.rounds[0])
    play._absorb([Reply(actor, 0, start, start + 5, Observed("returned", text)) for actor, start, text in replies])
    return play.worlds


LATE = now() + 10**9  # after the calls have begun
HELD_UP = [(0, LATE + 50, "None"), (2, LATE + 10, "None"), (1, LATE + 60, "1"), (2, LATE + 30, "None")]


def test_play_judges_a_late_reply_by_the_end_of_its_call():
    """The second put of process 2 came before that of process 0, but its reply after all others."""
    assert [world.state.items for world in read([*HELD_UP, (1, LATE + 70, "2")])] == [(3,)]


def test_play_finds_a_violation_in_whatever_order_replies_are_read():
    with pytest.raises(Found, match=r"simplequeue\.get\.takes"):
        read([*HELD_UP, (1, LATE + 70, "3")])
