"""After three calls of a class that could not be judged, nothing more of it is run."""

import sys

from conformance import catalogue
from conformance.checking.findings import Unknown
from conformance.driver.campaign import Campaign, Profile
from conformance.driver.tolerance import TOLERABLE, Tolerance
from conformance.subjects.subject import Subject, probe

SMALL = Profile("small", scripts=6, pinned=0, streams=1, scenarios=1)
LOCK = catalogue.entry("lock")


def exhausted(unknown):
    """What was tolerated so far."""
    tolerance = Tolerance()
    tolerance.unknown += [Unknown(f"lock.acquire.{number}", f"silence {number}") for number in range(unknown)]
    return tolerance


def campaign(tolerance, start_method="fork"):
    """A campaign that shares what could not be judged with others."""
    return Campaign(LOCK, Subject(probe(sys.executable), start_method), SMALL, 0, tolerance=tolerance)


def test_tolerance_is_not_exhausted_by_what_is_tolerable():
    assert exhausted(TOLERABLE - 1).exhausted == ""


def test_tolerance_gives_the_first_failure_as_its_reason():
    assert exhausted(TOLERABLE).exhausted == (
        "nothing more of this class was run: 3 calls could not be judged, the first for lock.acquire.0: silence 0"
    )


def test_campaign_of_an_exhausted_class_reports_unknown():
    tolerance = exhausted(TOLERABLE)
    findings = campaign(tolerance, "spawn").run(LOCK.spec.clauses)
    assert findings.runs == 0
    assert {unknown.reason for unknown in findings.unknown.values()} == {tolerance.exhausted}
    assert set(findings.unknown) >= {"lock.acquire.takes", "lock.exclusive", "lock.made"}


def test_campaign_runs_until_tolerance_is_exhausted():
    findings = campaign(exhausted(TOLERABLE - 1)).run(LOCK.spec.clauses)
    assert findings.runs >= SMALL.scripts
    assert not findings.unknown


def test_runs_count_a_failure_that_cannot_be_judged():
    tolerance = Tolerance()
    campaign(tolerance).runs._failed(Unknown("lock.acquire.takes", "silence"))
    assert [unknown.clause for unknown in tolerance.unknown] == ["lock.acquire.takes"]
