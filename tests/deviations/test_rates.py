"""The rates that a soak proposes."""

from dataclasses import replace
from pathlib import Path

import pytest

from conformance.deviations import Deviation, Rate
from conformance.deviations.editing import Change
from conformance.deviations.rates import chance_of_as_few, propose_rates

RACE = Deviation("a-race", "event.wait.waits", "returned False", "why", "gh-1", rate=Rate(50, 100), file=Path("a.toml"))


@pytest.mark.parametrize(
    ("counts", "proposed"),
    [
        ({"fork": (90, 200)}, "90 in 200"),  # rests on more replays
        ({"fork": (5, 40)}, "5 in 40"),  # lower than chance explains
        ({"fork": (90, 100), "spawn": (5, 40)}, "5 in 40"),  # the least of the subjects
        ({"fork": (5, 16)}, None),  # no more than bad luck
        ({"fork": (2, 400)}, None),  # two hits are too few to count on
        ({"fork": (0, 400)}, None),
        ({}, None),
    ],
)
def test_propose_rates_refines_what_is_known(counts, proposed):
    expected = [Change(RACE.file, "a-race", "rate", proposed)] if proposed else []
    assert propose_rates([RACE], {"a-race": counts}) == expected


def test_propose_rates_leaves_what_shows_each_time():
    assert propose_rates([replace(RACE, rate=None)], {"a-race": {"fork": (90, 200)}}) == []


def test_chance_of_as_few_is_the_binomial_distribution():
    assert chance_of_as_few(Rate(1, 2), 0.5) == pytest.approx(0.75)
    assert chance_of_as_few(Rate(3, 3), 0.2) == pytest.approx(1.0)
