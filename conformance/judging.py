"""The verdict on a clause: what the runs have shown, and what is known to deviate."""

from collections.abc import Iterable, Sequence
from typing import Any

from conformance import catalogue
from conformance.checking.findings import HUNG, Findings, Violation
from conformance.checking.record import GONE, SEEN, UNSURE, Record
from conformance.deviations import Deviation
from conformance.reporting import message
from conformance.subjects.applicability import obstacle
from conformance.subjects.subject import Subject
from conformance.vocabulary.spec import Clause

UNEXERCISED = "no run has exercised the clause"


def judge(clause: Clause, subject: Subject, findings: Findings, known: Sequence[Deviation]) -> Record:
    """The verdict on a clause, given what the runs have shown and what is known to deviate."""
    name = clause.name
    exercised, times = findings.exercised[name], findings.times[name]
    violations, unknown = findings.violated.get(name, ()), findings.unknown.get(name)
    replayed = {d.name: (findings.hits[d.key], findings.replays[d.key]) for d in known if findings.replays[d.key]}
    status = {d.place: SEEN if d.seen_in(findings) else GONE if believed(d, findings) else UNSURE for d in known}

    def record(verdict: str, text: str = "", details: dict[str, Any] | None = None) -> Record:
        return Record(name, str(subject), verdict, exercised, times, text, details or {}, status, replayed)

    if found := obstacle(catalogue.owner(name).spec, clause, subject.interpreter):
        return record("not applicable", found)
    news = surprise(violations, known)
    if news:
        return record("violated", message.violation(clause, subject, news, times), details(news))
    if unknown:
        return record("unknown", message.unknown(clause, subject, unknown))
    own = [d for d in known if not d.inherited_by(subject)]  # what is only inherited may be mended
    gone = [d for d in own if status[d.place] == GONE]
    if gone:
        return record("unexpected pass", message.unexpected_pass(clause, subject, gone, findings))
    if violations:
        shown = next(d for d in known if d.observed in violations[0].observed)
        return record("deviation", message.known(shown, clause), details(violations[0]))
    races = [d for d in own if d.rate]
    if races:
        return record("deviation", message.unseen(races[0], clause, findings))
    return record("holds") if exercised else record("unproven", findings.unproven.get(name, UNEXERCISED))


def surprise(violations: Iterable[Violation], known: Sequence[Deviation]) -> Violation | None:
    """The violation that no known deviation explains, and that is told best: not by waiting, in a short history."""
    news = [each for each in violations if not any(d.observed in each.observed for d in known)]
    return min(news, key=lambda each: (each.manner == HUNG, len(each.history)), default=None)


def believed(deviation: Deviation, findings: Findings) -> bool:
    """Whether a deviation that was not seen is gone: a race, after enough replays; others, once they were due."""
    if deviation.rate:
        return findings.replays[deviation.key] >= deviation.tries
    return bool(findings.exercised[deviation.clause] or findings.times[deviation.clause])


def details(violation: Violation) -> dict[str, Any]:
    """A violation for programs."""
    told = {"manner": violation.manner, "compared": list(violation.compared or ())}
    return {
        **{key: value for key, value in told.items() if value},
        "promised": violation.promised,
        "observed": violation.observed,
        "state": violation.state,
        "permitted": list(violation.permitted),
        "evidence": violation.evidence,
        "witness": violation.witness.to_json(),
        "arguments": {name: repr(value) for name, value in violation.witness.arguments.items()},
        "history": [
            {"actor": c.actor, "call": str(c), "start": c.start, "end": c.end, "observed": str(c.observed or "open")}
            for c in violation.history
        ],
    }
