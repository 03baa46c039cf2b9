"""A stage serves one campaign after the other, as long as nothing of the subject is left in it."""

import os
import signal
import sys

import pytest

from conformance import catalogue
from conformance.checking.findings import Unknown
from conformance.checking.script import Script
from conformance.checking.witness import Witness
from conformance.driver.campaign import Campaign, Profile
from conformance.driver.confirmation import Expectation
from conformance.driver.stages import Stages
from conformance.driver.tolerance import TOLERABLE, Tolerance
from conformance.forensics import process
from conformance.subjects.subject import Subject, Unusable, probe

SMALL = Profile("small", scripts=4, pinned=0, streams=0, scenarios=1)
SUBJECT = Subject(probe(sys.executable), "fork")


@pytest.fixture
def stages():
    kept = Stages()
    yield kept
    kept.close()


def campaign(spec, stages, tolerance=None):
    """A small campaign of a spec."""
    return Campaign(catalogue.entry(spec), SUBJECT, SMALL, 0, stages=stages, tolerance=tolerance)


def idle(stages):
    """The process of the stage that waits for the next campaign."""
    stage = stages.take(SUBJECT, ())
    stages.give(stage)
    return stage.channel.pid


def test_the_next_campaign_has_the_same_stage(stages):
    assert not campaign("lock", stages).run(["lock.acquire.takes"]).violated
    first = idle(stages)
    assert not campaign("semaphore", stages).run(["semaphore.acquire.takes"]).violated
    assert idle(stages) == first


def test_a_stage_that_has_died_meanwhile_is_replaced_and_blamed_on_nobody(stages):
    first = idle(stages)
    os.kill(first, signal.SIGKILL)
    process.wait_for_end(first, 10)
    found = campaign("semaphore", stages).run(["semaphore.acquire.takes"])
    assert found.exercised["semaphore.acquire.takes"]
    assert not found.violated
    assert idle(stages) != first


@pytest.mark.parametrize("name", ["threads", "families"])
def test_a_stage_in_which_something_is_left_is_not_handed_on(stages, name, monkeypatch):
    stage = stages.take(SUBJECT, ())
    assert stage.is_tidy()
    left = {"threads": lambda pid: (pid, pid + 1), "families": lambda: {stage.channel.pid: [os.getpid()]}}
    monkeypatch.setattr(f"conformance.forensics.procfs.{name}", left[name])
    assert not stage.is_tidy()
    monkeypatch.undo()
    stages.give(stage)
    assert idle(stages) == stage.channel.pid


def test_descriptors_that_add_up_are_not_handed_on(stages, monkeypatch):
    stage = stages.take(SUBJECT, ())
    monkeypatch.setattr("conformance.forensics.procfs.count_descriptors", lambda pid: stage.descriptors + 100)
    assert not stage.is_tidy()
    stages.give(stage)


def test_closing_ends_the_idle_ones():
    kept = Stages()
    stage = kept.take(SUBJECT, ())
    kept.give(stage)
    assert stage.supervised.exited() is None
    kept.close()
    assert stage.supervised.exited() is not None
    assert not stage.directory.exists()


def test_what_could_not_be_run_is_run_later(stages, monkeypatch):
    mine = campaign("queue", stages)
    with monkeypatch.context() as patched:
        patched.setattr(mine.runs, "scenario", lambda *given: (_ for _ in ()).throw(Unusable("not now")))
        with pytest.raises(Unusable):
            mine.run(["queue.large"])
    assert mine.run(["queue.large"]).exercised["queue.large"] == 1


def test_a_race_that_is_not_replayed_any_more_is_not_gone(stages):
    tolerance = Tolerance()
    tolerance.unknown += [Unknown("lock.made", "silence")] * TOLERABLE
    witness = Witness("lock.acquire.takes", Script({}, ({0: (("acquire", (), {}),)},)))
    race = Expectation("lock.acquire.takes", "returned None", witness, tries=10, steady=False)
    findings = campaign("lock", stages, tolerance).run(["lock.acquire.takes"], [race])
    assert findings.replays[race.key] == 0
    assert "lock.acquire.takes" in findings.unknown
