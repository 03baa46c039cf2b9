"""A spec: the clauses of one documented class, as a relation plus scenarios.

This module only registers. A method is a generator whose yields are the permitted outcomes,
``(slug, outcome)`` or ``(slug, outcome, next state)``; without a state nothing changes, and
an outcome without a slug, such as ``unspecified``, is permitted but promised by no clause. Its
docstring says in words what each slug promises:

    full: Without a free slot, a call that does not block raises Full at once.
    closed (since 3.8): A process that closed the queue gets ValueError.

A call that takes several steps, as a wait that gives up a lock and takes it again, moves through
phases: ``then("waiting")`` is such a step, and the relation is asked again with the keyword
``phase="waiting"`` (at first it is None).
"""

from __future__ import annotations

import re
import sys
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

ENTRY = r"([a-z][a-z0-9-]*)(?: \((since|until) (\d+\.\d+)\))?: (\S.*)"


class Clause(Frozen):
    """One promise of the documentation.

    ``documents`` is the Sphinx object that promises it. Versions from ``since`` on, and
    before ``until``, make the promise. ``kind`` is what proves it: ``operation``,
    ``scenario``, ``law`` (over long histories) or ``object`` (made and inherited). ``needs``
    names what else it takes to prove it, beyond what its text takes from the module under test:
    documented names, and start methods.
    """

    name: str
    statement: str
    documents: str
    kind: str
    source: str
    since: Version = (3, 8)
    until: Optional[Version] = None
    needs: Tuple[str, ...] = ()

    def promised_by(self, version: Version) -> bool:
        """Whether this version of Python makes the promise."""
        return self.since <= version and (self.until is None or version < self.until)


class Others(namedtuple("Others", ("waiting", "leaving"), defaults=((), ()))):
    """The calls of other processes that overlap this one, by operation.

    ``waiting`` have not taken effect; ``leaving`` have, and have not returned yet.
    """

    __slots__ = ()

    def any(self, *names: str) -> bool:
        """Whether one of these operations overlaps at all."""
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


class Pinned(namedtuple("Pinned", ("label", "make", "rounds"))):
    """A script that every run plays, and in words the situation that it brings about."""

    __slots__ = ()


