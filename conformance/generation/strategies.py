"""Turns domains and specs into Hypothesis strategies."""

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from typing import Any

from hypothesis import HealthCheck, Phase, find, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample

from conformance.generation.composition import LARGE, SHAPES, Composed, compose, item
from conformance.vocabulary.arg import Domain
from conformance.vocabulary.spec import Spec, Version


def items(large: bool) -> st.SearchStrategy[Any]:
    """Distinct objects of many types, and a few false values, which are easily mistaken for missing ones."""
    return st.builds(item, st.sampled_from((*SHAPES, LARGE) if large else SHAPES), st.integers(1, 999))


def values(domain: Domain) -> st.SearchStrategy[Any]:
    """The values of a domain."""
    if domain.kind == "choices":
        return st.sampled_from(domain.values)
    if domain.kind == "integers":
        return st.integers(*domain.values)
    if domain.kind == "lists":
        return st.lists(items(large=False), min_size=domain.values[0], max_size=domain.values[1], unique_by=str).map(
            tuple
        )
    return items(large=domain.kind == "items")


def arguments(domains: Mapping[str, Domain]) -> st.SearchStrategy[dict[str, Any]]:
    """A value for each name."""
    return st.fixed_dictionaries({name: values(domain) for name, domain in domains.items()})


class Scripts:
    """Scripts that are composed when they are first iterated over, and kept."""

    def __init__(self, compose: Callable[[int], Composed], numbers: Sequence[int]) -> None:
        self._compose, self._numbers = compose, numbers
        self._composed: list[Composed] = []

    def __len__(self) -> int:
        return len(self._numbers)

    def __iter__(self) -> Iterator[Composed]:
        for index, number in enumerate(self._numbers):
            if index == len(self._composed):
                self._composed.append(self._compose(number))
            yield self._composed[index]


DRAWN: dict[Hashable, Scripts] = {}  # shared by all start methods


def compose_many(spec: Spec, version: Version, avoided: frozenset[str], count: int, seed_: int) -> Scripts:
    """Returns ``count`` scripts that depend on the seed and the available calls, and on nothing else.

    Each is composed from one drawn number: drawing each argument of each call cost 4 ms per script, and left six
    clauses of a joinable queue unmet in 160 scripts. They are kept: composing a script takes as long as playing it.
    """
    calls = tuple((op.name, op.relation) for op in spec.operations.values() if op.since <= version)
    key = (spec.name, spec.state, calls, avoided, count, seed_)
    if key not in DRAWN:
        numbers = draw_many(st.integers(0, 2**62), count, seed_)
        DRAWN[key] = Scripts(lambda number: compose(spec, version, number, avoided), numbers)
    return DRAWN[key]


def draw_many(strategy: st.SearchStrategy[Any], count: int, seed_: int) -> list[Any]:
    """Returns ``count`` examples that depend on the seed and on nothing else."""
    if count < 1:
        return []
    drawn: list[Any] = []

    @seed(seed_)
    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def collect(example: Any) -> None:
        drawn.append(example)

    collect()
    return drawn[:count]


def simplest(domains: Mapping[str, Domain], shows: Callable[[dict[str, Any]], bool]) -> dict[str, Any] | None:
    """Finds the simplest arguments for which ``shows`` is true, or None; ``shows`` must be deterministic."""
    quiet = settings(
        database=None,
        deadline=None,
        derandomize=True,
        phases=[Phase.generate, Phase.shrink],  # explaining would vary the simplest ones until time is up
        suppress_health_check=list(HealthCheck),
    )
    try:
        return find(arguments(domains), shows, settings=quiet)
    except NoSuchExample:
        return None
