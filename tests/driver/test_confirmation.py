"""What is known to deviate is replayed first; once it was seen, nobody searches for it."""

import sys

import pytest

from conformance import catalogue, deviations
from conformance.driver import campaign as campaigns
from conformance.driver.campaign import Campaign, Profile
from conformance.driver.confirmation import Expectation
from conformance.subjects.subject import Subject, probe

SUBJECT = Subject(probe(sys.executable), "fork")
SMALL = Profile("small", scripts=24, pinned=1, streams=1, scenarios=3, patience=20.0)
KNOWN = {d.clause: d.expectation for d in deviations.load(deviations.own(), catalogue.clauses()) if d.concerns(SUBJECT)}


def run(*clauses, known=(), profile=SMALL):
    """A campaign that has run, on this interpreter."""
    spec = clauses[0].partition(".")[0]
    campaign = Campaign(catalogue.entry(spec), SUBJECT, profile, 0)
    campaign.run(clauses, known)
    return campaign


def test_campaign_replays_a_known_scenario_and_does_not_draw_it():
    name = "semaphore.negative"
    findings = run(name, known=[KNOWN[name]]).findings
    assert (findings.times[name], findings.replays[KNOWN[name].key], findings.runs) == (1, 1, 1)


def test_campaign_avoids_a_confirmed_clause_in_scripts():
    names = ("condition.notify.unowned", "condition.wait.returns", "condition.notify.wakes")
    campaign = run(*names, known=[KNOWN[names[0]]])
    assert "notify.unowned" in campaign.avoided
    assert 0 < campaign.findings.times[names[0]] <= 2 * campaigns.ENOUGH
    assert campaign.findings.exercised["condition.notify.wakes"] > 0


def test_campaign_replays_a_race_until_it_occurs_and_does_not_avoid_it():
    name = "event.wait.waits"
    campaign = run(name, known=[KNOWN[name]])
    assert KNOWN[name].seen_in(campaign.findings)
    assert campaign.findings.replays[KNOWN[name].key] <= KNOWN[name].tries
    assert campaign.avoided == frozenset()
    assert campaign.findings.exercised[name] > 0


@pytest.mark.parametrize("tries", [1, 3])
def test_campaign_replays_what_does_not_occur_as_often_as_asked(tries):
    name = "semaphore.release.several"
    never = Expectation(name, "something else", KNOWN[name].witness, tries)
    findings = run(name, known=[never]).findings
    assert not never.seen_in(findings)
    assert findings.replays[never.key] == tries
    assert findings.runs > tries


def test_campaign_searches_for_a_deviation_without_a_witness():
    name = "condition.notify.unowned"
    known = Expectation(name, "AssertionError")
    findings = run(name, known=[known], profile=Profile("pins", scripts=0, pinned=0, streams=0, scenarios=0)).findings
    assert known.seen_in(findings)
    assert findings.replays[known.key] == 0


def test_campaign_replays_a_race_no_longer_than_its_patience():
    name = "lock.release.unlocked"
    never = Expectation(name, "something else", KNOWN[name].witness, 10**6, steady=False)
    impatient = Profile("impatient", scripts=0, pinned=0, streams=0, scenarios=0, patience=0.1)
    findings = run(name, known=[never], profile=impatient).findings
    assert 0 < findings.replays[never.key] < 10**6
