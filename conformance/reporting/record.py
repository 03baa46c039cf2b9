"""One clause on one subject: the verdict of a run, as reports and processes pass it on."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from conformance import catalogue
from conformance.checking.verdict import Findings, Violation
from conformance.driver.applicability import obstacle
from conformance.driver.subject import Subject
from conformance.reporting import message
from conformance.reporting.deviations import RARELY, Deviation
from conformance.spec import Clause

VERDICTS = ("violated", "unexpected pass", "unknown", "deviation", "unproven", "not applicable", "permitted")
"""Most interesting first. The first three are unexpected."""

UNEXPECTED = VERDICTS[:3]


@dataclass(frozen=True)
class Record:
    """The verdict on a clause for a subject.

    ``exercised`` counts how often the clause was put to the test, ``times`` how often it was seen
    violated; ``message`` explains every verdict but a plain one; ``details`` are the violation's.
    """

    clause: str
    subject: str
    verdict: str
    exercised: int = 0
    times: int = 0
    message: str = ""
    details: dict[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def judge(clause: Clause, subject: Subject, findings: Findings, known: Sequence[Deviation]) -> Record:
    """The verdict on a clause, given what the runs have shown and what is known to deviate."""
    name = clause.name
    exercised, times = findings.exercised[name], findings.times[name]
    violations, unknown = findings.violated.get(name, ()), findings.unknown.get(name)

    def record(verdict: str, text: str = "", details: dict[str, Any] | None = None) -> Record:
        return Record(name, str(subject), verdict, exercised, times, text, details or {})

    if found := obstacle(catalogue.owner(name).spec, clause, subject.interpreter):
        return record("not applicable", found)
    for violation in sorted(violations, key=lambda v: len(v.history)):  # the shortest story tells it best
        if not any(d.observed in violation.observed for d in known):
            return record("violated", message.violation(clause, subject, violation, times), details(violation))
    if unknown:
        return record("unknown", message.unknown(clause, subject, unknown))
    missing = [d for d in known if d.shows != RARELY and not any(d.observed in v.observed for v in violations)]
    if missing and (exercised or violations):
        return record("unexpected pass", message.unexpected_pass(clause, subject, missing, exercised + times))
    if violations:
        shown = next(d for d in known if d.observed in violations[0].observed)
        return record("deviation", f"{shown.issue}: {shown.reason}", details(violations[0]))
    if known and all(d.shows == RARELY for d in known):
        return record("deviation", f"{known[0].issue}: {known[0].reason}; rare, and not seen in this run")
    return record("permitted") if exercised else record("unproven", "no run has exercised the clause")


def details(violation: Violation) -> dict[str, Any]:
    """A violation for programs."""
    return {
        "promised": violation.promised,
        "observed": violation.observed,
        "state": violation.state,
        "permitted": list(violation.permitted),
        "evidence": violation.evidence,
        "arguments": {name: repr(value) for name, value in violation.arguments.items()},
        "history": [
            {"actor": c.actor, "call": str(c), "start": c.start, "end": c.end, "observed": str(c.observed or "open")}
            for c in violation.history
        ],
    }
