"""Which call of a violation's history is to blame, and what it did."""

from dataclasses import dataclass

from conformance.checking.rest import unexplained
from conformance.checking.verdict import Violation
from conformance.checking.worlds import Explained, TooManyWorlds, World, absorb, judge
from conformance.outcomes import Observed
from conformance.script import Call
from conformance.spec import Spec

LATER = 60 * 10**9  # ns after the last event, when all deadlines that a run waits out are over


@dataclass(frozen=True)
class Blamed:
    """The call that nothing explains; ``observed`` is None if it does not return."""

    call: Call
    observed: Observed | None


def blame(spec: Spec, violation: Violation) -> Blamed | None:
    """The call to blame for a violation of an operation; None if its history does not tell."""
    assert violation.script is not None
    state = spec.state(**violation.script.make)
    try:
        refuted = judge(spec, state, violation.history)
        if refuted is not None:
            return Blamed(refuted.call, refuted.call.observed)
        waiting = [call for call in violation.history if call.end is None]
        if not waiting:
            return None
        now = max(call.end or call.start for call in violation.history) + LATER
        return Blamed(unexplained(spec, worlds(spec, state, violation.history), waiting, now).call, None)
    except TooManyWorlds:
        return None


def worlds(spec: Spec, state: object, history: tuple[Call, ...]) -> frozenset[World]:
    """The worlds that explain the calls of a history that have returned. Raises TooManyWorlds."""
    found = frozenset({World(state)})
    ended = sorted((call for call in history if call.end is not None), key=lambda call: call.end or 0)
    waiting = [call for call in history if call.end is None]
    for index, call in enumerate(ended):
        later = sorted([*ended[index + 1 :], *waiting], key=lambda call: -call.id)
        after = absorb(spec, found, call, list({each.actor: each for each in later}.values()))
        assert isinstance(after, Explained), "judge() has explained this history"
        found = after.worlds
    return found
