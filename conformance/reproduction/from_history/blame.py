"""Which call of a violation's history is to blame, and what it did."""

from dataclasses import dataclass

from conformance.checking.findings import Violation
from conformance.checking.rest import unexplained
from conformance.checking.script import Call
from conformance.checking.worlds import Refuted, TooManyWorlds, explain
from conformance.vocabulary.outcomes import Observed
from conformance.vocabulary.spec import Spec

LATER = 60 * 10**9  # ns after the last event, when all deadlines that a run waits out are over


@dataclass(frozen=True)
class Blamed:
    """The call that nothing explains; ``observed`` is None if it does not return."""

    call: Call
    observed: Observed | None


def blame(spec: Spec, violation: Violation) -> Blamed | None:
    """The call to blame for a violation of an operation; None if its history does not tell."""
    assert violation.witness.script is not None
    state = spec.state(**violation.witness.script.make)
    try:
        found = explain(spec, state, violation.history)
        if isinstance(found, Refuted):
            return Blamed(found.call, found.call.observed)
        waiting = [call for call in violation.history if call.end is None]
        if not waiting:
            return None
        now = max(call.end or call.start for call in violation.history) + LATER
        return Blamed(unexplained(spec, found, waiting, now).call, None)
    except TooManyWorlds:
        return None
