"""What a run shows about clauses: exercised, violated, or not known."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from conformance.script import Call, Script


@dataclass(frozen=True)
class Violation:
    """The proof that a subject breaks a clause.

    ``promised`` and ``observed`` are sentences; ``permitted`` are the outcomes of other clauses
    in the same state. ``history`` holds the calls; ``evidence`` is a certificate, a traceback or
    the last lines of standard error. ``script`` or ``arguments`` tell what to run again.
    """

    clause: str
    promised: str
    observed: str
    permitted: tuple[str, ...] = ()
    state: str = ""
    history: tuple[Call, ...] = ()
    evidence: str = ""
    script: Script | None = None
    arguments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Unknown:
    """A run that proves nothing, and why; ``evidence`` holds the stacks of all processes."""

    clause: str
    reason: str
    evidence: str = ""
    history: tuple[Call, ...] = ()


@dataclass
class Findings:
    """What the runs of one subject have shown so far, by clause."""

    exercised: Counter[str] = field(default_factory=Counter)
    violated: dict[str, Violation] = field(default_factory=dict)
    times: Counter[str] = field(default_factory=Counter)
    unknown: dict[str, Unknown] = field(default_factory=dict)
    runs: int = 0

    def add(self, found: Violation | Unknown) -> None:
        """Keeps the violation of each clause that has the shortest history, and counts all."""
        if isinstance(found, Unknown):
            self.unknown.setdefault(found.clause, found)
            return
        self.times[found.clause] += 1
        known = self.violated.get(found.clause)
        if known is None or len(found.history) < len(known.history):
            self.violated[found.clause] = found

    def merge(self, other: "Findings") -> None:
        """Takes in what other runs have shown."""
        self.exercised.update(other.exercised)
        for violation in other.violated.values():
            self.add(violation)
        self.times.update({name: times - 1 for name, times in other.times.items()})
        for unknown in other.unknown.values():
            self.add(unknown)
        self.runs += other.runs
