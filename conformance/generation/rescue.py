"""Searches for a short sequence of calls after which no actor waits any more.

A waiting actor that no call frees costs a new crew, so at the end of a script the relation is
asked how to free it, by a breadth-first search over the calls that a spec offers for this purpose.
"""

from collections import deque
from collections.abc import Sequence
from typing import Any

from conformance.checking.rest import may_wait
from conformance.checking.script import Call, Planned
from conformance.checking.worlds import World, moves, never
from conformance.vocabulary.outcomes import Blocks, Expires, Returns, Unspecified
from conformance.vocabulary.spec import Others, Spec

Step = tuple[int, Planned]
STATES = 500  # visited before giving up


def search(spec: Spec, resting: Sequence[World], waiting: Sequence[Call]) -> list[Step]:
    """Finds calls by idle actors that let one of the waiting calls finish; empty if there are none."""
    if not resting:
        return []
    idle = [actor for actor in range(spec.actors) if actor not in {call.actor for call in waiting}]
    effects = resting[0].effects
    paths: deque[tuple[Any, list[Step]]] = deque([(resting[0].state, [])])
    seen = {resting[0].state}
    while paths and len(seen) < STATES:
        state, path = paths.popleft()
        for actor in idle:
            for planned in spec.rescues:
                after = outcome(spec, state, actor, planned)
                if after is None or after in seen:
                    continue
                seen.add(after)
                steps = [*path, (actor, planned)]
                if any(freed(spec, World(after, effects), call, waiting) for call in waiting):
                    return steps
                paths.append((after, steps))
    return []


def outcome(spec: Spec, state: Any, actor: int, planned: Planned) -> Any | None:
    """The state after a call that is certain to return; None if it may wait or fail, or changes nothing."""
    op, args, kwargs = planned
    permitted = spec.operations[op].moves(state, actor, args, kwargs, Others())
    if any(isinstance(m.outcome, (Blocks, Expires, Unspecified)) and not never(m.outcome) for m in permitted):
        return None
    states = [move.state for move in permitted if isinstance(move.outcome, Returns) and move.state != state]
    return states[0] if states else None


def freed(spec: Spec, world: World, call: Call, waiting: Sequence[Call]) -> bool:
    """Whether the waiting call must continue in this world."""
    return not may_wait(moves(spec, world, call, waiting), call, now=0)
