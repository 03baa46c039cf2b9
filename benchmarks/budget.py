"""Where the time of a run goes: for each spec and start method, seconds, runs and processes, against a floor.

    python benchmarks/budget.py [--python PATH_OR_NAME] [--start-method NAME] [--profile NAME] [SPEC...]

Runs the campaigns one after the other in this process. For each it prints the wall time, the processor
time of the driver and of the subject, how many scripts, streams and scenarios were run, how many processes
were started and how many programs they have executed. The floor is the processor time that as many bare children
cost, whose target does nothing: spawned ones for those that execute a program, and forked ones for the others.
"""

import argparse
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterable
from typing import NamedTuple

from processes import Counting

from conformance import catalogue
from conformance.deviations import Deviation, load, own
from conformance.driver.campaign import Campaign
from conformance.driver.profiles import PROFILES
from conformance.driver.stages import Stages
from conformance.forensics import procfs
from conformance.subjects.subject import Subject, probe, subjects

CHILDREN = 40
BARE = """
import multiprocessing, os, sys

context = multiprocessing.get_context(sys.argv[1])
for _ in range(int(sys.argv[2])):
    child = context.Process(target=os.getpid)
    child.start()
    child.join()
"""


class Cost(NamedTuple):
    """What a campaign takes: seconds, and how much was done in them."""

    wall: float = 0.0
    driver: float = 0.0
    subject: float = 0.0
    runs: int = 0
    processes: int = 0
    programs: int = 0
    floor: float = 0.0

    def __add__(self, other: tuple[object, ...]) -> "Cost":
        return Cost(*(mine + theirs for mine, theirs in zip(self, other, strict=True)))  # type: ignore[operator]

    def __str__(self) -> str:
        return (
            f"{self.wall:7.2f} {self.driver:7.2f} {self.subject:7.2f} {self.runs:6} "
            f"{self.processes:6} {self.programs:6} {self.floor:7.2f}"
        )


HEADING = f"{'':32}   wall  driver subject   runs  procs  progs   floor"


def spent(who: int) -> float:
    """Processor time in seconds."""
    return sum(resource.getrusage(who)[:2])


def spent_below() -> float:
    """The processor time of all that descends from this process, in seconds."""
    return spent(resource.RUSAGE_CHILDREN) + procfs.work(procfs.descendants(os.getpid())).used


class Bare(NamedTuple):
    """The processor time that a child costs whose target does nothing, in seconds: by fork, and by spawn."""

    fork: float
    spawn: float

    def floor(self, processes: int, programs: int) -> float:
        """What so many children cost, some of which execute a program."""
        return programs * self.spawn + (processes - programs) * self.fork


def bare_child(python: str, start_method: str) -> float:
    """The processor time that a bare child costs by a start method, in seconds."""

    def run(children: int) -> float:
        before = spent(resource.RUSAGE_CHILDREN)
        subprocess.run([python, "-c", BARE, start_method, str(children)], check=True)
        return spent(resource.RUSAGE_CHILDREN) - before

    return (run(CHILDREN) - run(0)) / CHILDREN


def cost(campaign: Campaign, known: Iterable[Deviation], bare: Bare) -> Cost:
    """Runs a campaign to its end, and measures it."""
    spec, subject = campaign.entry.spec, campaign.subject
    expected = [d.expectation for d in known if d.concerns(subject)]
    wall, driver, below = time.monotonic(), spent(resource.RUSAGE_SELF), spent_below()
    with Counting() as counted:
        found = campaign.run(list(spec.clauses), expected)
    return Cost(
        time.monotonic() - wall,
        spent(resource.RUSAGE_SELF) - driver,
        spent_below() - below,
        found.runs,
        counted.processes,
        counted.programs,
        bare.floor(counted.processes, counted.programs),
    )


def measure(subject: Subject, names: list[str], profile: str, bare: Bare) -> Cost:
    """Prints a row for each spec on a subject, and returns the sum."""
    known, stages = load(own(), catalogue.clauses()), Stages()
    print(f"{subject}\n{HEADING}")
    total = Cost()
    for entry in catalogue.entries():
        if not names or entry.spec.name in names:
            found = cost(Campaign(entry, subject, PROFILES[profile], 0, (), stages), known, bare)
            print(f"{entry.spec.name:20} {subject.start_method:11} {found}", flush=True)
            total += found
    stages.close()
    print(f"{'all':20} {subject.start_method:11} {total}\n", flush=True)
    return total


def main() -> None:
    """Prints the table."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--python", default=sys.executable)
    options.add_argument("--start-method", action="append", default=[])
    options.add_argument("--profile", default="quick", choices=sorted(PROFILES))
    options.add_argument("spec", nargs="*", help="names of specs, such as queue (default: all)")
    chosen = options.parse_args()
    total, interpreter = Cost(), probe(chosen.python)
    bare = Bare(*(bare_child(interpreter.executable, method) for method in ("fork", "spawn")))
    print(
        f"A bare child takes {bare.fork * 1000:.1f} ms of processor time by fork, {bare.spawn * 1000:.1f} by spawn.\n"
    )
    for subject in subjects(interpreter, tuple(chosen.start_method)):
        total += measure(subject, chosen.spec, chosen.profile, bare)
    print(f"{'all':32} {total}")


if __name__ == "__main__":
    main()
