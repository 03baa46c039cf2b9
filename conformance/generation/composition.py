"""Composes scripts that are worth running, by asking the relation where they lead.

Nothing here depends on what a subject did. The relation alone predicts, as if the calls of a
round came one after the other, which clause a call would go through and which actors would wait.
Of a few candidate calls, the one whose clause the script has met least is chosen.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from random import Random
from typing import Any, NamedTuple

from conformance.checking.script import Call, Planned, Round, Script, script_of
from conformance.checking.worlds import Effect, World
from conformance.generation import rescue
from conformance.vocabulary.arg import Domain
from conformance.vocabulary.outcomes import Blocks, phase, then
from conformance.vocabulary.spec import Move, Operation, Others, Spec, Version
from conformance.vocabulary.values import Blob

ROUNDS = (3, 8)  # of one script
OVERLAP = (1, 1, 2, 3, 3)  # actors in one round, at most: some scripts are sequential
CANDIDATES = 4  # calls that are considered for each place
CAUTIOUS = 0.9  # the share of scripts that keep away from what is known to be broken

SHAPES: tuple[Callable[[int], Any], ...] = (
    lambda n: n,
    lambda n: n,
    lambda n: f"s{n}",
    lambda n: b"b%d" % n,
    lambda n: (n, "pair", None),
    lambda n: n + 0.5,
    lambda n: Blob(20 + n, n),
    lambda n: None,
    lambda n: False,
    lambda n: 0,
    lambda n: "",
    lambda n: b"",
    lambda n: (),
)


def LARGE(n: int) -> Any:  # noqa: N802 - one more shape
    """More than a pipe holds."""
    return Blob(100_000 + n, n)


def item(shape: Callable[[int], Any], n: int) -> Any:
    """An object of a shape, distinguished from others by a number."""
    return shape(n)


def value(domain: Domain, random: Random) -> Any:
    """A random value of a domain."""
    if domain.kind == "choices":
        return random.choice(domain.values)
    if domain.kind == "integers":
        return random.randint(*domain.values)
    shapes = (*SHAPES, LARGE) if domain.kind == "items" else SHAPES
    return item(random.choice(shapes), random.randint(1, 999))


def some_call(operation: Operation, random: Random) -> Planned:
    """A random call: leading arguments by position, the rest by name, optional ones often absent."""
    by_position = random.randint(0, len(operation.domains))
    args: list[Any] = []
    kwargs: dict[str, Any] = {}
    for index, (name, domain) in enumerate(operation.domains.items()):
        if name in operation.optional and random.random() < 0.4:
            continue
        if domain.positional or (index < by_position and len(args) == index):
            args.append(value(domain, random))
        else:
            kwargs[name] = value(domain, random)
    return operation.name, tuple(args), kwargs


class Rehearsal:
    """A script in the making, with the state that the relation predicts."""

    def __init__(self, spec: Spec, make: Mapping[str, Any], operations: Sequence[Operation], random: Random) -> None:
        self.spec, self.make, self.operations, self.random = spec, make, operations, random
        self.state = spec.state(**make)
        self.met: Counter[str] = Counter()
        self.waiting: dict[int, Planned] = {}
        self.phases: dict[int, str] = {}  # of the actors that wait
        self.avoided: frozenset[str] = frozenset()

    def round(self, most: int) -> Round:
        """Calls by up to ``most`` actors that do not wait; if several may overlap, one or two each."""
        idle = [actor for actor in range(self.spec.actors) if actor not in self.waiting]
        actors = self.random.sample(idle, min(len(idle), self.random.randint(1, most)))
        each = (1, 1, 2) if most > 1 else (1,)
        chosen = {actor: self.calls(actor, self.random.choice(each)) for actor in actors}
        return {actor: calls for actor, calls in chosen.items() if calls}

    def calls(self, actor: int, count: int) -> tuple[Planned, ...]:
        """Calls that an actor makes one after the other."""
        chosen: list[Planned] = []
        while len(chosen) < count and actor not in self.waiting:
            candidates = [some_call(self.random.choice(self.operations), self.random) for _ in range(CANDIDATES)]
            prospects = [(planned, *self.foresee(actor, planned)) for planned in candidates]
            planned, name, move = min(prospects, key=lambda prospect: self.appeal(prospect[1]))
            if name in self.avoided:
                break
            chosen.append(planned)
            self.perform(actor, planned, (name, move))
        return tuple(chosen)

    def appeal(self, name: str) -> tuple[bool, int]:
        """The key by which calls are chosen: the call through the clause with the smallest one is preferred."""
        return name in self.avoided, self.met[name]

    def foresee(self, actor: int, planned: Planned) -> tuple[str, Move]:
        """The clause that the call would go through, and its move; the last of several clauses is the rarest."""
        op, args, kwargs = planned
        now = self.phases.get(actor)
        permitted = self.spec.operations[op].moves(self.state, actor, args, kwargs, Others(), now)
        return f"{op}.{permitted[-1].slug}", permitted[0]

    def perform(self, actor: int, planned: Planned, foreseen: tuple[str, Move] | None = None) -> None:
        """Moves to the state after the call, or to the one in which it waits, and releases the actors that it frees."""
        while True:
            name, move = foreseen or self.foresee(actor, planned)
            foreseen = None
            self.met[name] += 1
            if isinstance(move.outcome, Blocks):
                self.waiting[actor] = planned
                break
            self.state, step = move.state, phase(move.outcome)
            if step is None:
                self.phases.pop(actor, None)
                break
            self.phases[actor] = step
        self.let_go()

    def let_go(self) -> None:
        """Performs the rest of a call that no longer has to wait, then of the calls that this frees."""
        for other, waits in list(self.waiting.items()):
            if not isinstance(self.foresee(other, waits)[1].outcome, Blocks):
                del self.waiting[other]
                self.perform(other, waits)
                return

    def strands(self) -> bool:
        """Whether an actor would be left waiting that no call frees, which would cost a new crew."""
        return bool(self.waiting) and not self.rescue()

    def rescue(self) -> Sequence[tuple[int, Planned]]:
        """The calls that free the actors that would be left waiting."""
        waiting = [Call(actor, actor, *planned, start=0) for actor, planned in self.waiting.items()]
        effects = frozenset(Effect(actor, (), then(step)) for actor, step in self.phases.items())
        return rescue.search(self.spec, [World(self.state, effects)], waiting) if waiting else ()

    def finish(self) -> None:
        """Makes the calls that free the actors that would be left waiting, as the harness does."""
        for actor, planned in self.rescue():
            if actor not in self.waiting:
                self.perform(actor, planned)


class Composed(NamedTuple):
    """A script, and the clauses that it leads to, without the name of the spec, as far as the relation predicts."""

    script: Script
    leads_to: frozenset[str]


def compose(spec: Spec, version: Version, number: int, avoided: frozenset[str] = frozenset()) -> Composed:
    """Composes the script with this number; it depends on the version, but not on what the subject does.

    Most scripts keep away from the ``avoided`` clauses, which are given without the name of the spec.
    """
    random = Random(number)
    make = {name: value(domain, random) for name, domain in spec.domains.items()}
    known = [op for op in spec.operations.values() if op.since <= version]
    few = random.sample(known, min(len(known), random.randint(2, 6)))
    rehearsal = Rehearsal(spec, make, [op for op in few for _ in range(op.weight)], random)
    rehearsal.avoided = avoided if random.random() < CAUTIOUS else frozenset()
    most = min(random.choice(OVERLAP), spec.actors)
    rounds: list[Round] = []
    for _ in range(random.randint(*ROUNDS)):
        rounds += [round_ for round_ in [rehearsal.round(most)] if round_]
        if rehearsal.strands():
            script = Script(rehearsal.make, tuple(rounds[:-1] or rounds))
            return Composed(script, foresee(spec, script))
    rehearsal.finish()
    return Composed(Script(rehearsal.make, tuple(rounds)), frozenset(rehearsal.met))


def one_for_each(scripts: Iterable[Composed], slugs: Iterable[str]) -> list[Composed]:
    """Chooses a few scripts that lead to all of these clauses: in order, each one that leads to a new clause."""
    left, chosen = set(slugs), list[Composed]()
    for each in scripts:
        if not left:
            break
        if left & each.leads_to:
            chosen.append(each)
            left -= each.leads_to
    return chosen


def pinned_for(spec: Spec, slug: str) -> list[str]:
    """The labels of the pinned scripts that lead to a clause, given without the name of the spec."""
    return [pinned.label for pinned in spec.pinned if slug in foresee(spec, script_of(pinned))]


def foresee(spec: Spec, script: Script) -> frozenset[str]:
    """The clauses that a script leads to, without the name of the spec, as far as the relation predicts.

    They include the clauses of the calls by which the harness frees waiting actors at the end.
    """
    rehearsal = Rehearsal(spec, script.make, (), Random(0))
    for round_ in script.rounds:
        for actor, calls in round_.items():
            for planned in calls:
                if actor not in rehearsal.waiting:
                    rehearsal.perform(actor, planned)
    rehearsal.finish()
    return frozenset(rehearsal.met)
