"""A clause that is broken over and over is told once, and the others get their share."""

import sys

import pytest
from support.overlays import BROKEN_EVENT

from conformance import catalogue
from conformance.driver import campaign as campaigns
from conformance.driver.campaign import Campaign, Profile
from conformance.subjects.subject import Subject, probe

SMALL = Profile("small", scripts=240, pinned=1, streams=0, scenarios=1)
BY_THE_WAY = 4  # more failures of a clause than are looked for: the relation does not foresee every race


@pytest.fixture(scope="module")
def findings(tmp_path_factory):
    """What a campaign has shown of events that are broken in two ways."""
    path = tmp_path_factory.mktemp("broken")
    (path / "broken.py").write_text(BROKEN_EVENT)
    subject = Subject(probe(sys.executable, "broken", (str(path),)), "fork")
    entry = catalogue.entry("event")
    operations = [name for name, clause in entry.spec.clauses.items() if clause.kind == "operation"]
    return Campaign(entry, subject, SMALL, 0).run(operations)


@pytest.mark.parametrize("name", ["event.set.sets", "event.clear.clears"])
def test_campaign_stops_trying_a_clause_that_always_fails(findings, name):
    assert findings.exercised[name] == 0
    assert 0 < findings.times[name] <= campaigns.ENOUGH + BY_THE_WAY


def test_campaign_still_tries_the_other_clauses(findings):
    assert findings.exercised["event.is_set.tells"] >= 5
    assert findings.exercised["event.wait.expires"] > 0