class Spec:
    """The clauses of one documented class.

    ``documents`` is the Sphinx object whose promises these are, or a section of a page, such
    as ``library/multiprocessing#all-start-methods``. ``state`` is the frozen class of the
    relation's states; it and ``make`` take the constructor's arguments, whose domains are
    ``domains``. Without them there are only scenarios. With ``parts`` the object that ``make``
    returns is a tuple, and each actor keeps the part of its own index and closes the others.
    With ``threads`` the actors are threads of the stage: the object cannot be passed on. ``cost``
    is how many times as much as a lock an object costs; it divides the number of scripts.
    ``unmake`` ends an object that does not end by itself. ``needs`` are those of all its clauses.
    Other modules than that which makes it may register scenarios.
    """

    def __init__(
        self,
        name: str,
        state: Any = None,
        make: Optional[Callable[..., Any]] = None,
        documents: str = "",
        actors: int = 3,
        parts: bool = False,
        threads: bool = False,
        cost: int = 1,
        unmake: Optional[Callable[[Any], None]] = None,
        since: Version = (3, 8),
        needs: Tuple[str, ...] = (),
        **domains: Domain,
    ) -> None:
        self.module = registering()
        self.name, self.state, self.make, self.documents = name, state, make, documents
        self.actors, self.parts, self.threads, self.cost = actors, parts, threads, cost
        self.unmake, self.since, self.needs, self.domains = unmake, since, needs, domains
        self.operations: Dict[str, Operation] = {}
        self._clauses: Dict[str, Clause] = {}
        self._unread: List[Callable[[], List[Clause]]] = []
        self.streams: Dict[str, Stream] = {}
        self.scenarios: List[Scenario] = []
        self.pinned: List[Pinned] = []
        self.rescues: Tuple[Tuple[str, Tuple[Any, ...], Dict[str, Any]], ...] = ()
        if state:
            self._read_later(state, "", documents, "object", state.__name__, since)

    @property
    def clauses(self) -> Dict[str, Clause]:
        """Every clause by its name, in the order of the text.

        Docstrings are read when they are asked for: thousands of processes import specs, and none of them asks.
        """
        while self._unread:
            for clause in self._unread.pop(0)():
                if clause.name in self._clauses:
                    raise ValueError("clause %s is stated twice" % clause.name)
                self._clauses[clause.name] = clause
        return self._clauses

    def op(
        self,
        body: Optional[Callable[..., Any]] = None,
        doc: Optional[str] = None,
        name: Optional[str] = None,
        weight: int = 1,
        since: Version = (3, 8),
        **domains: Domain,
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Registers a method, called ``name`` or as the function is.

        ``body(object, ...)`` replaces the plain call of the method, if given; ``weight`` makes
        generated scripts use it more often.
        """
        given = name

        def register(relation: Callable[..., Any]) -> Callable[..., Any]:
            name = given or relation.__name__
            parameters, optional = parameters_of(relation)
            sees, phases = "others" in parameters, "phase" in parameters
            document = doc or "%s.%s" % (self.documents, name)
            self.operations[name] = Operation(
                name, relation, domains, body, weight, since, sees, phases, optional, document
            )
            self._read_later(relation, name + ".", document, "operation", name, since)
            return relation

        return register

    def adopt(self, other: "Spec", *names: str, documents: Optional[str] = None, doc: Optional[str] = None) -> None:
        """Takes over operations of another spec, whose relation holds here as it is.

        ``documents`` is the class whose methods of these names promise it, if not the other's;
        ``doc`` is the one object that promises all of it.
        """
        for name in names:
            operation = other.operations[name]
            whole = operation.document == other.documents
            method = "" if whole else "." + operation.document.rpartition(".")[2]
            document = doc or (documents or other.documents) + method
            self.op(operation.body, document, name, operation.weight, operation.since, **operation.domains)(
                operation.relation
            )

    def scenario(
        self,
        slug: str,
        doc: Optional[str] = None,
        since: Version = (3, 8),
        needs: Tuple[str, ...] = (),
        **domains: Domain,
    ) -> Callable[[Callable[..., None]], Callable[..., None]]:
        """Registers a function of the module under test; its docstring is the statement."""
        module = registering()

        def register(run: Callable[..., None]) -> Callable[..., None]:
            document = doc or self.documents
            clause = self._state(slug, sentence(run), document, "scenario", run.__name__, since, None, needs)
            self._unread.append(lambda: [clause])
            self.scenarios.append(Scenario(clause, run, domains, module))
            return run

        return register

    def stream(
        self, stuck: str, make: Optional[Dict[str, Any]] = None, **domains: Domain
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Registers a long program: a function that returns one list of calls per actor."""

        def register(program: Callable[..., Any]) -> Callable[..., Any]:
            name = program.__name__
            self.streams[name] = Stream(name, program, domains, stuck, make or {}, {})
            return program

        return register

    def law(
        self, stream: Callable[..., Any], slug: str, doc: Optional[str] = None
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Registers a law: a function of a stream's history that says what is wrong, or None."""

        def register(check: Callable[..., Any]) -> Callable[..., Any]:
            clause = self._state(slug, sentence(check), doc or self.documents, "law", check.__name__, self.since)
            self._unread.append(lambda: [clause])
            self.streams[stream.__name__].laws[slug] = check
            return check

        return register

    def pin(self, label: str, /, *rounds: Any, **make: Any) -> None:
        """A script that every run plays first; a round maps an actor to its calls.

        The label tells in words which situation the script brings about. Raises TypeError if it is missing.
        """
        if not isinstance(label, str):
            raise TypeError("a pinned script of %s has no label, but starts with %r" % (self.name, label))
        self.pinned.append(Pinned(label, make, rounds))

    def rescue(self, *calls: Tuple[str, Tuple[Any, ...], Dict[str, Any]]) -> None:
        """The calls with which the harness may let waiting calls finish after a script."""
        self.rescues = calls

    def _read_later(self, documented: Any, prefix: str, documents: str, kind: str, source: str, since: Version) -> None:
        """The clauses that a docstring states, once they are asked for."""

        def read() -> List[Clause]:
            found = entries(documented)
            return [
                self._state(
                    prefix + slug, statement, documents, kind, source, window.get("since", since), window.get("until")
                )
                for slug, statement, window in found
            ]

        self._unread.append(read)

    def _state(
        self,
        slug: str,
        statement: str,
        documents: str,
        kind: str,
        source: str,
        since: Version,
        until: Optional[Version] = None,
        needs: Tuple[str, ...] = (),
    ) -> Clause:
        name = "%s.%s" % (self.name, slug)
        return Clause(name, statement, documents, kind, source, max(self.since, since), until, needs)


def call(op: str, *args: Any, **kwargs: Any) -> Tuple[str, Tuple[Any, ...], Dict[str, Any]]:
    """A call as scripts hold it."""
    return op, args, kwargs


def registering() -> str:
    """The module whose code calls the method that asks: functions may be of others."""
    name: str = sys._getframe(2).f_globals["__name__"]
    return name


def parameters_of(function: Callable[..., Any]) -> Tuple[Tuple[str, ...], FrozenSet[str]]:
    """The names of a plain function's parameters, and those that have a default.

    The module inspect tells them too; importing it takes as long as all of this package.
    """
    code = function.__code__
    names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    first = code.co_argcount - len(function.__defaults__ or ())
    return names, frozenset([*names[first : code.co_argcount], *(function.__kwdefaults__ or {})])


def sentence(documented: Any) -> str:
    """The docstring as one line."""
    return " ".join((documented.__doc__ or "").split())


def entries(documented: Any) -> Iterator[Tuple[str, str, Dict[str, Version]]]:
    """The ``slug: statement`` entries of a docstring, with their version windows.

    An entry starts at the docstring's own indentation; deeper lines continue it.
    """
    from textwrap import dedent  # only who reads docstrings needs it

    found: List[List[Any]] = []
    entry = re.compile(ENTRY)
    for line in dedent((documented.__doc__ or "").partition("\n")[2]).splitlines():
        match = entry.fullmatch(line)
        if match:
            slug, bound, version, statement = match.groups()
            window = {bound: tuple(map(int, version.split(".")))} if bound else {}
            found.append([slug, statement, window])
        elif found and line.startswith("    "):
            found[-1][1] += " " + line.strip()
    return iter([(slug, statement, window) for slug, statement, window in found])
