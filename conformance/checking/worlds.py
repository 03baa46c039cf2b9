"""The set of worlds that explain a history.

A world is a state together with the calls that are in effect but have not returned. A call
takes effect at one instant between its start and its end, with an outcome that the relation
permits in the state of that instant. Calls are absorbed in the order of their ends (Lowe,
"Testing for linearizability", 2017: just-in-time linearization), and every world that
explains what was seen is kept; when none is left, the history is a violation.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from conformance.outcomes import Blocks, Expires, Outcome, Unspecified
from conformance.script import Call
from conformance.spec import Move, Others, Spec

EARLY = 1_000_000  # ns: how much before its deadline a call may give up (clock granularity)
LIMIT = 20_000  # worlds that are looked at for one call before the verdict is unknown


class Effect(NamedTuple):
    """A call that has taken effect: by which clause's slug, and what it must come back with."""

    call: int
    slug: str
    outcome: Outcome


class World(NamedTuple):
    """A state, and the calls that are in effect in it without having returned."""

    state: Any
    effects: frozenset[Effect] = frozenset()

    def effect(self, call: Call) -> Effect | None:
        """How the call took effect, or None if it has not."""
        return next((effect for effect in self.effects if effect.call == call.id), None)


@dataclass(frozen=True)
class Explained:
    """The worlds after a call, and the clauses' slugs through which it may have gone."""

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
    found, slugs = set(), set()
    while stack:
        world = stack.pop()
        effect = world.effect(call)
        if effect is not None:
            if admissible(effect.outcome, call, call.end):
                found.add(World(world.state, world.effects - {effect}))
                slugs.add(effect.slug)
            continue
        for after in successors(spec, world, near, call.end):
            if after not in seen:
                seen.add(after)
                stack.append(after)
        if len(seen) > LIMIT:
            raise TooManyWorlds(f"more than {LIMIT} explanations of {call}")
    return Explained(frozenset(found), frozenset(slugs)) if found else refute(spec, seen, call, near)


def successors(spec: Spec, world: World, near: Sequence[Call], until: int) -> Iterable[World]:
    """The worlds one effect later, when one of the near calls takes effect by ``until``."""
    for call in near:
        if world.effect(call) is None:
            for move in moves(spec, world, call, near):
                if admissible(move.outcome, call, until):
                    yield World(move.state, world.effects | {Effect(call.id, move.slug, move.outcome)})


def moves(spec: Spec, world: World, call: Call, near: Iterable[Call]) -> list[Move]:
    """What the relation permits the call to do in this world."""
    operation = spec.operations[call.op]
    others = around(world, call, near) if operation.sees_others else Others()
    return operation.moves(world.state, call.actor, call.args, dict(call.kwargs), others)


def around(world: World, call: Call, near: Iterable[Call]) -> Others:
    """The calls that overlap this one, as the relation sees them."""
    waiting: list[str] = []
    leaving: list[str] = []
    for other in near:
        if other.id != call.id:
            (waiting if world.effect(other) is None else leaving).append(other.op)
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
        permitted = [effect] if effect else moves(spec, world, call, near)
        counted.update((each.slug, each.outcome) for each in permitted if not never(each.outcome))
        states.append((effect is not None, len(states), world.state))
    return Refuted(call, tuple(permitted for permitted, _ in counted.most_common()), min(states)[2])


def at_rest(spec: Spec, worlds: Iterable[World], calls: Sequence[Call], now: int) -> list[World]:
    """The worlds in which every open call waits, as the relation lets it.

    A world with a call in effect is not at rest: that call must return.
    """
    return [
        world
        for world in worlds
        if not world.effects and all(may_wait(moves(spec, world, call, calls), call, now) for call in calls)
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
    worlds = list(worlds)
    for call in calls:
        if all(w.effect(call) is not None or not may_wait(moves(spec, w, call, calls), call, now) for w in worlds):
            refuted = refute(spec, worlds, call, calls)
            endings = tuple(p for p in refuted.permitted if not isinstance(p[1], Blocks))
            return Refuted(call, endings, refuted.state)
    return None


def unexplained(spec: Spec, worlds: Iterable[World], calls: Sequence[Call], now: int) -> Refuted:
    """Some open call that keeps the history from resting, where no single one does in all worlds."""
    found = overdue(spec, worlds, calls, now) or overdue(spec, list(worlds)[:1], calls, now)
    return found or refute(spec, worlds, calls[0], calls)
