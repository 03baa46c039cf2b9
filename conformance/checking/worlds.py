"""The set of worlds that explain a history.

A world is a state together with the calls that are in effect but have not returned. A call
takes effect at one instant between its start and its end, with an outcome that the relation
permits in the state of that instant; one that goes through phases does so at one instant for
each step. Calls are absorbed in the order of their ends (Lowe,
"Testing for linearizability", 2017: just-in-time linearization), and every world that
explains what was seen is kept; when none is left, the history is a violation.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from conformance.checking.script import Call
from conformance.vocabulary.outcomes import Blocks, Expires, Outcome, phase
from conformance.vocabulary.spec import Move, Others, Spec

EARLY = 1_000_000  # ns: how much before its deadline a call may give up (clock granularity)
LIMIT = 20_000  # worlds that are looked at for one call before the verdict is unknown


class Effect(NamedTuple):
    """A call that has taken effect: by which clauses' slugs, and what it must come back with.

    One whose outcome leads to a phase has taken some of its steps only.
    """

    call: int
    slugs: tuple[str, ...]
    outcome: Outcome


class World(NamedTuple):
    """A state, and the calls that are in effect in it without having returned."""

    state: Any
    effects: frozenset[Effect] = frozenset()

    def effect(self, call: Call) -> Effect | None:
        """How the call took effect, or None if it has not."""
        return next((effect for effect in self.effects if effect.call == call.id), None)

    def over(self, call: Call) -> bool:
        """Whether the call has taken its last step: it must return."""
        effect = self.effect(call)
        return effect is not None and phase(effect.outcome) is None

    def after(self, call: Call, move: Move) -> "World":
        """The world in which the call has taken this step."""
        before = self.effect(call)
        if before is None:
            return World(move.state, self.effects | {Effect(call.id, (move.slug,), move.outcome)})
        slugs = before.slugs if move.slug in before.slugs else (*before.slugs, move.slug)
        return World(move.state, self.effects - {before} | {Effect(call.id, slugs, move.outcome)})


@dataclass(frozen=True)
class Explained:
    """The worlds after a call, and the clauses' slugs through which it has gone for sure."""

    worlds: frozenset[World]
    slugs: frozenset[str]


@dataclass(frozen=True)
class Refuted:
    """Nothing explains the call: what was permitted, most usual first, and one of the states."""

    call: Call
    permitted: tuple[tuple[str, Outcome], ...]
    state: Any

    @property
    def blamed(self) -> str:
        """The slug of the clause that the call breaks, the same for the same kind of failure.

        A call that gave up as it may, but too early, breaks the clause of its deadline; any other
        that came back although it could have waited breaks the clause of waiting.
        """
        observed = self.call.observed
        early = [s for s, o in self.permitted if isinstance(o, Expires) and observed and o.outcome.admits(observed)]
        waits = [s for s, o in self.permitted if isinstance(o, Blocks)]
        return next((slug for slug in [*early, *waits, *(s for s, _ in self.permitted)] if slug), "")


class TooManyWorlds(Exception):
    """The search was given up: the verdict is unknown."""


def absorb(spec: Spec, worlds: Iterable[World], call: Call, pool: Sequence[Call]) -> Explained | Refuted:
    """The worlds in which ``call`` has returned as it did.

    ``pool`` holds the other calls that are open, or end later: the first such call of each other
    process, since a process's next call comes after this one even if their times are equal.
    Raises TooManyWorlds.
    """
    assert call.end is not None
    near = [call, *(c for c in pool if c.start <= call.end and c.actor != call.actor)]
    seen, stack = set(worlds), list(worlds)
    found, slugs = set(), []
    while stack:
        world = stack.pop()
        effect = world.effect(call)
        if effect is not None and world.over(call):
            if admissible(effect.outcome, call, call.end):
                found.add(World(world.state, world.effects - {effect}))
                slugs.append(effect.slugs)
            continue
        for after in successors(spec, world, near, call.end):
            if after not in seen:
                seen.add(after)
                stack.append(after)
        if len(seen) > LIMIT:
            raise TooManyWorlds(f"more than {LIMIT} explanations of {call}")
    if not found:
        return refute(spec, seen, call, near)
    return Explained(frozenset(found), frozenset(slugs[0]).intersection(*slugs))


