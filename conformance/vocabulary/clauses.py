"""What a spec holds: clauses, and the operations, scenarios and streams that prove them."""

from __future__ import annotations

from collections import namedtuple

from conformance.vocabulary.arg import Domain
from conformance.vocabulary.frozen import Frozen
from conformance.vocabulary.outcomes import Outcome

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, FrozenSet, Iterator, List, Optional, Tuple

    Version = Tuple[int, ...]
    State = Any
else:
    Version = tuple


class Clause(Frozen):
    """One promise of the documentation.

    ``documents`` is the Sphinx object that promises it. Versions from ``since`` on, and
    before ``until``, make the promise. ``kind`` is what proves it: ``operation``,
    ``scenario``, ``law`` (over long histories) or ``object`` (made and inherited). ``needs``
    names what else it takes to prove it, beyond what its text takes from the module under test:
    documented names, and start methods. ``doubt`` says why the documentation may not promise this.
    """

    name: str
    statement: str
    documents: str
    kind: str
    source: str
    since: Version = (3, 8)
    until: Optional[Version] = None
    needs: Tuple[str, ...] = ()
    doubt: str = ""

    def promised_by(self, version: Version) -> bool:
        """Whether this version of Python makes the promise."""
        return self.since <= version and (self.until is None or version < self.until)


class Others(namedtuple("Others", ("waiting", "leaving"), defaults=((), ()))):
    """The calls of other actors that overlap this one, as a relation gets them for its parameter ``others``.

        if others.any("put", "put_nowait"):
            yield "approximates", returns_a(bool)

    Args:
        waiting: The names of the operations of those that have not taken effect.
        leaving: The same of those that have taken effect, and have not returned yet.
    """

    __slots__ = ()

    def any(self, *names: str) -> bool:
        """Whether a call of one of these operations overlaps at all."""
        return any(name in names for name in self.waiting + self.leaving)

    def count_leaving(self, *names: str) -> int:
        """How many calls of these operations are in effect without having returned."""
        return sum(name in names for name in self.leaving)


class Move(namedtuple("Move", ("slug", "outcome", "state"))):
    """One permitted outcome of a call, and the state after it."""

    __slots__ = ()


def move(yielded: Any, state: State) -> Move:
    """A relation's yield: an outcome and a state, or only an outcome; a slug comes first where it is a clause."""
    if isinstance(yielded, Outcome):
        return Move("", yielded, state)
    if isinstance(yielded[0], Outcome):
        return Move("", *yielded)
    return Move(yielded[0], yielded[1], yielded[2] if len(yielded) > 2 else state)


class Operation(Frozen):
    """A method: its relation, its argument domains, and how an actor performs it."""

    name: str
    relation: Callable[..., Iterator[Tuple[Any, ...]]]
    domains: Dict[str, Domain]
    body: Optional[Callable[..., Any]] = None
    weight: int = 1
    since: Version = (3, 8)
    sees_others: bool = False
    has_phases: bool = False
    optional: FrozenSet[str] = frozenset()
    document: str = ""

    def moves(
        self,
        state: State,
        me: int,
        args: Tuple[Any, ...],
        kwargs: Dict[str, Any],
        others: Others,
        phase: Optional[str] = None,
    ) -> List[Move]:
        """What the documentation permits this call to do in this state."""
        extra: Dict[str, Any] = {"others": others} if self.sees_others else {}
        if self.has_phases:
            extra["phase"] = phase
        yields = self.relation(state, me, *args, **kwargs, **extra)
        return [move(each, state) for each in yields]


class Scenario(Frozen):
    """A lifetime: a plain function of the module under test, run inside the stage; ``module`` has registered it."""

    clause: Clause
    run: Callable[..., None]
    domains: Dict[str, Domain]
    module: str


class Pinned(namedtuple("Pinned", ("label", "make", "rounds"))):
    """A script that every run plays, and in words the situation that it brings about."""

    __slots__ = ()


class Stream(Frozen):
    """A long program for several actors at full speed, and the laws its history obeys.

    ``stuck`` is the slug of the law that is broken when the program cannot finish; ``make``
    are the constructor's arguments.
    """

    name: str
    program: Callable[..., Any]
    domains: Dict[str, Domain]
    stuck: str
    make: Dict[str, Any]
    laws: Dict[str, Callable[..., Optional[str]]]


def call(op: str, *args: Any, **kwargs: Any) -> Tuple[str, Tuple[Any, ...], Dict[str, Any]]:
    """A call of an operation in a script: ``call("put", 1, timeout=arg.SHORT)``.

    Args:
        op: The operation's name; it is looked up when the script is played.
        *args: Arguments of the method, as plain data; a ``Blob`` stands for many bytes.
        **kwargs: The same by keyword.
    """
    return op, args, kwargs


def parameters_of(function: Callable[..., Any]) -> Tuple[Tuple[str, ...], FrozenSet[str]]:
    """The names of a plain function's parameters, and those that have a default.

    The module inspect tells them too; importing it takes as long as all of this package.
    """
    code = function.__code__
    names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    first = code.co_argcount - len(function.__defaults__ or ())
    return names, frozenset([*names[first : code.co_argcount], *(function.__kwdefaults__ or {})])
