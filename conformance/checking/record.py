"""One clause on one subject: the verdict of a run, as reports and processes pass it on."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

VERDICTS = ("violated", "unexpected pass", "unknown", "deviation", "unproven", "not applicable", "holds")
"""Most interesting first. The first three are unexpected."""

UNEXPECTED = VERDICTS[:3]
SEEN, GONE, UNSURE = "seen", "gone", "unsure"


@dataclass(frozen=True)
class Record:
    """The verdict on a clause for a subject.

    ``exercised`` counts how often the clause was put to the test, ``times`` how often it was seen
    violated; ``message`` explains every verdict but a plain one; ``details`` are the violation's.
    ``deviations`` tells of each known deviation, by its place, whether it was seen, gone, or unsure; ``replays``, by
    its name, how many of the replays of its witness have shown it, and how many there were.
    """

    clause: str
    subject: str
    verdict: str
    exercised: int = 0
    times: int = 0
    message: str = ""
    details: dict[str, Any] = field(default_factory=dict)
    deviations: dict[str, str] = field(default_factory=dict)
    replays: Mapping[str, Sequence[int]] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)
