"""A clause that is broken over and over is told once, and the others get their share."""

import sys

import pytest
from support.overlays import BROKEN_EVENT

from conformance import catalogue
from conformance.driver.campaign import Campaign
from conformance.driver.profiles import Profile
from conformance.driver.wear import ENOUGH, PLENTY, find_worn
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
    assert 0 < findings.times[name] <= ENOUGH + BY_THE_WAY


def test_campaign_still_tries_the_other_clauses(findings):
    assert findings.exercised["event.is_set.tells"] >= 5
    assert findings.exercised["event.wait.expires"] > 0


@pytest.mark.parametrize(
    ("failed", "passed", "worn"),
    [
        (ENOUGH - 1, 0, False),
        (ENOUGH, 0, True),
        (ENOUGH, ENOUGH, False),
        (PLENTY - 1, 1000, False),
        (PLENTY, 1000, True),
    ],
)
def test_find_worn_asks_for_more_failures_the_more_often_a_clause_holds(failed, passed, worn):
    assert find_worn({"a.b": failed}, {"a.b": passed}, ()) == ({"a.b"} if worn else set())
    assert not find_worn({"a.b": failed}, {"a.b": passed}, {"a.b"}), "a known race"
