"""What repeated runs of the same checks have shown, added up."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from conformance.checking.record import UNEXPECTED, Record

Verdicts = Mapping[str, Mapping[str, Counter[str]]]
"""How often each verdict came, by subject and clause."""

Replays = Mapping[str, Mapping[str, tuple[int, int]]]
"""The hits and the replays of witnesses, by the name of the deviation and the subject."""


@dataclass(frozen=True)
class SoakRun:
    """One of the runs: its seed, the seconds that it took, and its verdicts; not ``complete`` if it was interrupted."""

    seed: int
    seconds: float
    complete: bool
    records: tuple[Record, ...]

    @property
    def unexpected(self) -> tuple[Record, ...]:
        """The verdicts that were not expected."""
        return tuple(record for record in self.records if record.verdict in UNEXPECTED)


def count_verdicts(runs: Iterable[SoakRun]) -> Verdicts:
    """Counts the verdicts on each clause."""
    found: dict[str, dict[str, Counter[str]]] = {}
    for record in (record for run in runs for record in run.records):
        found.setdefault(record.subject, {}).setdefault(record.clause, Counter())[record.verdict] += 1
    return found


def add_up_replays(runs: Iterable[SoakRun]) -> Replays:
    """Adds up the replays of each deviation's witness, and those that have shown it."""
    found: dict[str, dict[str, tuple[int, int]]] = {}
    for record in (record for run in runs for record in run.records):
        for name, (hits, tries) in record.replays.items():
            before = found.setdefault(name, {}).get(record.subject, (0, 0))
            found[name][record.subject] = before[0] + hits, before[1] + tries
    return found
