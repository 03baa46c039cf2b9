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


def test_stages_hand_the_same_stage_to_the_next_campaign(stages):
    assert not campaign("lock", stages).run(["lock.acquire.takes"]).violated
    first = idle(stages)
    assert not campaign("semaphore", stages).run(["semaphore.acquire.takes"]).violated
    assert idle(stages) == first


def test_stages_replace_a_stage_that_has_died_and_blame_no_clause(stages):
    first = idle(stages)
    os.kill(first, signal.SIGKILL)
    process.wait_for_end(first, 10)
    found = campaign("semaphore", stages).run(["semaphore.acquire.takes"])
    assert found.exercised["semaphore.acquire.takes"]
    assert not found.violated
    assert idle(stages) != first


@pytest.mark.parametrize("name", ["threads", "families"])
def test_stages_do_not_hand_on_a_stage_with_something_left_in_it(stages, name, monkeypatch):
    stage = stages.take(SUBJECT, ())
    assert stage.is_tidy()
    left = {"threads": lambda pid: (pid, pid + 1), "families": lambda: {stage.channel.pid: [os.getpid()]}}
    monkeypatch.setattr(f"conformance.forensics.procfs.{name}", left[name])
    assert not stage.is_tidy()
    monkeypatch.undo()
    stages.give(stage)
    assert idle(stages) == stage.channel.pid


def test_stages_do_not_hand_on_a_stage_whose_descriptors_add_up(stages, monkeypatch):
    stage = stages.take(SUBJECT, ())
    monkeypatch.setattr("conformance.forensics.procfs.count_descriptors", lambda pid: stage.descriptors + 100)
    assert not stage.is_tidy()
    stages.give(stage)


def test_stages_end_idle_ones_when_closed():
    kept = Stages()
    stage = kept.take(SUBJECT, ())
    kept.give(stage)
    assert stage.supervised.exited() is None
    kept.close()
    assert stage.supervised.exited() is not None
    assert not stage.directory.exists()


def test_campaign_runs_later_what_could_not_be_run_before(stages, monkeypatch):
    mine = campaign("queue", stages)
    with monkeypatch.context() as patched:
        patched.setattr(mine.runs, "scenario", lambda *given: (_ for _ in ()).throw(Unusable("not now")))
        with pytest.raises(Unusable):
            mine.run(["queue.large"])
    assert mine.run(["queue.large"]).exercised["queue.large"] == 1


def test_campaign_that_is_exhausted_does_not_call_a_race_gone(stages):
    tolerance = Tolerance()
    tolerance.unknown += [Unknown("lock.made", "silence")] * TOLERABLE
    witness = Witness("lock.acquire.takes", Script({}, ({0: (("acquire", (), {}),)},)))
    race = Expectation("lock.acquire.takes", "returned None", witness, tries=10, steady=False)
    findings = campaign("lock", stages, tolerance).run(["lock.acquire.takes"], [race])
    assert findings.replays[race.key] == 0
    assert "lock.acquire.takes" in findings.unknown
