"""Simpler variants of a script, for delta debugging to try. These are pure functions; runs decide.

A place is a call's round, actor and index. Reductions are ordered by how much they remove.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import combinations, pairwise
from typing import Any

from conformance.checking.script import Call, Planned, Round, Script
from conformance.vocabulary.arg import LONG, Domain
from conformance.vocabulary.spec import Spec
from conformance.vocabulary.values import text

Place = tuple[int, int, int]
FEW = 12  # the most calls for which every pair is tried


def places(script: Script) -> list[Place]:
    """The place of every call, in the order of the script."""
    return [
        (number, actor, index)
        for number, round_ in enumerate(script.rounds)
        for actor, calls in round_.items()
        for index in range(len(calls))
    ]


def without(script: Script, dropped: Iterable[Place]) -> Script:
    """The script without these calls, and without rounds that have no calls left."""
    gone = set(dropped)
    rounds = []
    for number, round_ in enumerate(script.rounds):
        left = {
            actor: tuple(call for index, call in enumerate(calls) if (number, actor, index) not in gone)
            for actor, calls in round_.items()
        }
        rounds.append({actor: calls for actor, calls in left.items() if calls})
    return Script(script.make, tuple(round_ for round_ in rounds if round_))


def begun(script: Script, history: Sequence[Call]) -> Script:
    """The script with exactly the calls of a history; those that it did not plan come last, one per round."""
    left = {actor: [c for c in history if c.actor == actor] for actor in {call.actor for call in history}}
    late = []
    for place in places(script):
        calls = left.get(place[1], [])
        late += [] if calls else [place]
        del calls[:1]
    more = sorted((call for calls in left.values() for call in calls), key=lambda call: call.start)
    rounds = [{call.actor: ((call.op, call.args, dict(call.kwargs)),)} for call in more]
    return Script(script.make, (*without(script, late).rounds, *rounds))


def deletions(script: Script, size: int) -> list[frozenset[Place]]:
    """Sets of calls to try dropping together: runs of ``size`` calls."""
    known = places(script)
    return [frozenset(known[start : start + size]) for start in range(0, len(known), size)]


def pairs(script: Script) -> list[frozenset[Place]]:
    """Pairs of calls: some can only be dropped together, such as a put and the get of the same object."""
    known = places(script)
    return [frozenset(two) for two in combinations(known, 2)] if len(known) <= FEW else []


def actors(script: Script) -> list[int]:
    """The actors that make calls."""
    return sorted({actor for round_ in script.rounds for actor in round_})


def with_fewer_actors(script: Script) -> Iterator[Script]:
    """Variants in which one actor also makes the calls of another, or the actors have the lowest numbers."""
    used = actors(script)
    for one, other in combinations(used, 2):
        yield renamed(script, {other: one})
    if used != list(range(len(used))):
        yield renamed(script, dict(zip(used, range(len(used)), strict=True)))


def renamed(script: Script, names: Mapping[int, int]) -> Script:
    """The script with its actors renamed; if two become one, their calls in a round follow each other."""
    rounds: list[Round] = []
    for round_ in script.rounds:
        merged: dict[int, tuple[Planned, ...]] = {}
        for actor, calls in round_.items():
            name = names.get(actor, actor)
            merged[name] = merged.get(name, ()) + calls
        rounds.append(merged)
    return Script(script.make, tuple(rounds))


def with_joined_rounds(script: Script) -> Iterator[Script]:
    """Variants in which two rounds are joined where the same actor acts alone in both."""
    for number, (one, other) in enumerate(pairwise(script.rounds)):
        if len(one) == 1 and one.keys() == other.keys():
            joined = {actor: (*calls, *other[actor]) for actor, calls in one.items()}
            yield Script(script.make, (*script.rounds[:number], joined, *script.rounds[number + 2 :]))


def in_sequence(script: Script) -> Iterator[Script]:
    """Variants in which a round's actors take turns: all of them in either order, or one before or after the rest."""
    for number, round_ in enumerate(script.rounds):
        if len(round_) < 2:
            continue
        parts = [{actor: calls} for actor, calls in round_.items()]
        orders: list[list[Round]] = [list(parts), list(reversed(parts))]
        for actor, calls in round_.items() if len(round_) > 2 else ():
            rest = {other: theirs for other, theirs in round_.items() if other != actor}
            orders += [[{actor: calls}, rest], [rest, {actor: calls}]]
        for order in orders:
            yield Script(script.make, (*script.rounds[:number], *order, *script.rounds[number + 1 :]))


def with_simpler_values(spec: Spec, script: Script) -> Iterator[Script]:
    """Variants without optional arguments, with small numbers as items, or with smaller constructor arguments."""
    items = distinct(spec, script)
    if items:
        numbers = {text(item): number for number, item in enumerate(items, 1)}
        yield mapped(script, lambda call: with_items(spec, call, lambda item: numbers[text(item)]))
    for name, value in script.make.items():
        for simpler in smaller(spec.domains[name], value):
            yield Script({**script.make, name: simpler}, script.rounds)
            yield from with_less_to_fill(Script({**script.make, name: simpler}, script.rounds))
    for place in places(script):
        for call in plainer(spec, call_at(script, place)):
            yield replaced(script, place, call)


