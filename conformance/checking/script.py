"""Scripts and calls: what actors are told to do, and what they did, as plain data."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from conformance.vocabulary.clauses import Pinned
from conformance.vocabulary.outcomes import Observed
from conformance.vocabulary.values import text

Planned = tuple[str, tuple[Any, ...], dict[str, Any]]  # operation, arguments, keyword arguments
Round = Mapping[int, tuple[Planned, ...]]  # actor -> calls that it makes one after the other


@dataclass(frozen=True)
class Script:
    """A run, complete before it starts: how the object is made, and rounds of calls."""

    make: Mapping[str, Any]
    rounds: tuple[Round, ...]

    def __len__(self) -> int:
        return sum(len(calls) for round_ in self.rounds for calls in round_.values())


def script_of(pinned: Pinned) -> Script:
    """A pinned script, without its label."""
    return Script(pinned.make, pinned.rounds)


@dataclass(frozen=True)
class Call:
    """One call of a history. Times are nanoseconds of CLOCK_MONOTONIC.

    While the call is open, ``end`` and ``observed`` are None and ``start`` is a lower bound.
    """

    id: int
    actor: int
    op: str
    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]
    start: int
    end: int | None = None
    observed: Observed | None = None

    def finished(self, start: int, end: int, observed: Observed) -> "Call":
        """The same call with what became of it."""
        return replace(self, start=start, end=end, observed=observed)

    def __str__(self) -> str:
        arguments = [text(a) for a in self.args] + [f"{k}={text(v)}" for k, v in self.kwargs.items()]
        return f"{self.op}({', '.join(arguments)})"
