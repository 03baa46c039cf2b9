"""The first part of a run: a sample of every class, so that violations are seen early.

Each worker begins with its share of the classes, the shortest first, with the first start method of each interpreter.
A campaign that has begun continues when its turn comes, and nothing is repeated.
"""

import time
from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from conformance import catalogue

if TYPE_CHECKING:
    from conformance.plugin.items import ClauseItem

SCENARIO = 0.05  # of the time that the scripts of a lock take
FEW = 3  # classes at most that need no sample, since none of them has to wait for long
LIMIT = 60.0  # seconds after which no sample is begun: what is slow to judge is left to its turn
PLAYED = pytest.StashKey[bool]()


def play(item: "ClauseItem") -> None:
    """Plays this worker's share before its first item, if the option asks for it."""
    session = item.session
    if not item.config.getoption("--first-round") or PLAYED in session.stash:
        return
    session.stash[PLAYED] = True
    leaders = item.leaders
    until = time.monotonic() + LIMIT
    if len(leaders) > FEW:
        for spec in share(leaders, *place(item.config)):
            for leader in leaders[spec]:
                if time.monotonic() < until:
                    with suppress(Exception):  # it is raised and reported again when its turn comes
                        leader.begin()
                    leader.stop_if_asked()


def place(config: pytest.Config) -> tuple[int, int]:
    """The number of this worker, and the number of all workers."""
    worker = getattr(config, "workerinput", None)
    return (int(worker["workerid"].removeprefix("gw")), worker["workercount"]) if worker else (0, 1)


def share(specs: Iterable[str], worker: int, workers: int) -> list[str]:
    """The specs with which a worker begins, the shortest first."""
    return sorted(specs, key=length)[worker % workers :: workers]


def length(name: str) -> float:
    """How long the campaigns of a spec take, in arbitrary units."""
    spec = catalogue.entry(name).spec
    return len(spec.scenarios) * SCENARIO + (1 / spec.cost if spec.operations else 0)
