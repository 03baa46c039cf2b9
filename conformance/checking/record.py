"""The verdict on one clause for one subject, as processes and reports pass it on."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

VERDICTS = ("violated", "unexpected pass", "unknown", "deviation", "unproven", "not applicable", "holds")
"""Most interesting first. The first three are unexpected."""

UNEXPECTED = VERDICTS[:3]
SEEN, GONE, UNSURE = "seen", "gone", "unsure"
OPTIONAL = ("reason", "missing", "not_run")  # fields that are left out of JSON if they are empty


@dataclass(frozen=True)
class Record:
    """The verdict on a clause for a subject.

    ``exercised`` counts how often the clause was put to the test, ``times`` how often it was seen
    violated; ``message`` explains every verdict but a plain one; ``details`` are the violation's.
    ``deviations`` maps each known deviation, by its place, to SEEN, GONE or UNSURE; ``replays``, by its
    name, has how many of the replays of its witness have shown it, and how many there were.
    ``reason`` says in one line why the verdict is unknown, not applicable, unproven or a deviation.
    ``missing`` are the documented names that the implementation does not claim, if the clause does not
    apply for that reason; ``not_run`` is true if no run was made because the class had been given up;
    ``short`` names what the machine was short of, if that is why nothing is known.
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
    reason: str = ""
    missing: list[str] = field(default_factory=list)
    not_run: bool = False
    short: str = ""

    def to_json(self) -> dict[str, Any]:
        """A JSON object, from which ``Record(**each)`` makes the record again; most records have no OPTIONAL field."""
        return {name: value for name, value in asdict(self).items() if value or name not in OPTIONAL}