def with_less_to_fill(script: Script) -> Iterator[Script]:
    """Variants with a call less: a smaller queue is full after fewer calls, and neither step shows anything alone."""
    known = places(script)
    if len(known) <= FEW:
        yield from (without(script, [place]) for place in known)


def distinct(spec: Spec, script: Script) -> list[Any]:
    """The items that the script passes, in order."""
    found: dict[str, Any] = {}

    def note(value: Any) -> Any:
        return found.setdefault(text(value), value)

    for place in places(script):
        with_items(spec, call_at(script, place), note)
    return list(found.values())


def with_items(spec: Spec, call: Planned, change: Callable[[Any], Any]) -> Planned:
    """The call with its items changed."""
    op, args, kwargs = call
    domains = spec.operations[op].domains
    names = [name for name, domain in domains.items() if domain.kind.endswith("items")]
    places = [place for place, name in enumerate(domains) if name in names]
    by_place = [change(value) if place in places else value for place, value in enumerate(args)]
    return op, tuple(by_place), {name: change(value) if name in names else value for name, value in kwargs.items()}


def plainer(spec: Spec, call: Planned) -> Iterator[Planned]:
    """Variants of a call: without an argument, with one passed by position, or with None instead of a long timeout."""
    op, args, kwargs = call
    operation = spec.operations[op]
    names = list(operation.domains)
    for name in kwargs:
        if name in operation.optional:
            yield op, args, {other: value for other, value in kwargs.items() if other != name}
    if args and len(args) <= len(names) and names[len(args) - 1] in operation.optional:
        yield op, args[:-1], kwargs
    if kwargs and len(args) < len(names) and names[len(args)] in kwargs:
        name = names[len(args)]
        yield op, (*args, kwargs[name]), {other: value for other, value in kwargs.items() if other != name}
    for name, value in kwargs.items():
        if value == LONG:
            yield op, args, {**kwargs, name: None}


def without_long_timeouts(spec: Spec, script: Script) -> Script:
    """The script with calls that wait without a timeout where they have one that no run waits out."""
    return mapped(script, lambda call: with_patience(spec, call))


def with_patience(spec: Spec, call: Planned) -> Planned:
    """The call without its long timeout, if it can do without or None is a value of it."""
    op, args, kwargs = call
    operation = spec.operations[op]
    by_place = list(args)
    for place, name in enumerate(list(operation.domains)[: len(args)]):
        if args[place] == LONG and None in operation.domains[name].values:
            by_place[place] = None
    left = {name: value for name, value in kwargs.items() if value != LONG or name not in operation.optional}
    return op, tuple(by_place), left


def smaller(domain: Domain, value: Any) -> Iterator[Any]:
    """Other values of the domain that are closer to one, if both are numbers."""
    if domain.kind != "choices" or not isinstance(value, int):
        return
    numbers = sorted({each for each in domain.values if isinstance(each, int)}, key=lambda n: (n < 1, abs(n - 1)))
    yield from numbers[: numbers.index(value)] if value in numbers else ()


def call_at(script: Script, place: Place) -> Planned:
    """The call at a place."""
    number, actor, index = place
    return script.rounds[number][actor][index]


def replaced(script: Script, place: Place, call: Planned) -> Script:
    """The script with another call at a place."""
    number, actor, index = place
    calls = list(script.rounds[number][actor])
    calls[index] = call
    round_ = {**script.rounds[number], actor: tuple(calls)}
    return Script(script.make, (*script.rounds[:number], round_, *script.rounds[number + 1 :]))


def mapped(script: Script, change: Callable[[Planned], Planned]) -> Script:
    """The script with every call changed."""
    rounds = tuple({a: tuple(change(call) for call in calls) for a, calls in r.items()} for r in script.rounds)
    return Script(script.make, rounds)


def size(script: Script) -> tuple[int, ...]:
    """The size of a script, the most important measure first: calls, overlaps, actors, arguments, rounds, length."""
    overlaps = sum(len(round_) - 1 for round_ in script.rounds)
    calls = [call_at(script, place) for place in places(script)]
    arguments = sum(len(args) + len(kwargs) for _, args, kwargs in calls)
    length = len(repr((script.make, calls)))
    return len(calls), overlaps, sum(actors(script)), arguments, len(script.rounds), length


def simpler(script: Script, candidates: Iterable[Script]) -> Sequence[Script]:
    """The candidates that are simpler than the script, the simplest first, without duplicates."""
    found = {repr(each): each for each in candidates if size(each) < size(script)}
    return sorted(found.values(), key=size)
