"""What the open calls of a script wait for, as far as the relation knows.

For a call that may wait, the relation is asked which calls of which actors would let it continue. The candidates
are the calls that the spec names for rescues, in the state that the history has led to.
"""

from collections.abc import Iterable, Sequence

from conformance.checking.rest import latest, may_wait
from conformance.checking.script import Call, Planned
from conformance.checking.worlds import World, moves, never
from conformance.forensics import waits
from conformance.forensics.waits import Wait
from conformance.generation import rescue
from conformance.vocabulary.outcomes import Blocks
from conformance.vocabulary.spec import Spec


def describe(spec: Spec, worlds: Iterable[World], waiting: Sequence[Call], now: int) -> list[str]:
    """Describes each open call and what it waits for, in lines; then the actors that only each other can free."""
    noun = "thread" if spec.threads else "process"
    known = sorted(latest(spec, worlds, waiting, now), key=lambda world: str(world.state))
    found = {f"{noun} {call.actor}": wait(spec, known, call, waiting, now, noun) for call in waiting}
    busy = {call.actor for call in waiting}
    idle = [f"{noun} {actor}" for actor in range(spec.actors) if actor not in busy]
    return [
        *(f"{who} in {call}: {found[who].what}" for call in waiting if (who := f"{noun} {call.actor}")),
        *([f"{waits.group(idle)} {'is' if len(idle) == 1 else 'are'} not in a call"] if idle else []),
        *waits.together(waits.circle({who: [each] for who, each in found.items()})),
    ]


def wait(spec: Spec, worlds: Sequence[World], call: Call, waiting: Sequence[Call], now: int, noun: str) -> Wait:
    """What one open call waits for."""
    resting = [w for w in worlds if not w.over(call) and may_wait(moves(spec, w, call, waiting), call, now)]
    if not resting:
        endings = {
            f"{move.outcome}"
            for world in worlds
            if not world.over(call)
            for move in moves(spec, world, call, waiting)
            if not isinstance(move.outcome, Blocks) and not never(move.outcome)
        }
        return Wait(f"must finish ({'; or '.join(sorted(endings)) or 'it has done its part'})")
    freeing = [
        (actor, planned)
        for planned in spec.rescues
        for actor in range(spec.actors)
        if actor != call.actor and frees(spec, resting[0], actor, planned, call, waiting)
    ]
    if not freeing:
        return Wait(f"may wait; no single call by another {noun} frees it")
    whom = frozenset(f"{noun} {actor}" for actor, _ in freeing)
    op = freeing[0][1][0]
    return Wait(f"may wait until {op}() is called by {waits.group(sorted(whom), 'or')}", whom)


def frees(spec: Spec, world: World, actor: int, planned: Planned, call: Call, waiting: Sequence[Call]) -> bool:
    """Whether a call by another actor lets a waiting call continue."""
    after = rescue.outcome(spec, world.state, actor, planned)
    return after is not None and rescue.freed(spec, World(after, world.effects), call, waiting)
