"""Profiles: how much a run does."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Profile:
    """How much is run: scripts of each spec, replays of pinned scripts, streams, and scenarios.

    ``patience`` is the number of seconds for which a known deviation that does not occur is replayed. With
    ``sparing``, only enough scripts are played to lead to every clause once. ``mpconform run`` ends an item
    after ``limit`` seconds.
    """

    name: str
    scripts: int
    pinned: int
    streams: int
    scenarios: int
    patience: float = 1.0
    sparing: bool = False
    limit: float = 600.0


QUICK = Profile("quick", scripts=240, pinned=8, streams=6, scenarios=3, patience=0.25)
THOROUGH = Profile("thorough", scripts=1200, pinned=40, streams=24, scenarios=9, patience=20.0, limit=7200.0)
SAMPLE = Profile("sample", scripts=240, pinned=1, streams=0, scenarios=1, patience=0.0, sparing=True)
PROFILES = {profile.name: profile for profile in (QUICK, THOROUGH, SAMPLE)}
