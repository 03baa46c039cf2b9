"""Histories of processes that die: what a message shows of them is true."""

import sys
from dataclasses import replace
from pathlib import Path

from conformance import arg, catalogue
from conformance.driver import crew
from conformance.driver.campaign import Campaign, Profile
from conformance.driver.channel import now
from conformance.driver.crew import Crew
from conformance.driver.subject import Subject, probe
from conformance.script import Script

PINNED_ONLY = Profile("pinned only", scripts=0, pinned=1, streams=0, scenarios=0)


def test_a_call_in_which_a_process_dies_is_the_last_of_its_history():
    real = probe(sys.executable)
    killed = replace(real, implementation="mutants.failing:is_killed", path=(str(Path(__file__).parent),))
    begun = now()
    found = Campaign(catalogue.entry("queue"), Subject(killed, "fork"), PINNED_ONLY, 0).run(["queue.put.stores"])
    violation = found.violated["queue.put.stores"][0]
    assert violation.observed.endswith(" died of SIGKILL")
    (died,) = [call for call in violation.history if call.observed.kind == "died"]
    assert begun < died.start < died.end
    assert [call for call in violation.history if call.actor == died.actor][-1] == died


def test_who_gives_up_may_go_on_to_wait():
    rounds = ({0: (("acquire", (), {}),)}, {1: (("acquire", (), {"timeout": arg.SHORT}), ("enter", (), {}))})
    campaign = Campaign(catalogue.entry("lock"), Subject(probe(sys.executable), "fork"), PINNED_ONLY, 0)
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


def test_replies_are_read_until_nothing_is_left(monkeypatch):
    """Else the effect of a call would be seen before the reply of the one that its actor made before it."""
    pairs, reader = Pairs(), Crew.__new__(Crew)
    reader.channels = {actor: pairs.reading(actor) for actor in (0, 1)}
    monkeypatch.setattr(
        crew, "ready", lambda channels, timeout: [c for a, c in reader.channels.items() if pairs.arrived[a]]
    )
    assert [reply.call for reply in reader.replies(0.1)] == [3, 7]
