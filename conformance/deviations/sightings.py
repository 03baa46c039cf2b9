"""What a run has shown of each deviation, and of each subject that it concerns."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from conformance.checking.record import GONE, SEEN, Record
from conformance.deviations.entry import Deviation
from conformance.subjects.subject import Subject


@dataclass(frozen=True)
class Sightings:
    """The subjects on which a run has seen a deviation, or found it gone; ``unsure`` are those it could not judge."""

    seen: tuple[Subject, ...] = ()
    gone: tuple[Subject, ...] = ()
    unsure: tuple[Subject, ...] = ()


def sightings(deviation: Deviation, records: Iterable[Record], subjects: Sequence[Subject]) -> Sightings:
    """What the records of a run say of a deviation."""
    found: dict[str, list[Subject]] = {SEEN: [], GONE: [], "": []}
    named = {str(subject): subject for subject in subjects}
    for record in records:
        subject = named.get(record.subject)
        promised = record.clause == deviation.clause and record.verdict != "not applicable"
        if promised and subject and deviation.concerns(subject) and not deviation.inherited_by(subject):
            status = record.deviations.get(deviation.place, "")
            decided = record.verdict in ("deviation", "unexpected pass", "violated")
            found[status if decided and status in found else ""].append(subject)
    return Sightings(tuple(found[SEEN]), tuple(found[GONE]), tuple(found[""]))
