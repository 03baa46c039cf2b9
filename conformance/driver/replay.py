"""Plays a witness again, as often as requested, and counts how often it violates its clause."""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from conformance import catalogue
from conformance.checking.findings import Findings, Unknown, Violation
from conformance.checking.witness import Witness
from conformance.driver.runs import Runs
from conformance.subjects.subject import Subject

FIRST_BATCH = 4  # scripts that are played before the first look; then twice as many each time


@dataclass(frozen=True)
class Replayed:
    """What ``tries`` runs of a witness have shown: ``hits`` of them violated its clause."""

    witness: Witness
    tries: int
    hits: int
    findings: Findings

    @property
    def violations(self) -> tuple[Violation, ...]:
        """The different violations of the clause, those with the shortest histories first."""
        return self.findings.violated.get(self.witness.clause, ())

    @property
    def unknowns(self) -> tuple[Unknown, ...]:
        """What could not be judged."""
        return tuple(self.findings.unknown.values())


def replay(
    witness: Witness,
    subject: Subject,
    times: int,
    *,
    enough: int | None = None,
    seconds: float | None = None,
    peers: Iterable[str] = (),
) -> Replayed:
    """Plays the witness ``times`` times, in processes that have ended when this returns. Raises Unusable.

    Stops early once the violation was seen ``enough`` times, or after ``seconds``.
    """
    runs = Runs(catalogue.owner(witness.clause), subject, peers)
    until = None if seconds is None else time.monotonic() + seconds
    tries = 0
    try:
        for done in batches(runs, witness, times):
            tries = done
            over = until is not None and time.monotonic() > until
            if over or (enough is not None and runs.findings.times[witness.clause] >= enough):
                break
    finally:
        runs.close()
    return Replayed(witness, tries, runs.findings.times[witness.clause], runs.findings)


def batches(runs: Runs, witness: Witness, times: int) -> Iterator[int]:
    """Plays the witness; yields the number of tries so far after each batch. Ends if nothing more may be run."""
    spec, tries, batch = runs.entry.spec, 0, FIRST_BATCH if witness.script else 1
    while tries < times and not runs.tolerance.exhausted:
        batch = min(batch, times - tries)
        if witness.script is not None:
            runs.play([witness.script] * batch)
        elif witness.stream:
            runs.stream(spec.streams[witness.stream], [witness.arguments])
        else:
            runs.scenario(spec.scenarios[witness.clause], witness.arguments)
        tries += batch
        yield tries
        batch *= 2 if witness.script else 1  # scenarios and streams are run one by one
