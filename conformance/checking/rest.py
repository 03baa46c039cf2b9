"""Whether a history may rest: which open calls may wait, and which must finish.

Calls that go through phases take steps of which nothing is heard, so these are taken first.
"""

from collections.abc import Collection, Iterable, Sequence

from conformance.checking.script import Call
from conformance.checking.worlds import LIMIT, Refuted, TooManyWorlds, World, deadline, moves, refute, successors
from conformance.vocabulary.outcomes import Blocks, Expires, Unspecified, phase
from conformance.vocabulary.spec import Move, Spec


def closure(spec: Spec, worlds: Iterable[World], calls: Sequence[Call], now: int) -> set[World]:
    """The worlds, and those that follow when the open calls take steps from which they go on.

    Raises TooManyWorlds.
    """
    seen = set(worlds)
    stepping = [call for call in calls if spec.operations[call.op].has_phases]
    stack = list(seen) if stepping else []
    while stack:
        world = stack.pop()
        for after in successors(spec, world, stepping, now):
            if after not in seen and not any(after.over(call) for call in stepping):
                seen.add(after)
                stack.append(after)
        if len(seen) > LIMIT:
            raise TooManyWorlds(f"more than {LIMIT} explanations of calls that wait")
    return seen


def at_rest(spec: Spec, worlds: Iterable[World], calls: Sequence[Call], now: int) -> list[World]:
    """The worlds in which every open call waits, as the relation lets it.

    A world with a call that has taken its last step is not at rest: that call must return.
    """
    return [
        world
        for world in closure(spec, worlds, calls, now)
        if all(phase(effect.outcome) is not None for effect in world.effects)
        and all(may_wait(moves(spec, world, call, calls), call, now) for call in calls)
    ]


def may_wait(permitted: Iterable[Move], call: Call, now: int) -> bool:
    """Whether the call may stay open: the relation lets it wait, and no deadline has passed."""
    permitted = list(permitted)
    due = any(
        isinstance(m.outcome, Expires) and m.outcome.timeout is not None and deadline(call, m.outcome) <= now
        for m in permitted
    )
    return not due and any(isinstance(move.outcome, (Blocks, Unspecified)) for move in permitted)


def overdue(spec: Spec, worlds: Iterable[World], calls: Sequence[Call], now: int) -> Refuted | None:
    """The open call that must finish in every world, if the subject sleeps for good."""
    return overdue_in(spec, closure(spec, worlds, calls, now), calls, now)


def overdue_in(spec: Spec, worlds: Collection[World], calls: Sequence[Call], now: int) -> Refuted | None:
    """The same for worlds in which every step was taken that counts."""
    for call in calls:
        if all(w.over(call) or not may_wait(moves(spec, w, call, calls), call, now) for w in worlds):
            refuted = refute(spec, worlds, call, calls)
            endings = tuple(p for p in refuted.permitted if not isinstance(p[1], Blocks))
            return Refuted(call, endings, refuted.state)
    return None


def latest(spec: Spec, worlds: Iterable[World], calls: Sequence[Call], now: int) -> Collection[World]:
    """The worlds in which the open calls have taken all their steps from which they go on."""
    try:
        known = closure(spec, worlds, calls, now)
    except TooManyWorlds:
        return list(worlds)
    stepping = [call for call in calls if spec.operations[call.op].has_phases]
    further = {w for w in known if any(a in known and a != w for a in successors(spec, w, stepping, now))}
    return known - further or known


def unexplained(spec: Spec, worlds: Iterable[World], calls: Sequence[Call], now: int) -> Refuted:
    """Some open call that keeps the history from resting, where no single one does in all worlds."""
    found = overdue(spec, worlds, calls, now) or overdue(spec, list(worlds)[:1], calls, now)
    found = found or overdue_in(spec, latest(spec, worlds, calls, now), calls, now)
    return found or refute(spec, worlds, calls[0], calls)
