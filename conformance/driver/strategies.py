"""Domains become Hypothesis strategies, and specs become scripts."""

from collections.abc import Callable, Mapping
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from conformance.arg import Domain
from conformance.script import Planned, Round, Script
from conformance.spec import Operation, Spec, Version
from conformance.values import Blob

ROUNDS = 7  # at most, in one script
OVERLAP = (1, 1, 2, 3, 3)  # actors in one round, at most: some scripts are sequential
ABSENT = object()

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


def items(large: bool) -> st.SearchStrategy[Any]:
    """Distinct objects of many types, and a few false values, which are easily mistaken."""
    shapes = (*SHAPES, lambda n: Blob(100_000 + n, n)) if large else SHAPES
    return st.builds(lambda shape, n: shape(n), st.sampled_from(shapes), st.integers(1, 999))


def values(domain: Domain) -> st.SearchStrategy[Any]:
    """The values of a domain."""
    if domain.kind == "choices":
        return st.sampled_from(domain.values)
    if domain.kind == "integers":
        return st.integers(*domain.values)
    if domain.kind == "lists":
        return st.lists(items(large=False), min_size=domain.values[0], max_size=domain.values[1], unique_by=str).map(tuple)
    return items(large=domain.kind == "items")


def arguments(domains: Mapping[str, Domain]) -> st.SearchStrategy[dict[str, Any]]:
    """A value for each name."""
    return st.fixed_dictionaries({name: values(domain) for name, domain in domains.items()})


@st.composite
def planned(draw: st.DrawFn, operation: Operation) -> Planned:
    """A call: leading arguments by position, the rest by name, optional ones often absent."""
    required = required_names(operation)
    by_position = draw(st.integers(0, len(operation.domains)))
    args: list[Any] = []
    kwargs: dict[str, Any] = {}
    for index, (name, domain) in enumerate(operation.domains.items()):
        if name not in required and draw(st.booleans()):
            continue
        value = draw(values(domain))
        if domain.positional or (index < by_position and len(args) == index):
            args.append(value)
        else:
            kwargs[name] = value
    return operation.name, tuple(args), kwargs


def required_names(operation: Operation) -> frozenset[str]:
    """The parameters without a default."""
    relation = operation.relation
    code = relation.__code__
    positional = code.co_varnames[: code.co_argcount]
    optional = positional[len(positional) - len(relation.__defaults__ or ()) :]
    return frozenset(positional) - frozenset(optional)


@st.composite
def scripts(draw: st.DrawFn, spec: Spec, version: Version) -> Script:
    """A complete script: few operations, few rounds, and more or less overlap."""
    known = [op for op in spec.operations.values() if op.since <= version]
    used = draw(st.lists(st.sampled_from(known), min_size=2, max_size=5, unique_by=lambda op: op.name))
    weighted = [op for op in used for _ in range(op.weight)]
    overlap = min(draw(st.sampled_from(OVERLAP)), spec.actors)
    rounds = draw(st.lists(round_of(spec, weighted, overlap), min_size=2, max_size=ROUNDS))
    return Script(draw(arguments(spec.domains)), tuple(rounds))


@st.composite
def round_of(draw: st.DrawFn, spec: Spec, operations: list[Operation], overlap: int) -> Round:
    """Calls of up to ``overlap`` actors; those that overlap make one or two calls each."""
    actors = draw(st.lists(st.integers(0, spec.actors - 1), min_size=1, max_size=overlap, unique=True))
    most = 1 if overlap == 1 else 2
    calls = st.lists(st.sampled_from(operations).flatmap(planned), min_size=1, max_size=most)
    return {actor: tuple(draw(calls)) for actor in actors}


def draw_many(strategy: st.SearchStrategy[Any], count: int, seed_: int) -> list[Any]:
    """``count`` examples that depend on the seed and on nothing else."""
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

    if count:
        collect()
    return drawn[:count]
