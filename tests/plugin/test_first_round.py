"""A run begins with a sample of every class, of which each worker takes its share."""

import itertools
import sys
from types import SimpleNamespace

import pytest

from conformance import catalogue
from conformance.checking.record import Record
from conformance.commands.session import SessionReporter
from conformance.driver.campaign import SAMPLE, Campaign, Profile
from conformance.plugin import first_round
from conformance.subjects.subject import Subject, probe

SPECS = [entry.spec.name for entry in catalogue.entries()]
SMALL = Profile("small", scripts=20, pinned=1, streams=0, scenarios=2)


def test_share_divides_all_classes_among_the_workers():
    shares = [first_round.share(SPECS, worker, 3) for worker in range(3)]
    assert sorted(itertools.chain.from_iterable(shares)) == sorted(SPECS)
    assert max(map(len, shares)) - min(map(len, shares)) <= 1


def test_share_puts_the_shortest_first():
    lengths = [first_round.length(spec) for spec in first_round.share(SPECS, 0, 1)]
    assert lengths == sorted(lengths)


def test_place_is_read_from_the_worker():
    assert first_round.place(SimpleNamespace()) == (0, 1)
    assert first_round.place(SimpleNamespace(workerinput={"workerid": "gw1", "workercount": 4})) == (1, 4)


@pytest.fixture(scope="module")
def subject():
    return Subject(probe(sys.executable), "fork")


def test_campaign_does_not_repeat_what_begin_has_run(subject):
    entry = catalogue.entry("queue")
    campaign = Campaign(entry, subject, SMALL, 0)
    begun = campaign.begin(entry.spec.clauses)
    sample = dict(begun.exercised)
    assert {entry.spec.clauses[name].kind for name in sample} == {"object", "operation", "scenario"}
    tried = {clause: list(arguments) for clause, arguments in campaign.tried.items()}
    whole = campaign.run(entry.spec.clauses)
    assert whole is begun
    assert campaign.profile is SMALL
    for clause, arguments in campaign.tried.items():
        assert arguments[: len(tried[clause])] == tried[clause]
        assert whole.exercised[clause] + whole.times[clause] == len(arguments) <= SMALL.scenarios


def test_sample_tries_every_clause_that_calls_lead_to(subject):
    entry = catalogue.entry("semaphore")
    campaign = Campaign(entry, subject, SAMPLE, 0)
    found = campaign.run([name for name, clause in entry.spec.clauses.items() if clause.kind == "operation"])
    missing = {slug for slug in campaign._slugs_of_calls() if not found.tested(f"semaphore.{slug}")}
    assert not missing
    assert found.runs < 40


def test_reporter_keeps_a_violation_that_it_has_reported():
    reporter = SessionReporter(SimpleNamespace(tell=lambda *facts: None), [])
    seen = Record("queue.put.full", "subject", "violated", times=1, details={"observed": "put(2) returned None"})
    item = "specs/queues/queues.py::queue.put.full[fork]"
    reporter._tell({item: seen.to_json()})
    reporter.records[item] = Record("queue.put.full", "subject", "holds", 3)
    assert [record.verdict for record in reporter.verdicts()] == ["violated"]