def explain(spec: Spec, state: Any, history: Iterable[Call]) -> frozenset[World] | Refuted:
    """The worlds that explain a history, in the order of the calls' ends, or the call that nothing explains.

    Raises TooManyWorlds.
    """
    worlds = frozenset({World(state)})
    calls = sorted(history, key=lambda call: (call.end is None, call.end or 0))
    for index, call in enumerate(calls):
        if call.end is None:
            break
        later = sorted(calls[index + 1 :], key=lambda call: -call.id)
        after = absorb(spec, worlds, call, list({each.actor: each for each in later}.values()))
        if isinstance(after, Refuted):
            return after
        worlds = after.worlds
    return worlds


def successors(spec: Spec, world: World, near: Sequence[Call], until: int) -> Iterable[World]:
    """The worlds one step later, when one of the near calls takes it by ``until``."""
    for call in near:
        if not world.over(call):
            for move in moves(spec, world, call, near):
                if admissible(move.outcome, call, until):
                    yield world.after(call, move)


def moves(spec: Spec, world: World, call: Call, near: Iterable[Call]) -> list[Move]:
    """What the relation permits the call to do in this world."""
    operation = spec.operations[call.op]
    others = around(world, call, near) if operation.sees_others else Others()
    effect = world.effect(call) if operation.has_phases else None
    return operation.moves(
        world.state, call.actor, call.args, dict(call.kwargs), others, effect and phase(effect.outcome)
    )


def around(world: World, call: Call, near: Iterable[Call]) -> Others:
    """The calls that overlap this one, as the relation sees them."""
    waiting: list[str] = []
    leaving: list[str] = []
    for other in near:
        if other.id != call.id:
            (leaving if world.over(other) else waiting).append(other.op)
    return Others(tuple(waiting), tuple(leaving))


def admissible(outcome: Outcome, call: Call, until: int) -> bool:
    """Whether the call may take effect with this outcome, no later than ``until``.

    A call that gives up takes effect at or after its deadline: it must find nothing at some
    instant between the deadline and its end. That forbids giving up early, and catches the
    wake-up that was lost, without asking that it found nothing all the time.
    """
    if isinstance(outcome, Blocks):
        return False
    if isinstance(outcome, Expires) and (outcome.timeout is None or deadline(call, outcome) - EARLY > until):
        return False
    return call.observed is None or outcome.admits(call.observed)


def deadline(call: Call, outcome: Expires) -> int:
    """When the call may give up, in nanoseconds of the history's clock."""
    assert outcome.timeout is not None
    return call.start + int(max(outcome.timeout, 0) * 1e9)


def never(outcome: Outcome) -> bool:
    """Whether this is the end of a wait that has no timeout."""
    return isinstance(outcome, Expires) and outcome.timeout is None


def refute(spec: Spec, worlds: Iterable[World], call: Call, near: Sequence[Call]) -> Refuted:
    """What would have been permitted: where the call is not in effect, and where it had to be."""
    counted: Counter[tuple[str, Outcome]] = Counter()
    states: list[tuple[bool, int, Any]] = []
    for world in worlds:
        effect = world.effect(call)
        if effect and world.over(call):
            counted[effect.slugs[-1], effect.outcome] += 1
        else:
            permitted = moves(spec, world, call, near)
            counted.update((move.slug, move.outcome) for move in permitted if not never(move.outcome))
        states.append((world.over(call), len(states), world.state))
    return Refuted(call, tuple(permitted for permitted, _ in counted.most_common()), min(states)[2])
