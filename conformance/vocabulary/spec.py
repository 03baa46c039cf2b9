"""A spec: the clauses of one documented class, as a relation plus scenarios.

This module only registers. What a relation is, and how its docstring states clauses, is said in ``conformance``.
"""

from __future__ import annotations

import sys

from conformance.vocabulary.clauses import (
    Clause,
    Move,
    Operation,
    Others,
    Pinned,
    Scenario,
    Stream,
    Version,
    call,
    parameters_of,
)
from conformance.vocabulary.docstrings import entries, sentence

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Optional, Tuple

    from conformance.vocabulary.arg import Domain

__all__ = ["Clause", "Move", "Operation", "Others", "Scenario", "Spec", "Stream", "Version", "call"]

SMOKE = ("once", "each", "all")


class Spec:
    """The clauses of one documented class, which its methods register.

        queue = Spec("queue", Queue, make=lambda mp, **kwargs: mp.Queue(**kwargs),
                     documents="multiprocessing.Queue", maxsize=arg.one_of(0, 1, 2))

    With a ``state`` and ``make`` there are objects: generated scripts call the operations, and streams run on
    them. Without them there are only scenarios. Other modules than that which makes a spec may register scenarios.

    Args:
        name: What the names of its clauses begin with: small letters, and the name of no other spec.
        state: The ``Frozen`` class of the relation's states, which is called with the constructor's arguments. Below
            its first line, its docstring states what holds of every object: ``made``, and ``inherited``.
        make: A function of the module under test and the constructor's arguments that returns a new object. It is
            called in the stage.
        documents: The Sphinx object whose promises these are (``multiprocessing.Queue``), or a section of a page
            (``library/multiprocessing#all-start-methods``).
        actors: How many processes make calls; scripts and streams number them from 0 on.
        parts: Whether ``make`` returns a tuple, of which each actor keeps the part of its own number and closes the
            others.
        threads: Whether the actors are threads of the stage, since the object cannot be passed to a process.
        cost: How many times as much as a lock an object costs; it divides the number of scripts.
        unmake: A function of an object that ends it, if it does not end by itself.
        since: The first version of Python that makes these promises, as a tuple.
        needs: Documented names without ``multiprocessing.`` and start methods that every clause needs, beyond what
            its proof visibly takes from the module under test.
        called: What a reproducer calls an object; by default, the spec's name.
        manager: The function of the module under test that returns the manager which makes the objects, if one
            does. A reproducer starts a manager of its own in its place.
        buffers: Whether a process keeps what it puts into an object until there is room in a pipe: such a process
            may rightly not end before another one has taken it.
        light: Whether a process may hold thousands of the objects, as of what has no file descriptors.
        claims: Whether its clauses are that the names they document are there, for which a reproducer looks by itself.
        smoke: What ``mpconform smoke`` tries of a spec without objects: its first scenario by the first start method
            (``once``), by every start method (``each``), or all of its clauses by every start method (``all``).
        **domains: The constructor's arguments, each with the ``arg`` domain of its values.

    Raises:
        ValueError: ``smoke`` is none of these words. A clause that is stated twice raises it when ``clauses`` are read.
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
        called: str = "",
        manager: Optional[Callable[[Any], Any]] = None,
        buffers: bool = False,
        light: bool = False,
        claims: bool = False,
        smoke: str = "once",
        **domains: Domain,
    ) -> None:
        if smoke not in SMOKE:
            raise ValueError("smoke is %r, and not one of %s" % (smoke, ", ".join(SMOKE)))
        self.module = registering()
        self.name, self.state, self.make, self.documents = name, state, make, documents
        self.actors, self.parts, self.threads, self.cost = actors, parts, threads, cost
        self.unmake, self.since, self.needs, self.domains = unmake, since, needs, domains
        self.called, self.manager, self.buffers, self.light = called or name, manager, buffers, light
        self.claims, self.smoke = claims, smoke
        self.operations: Dict[str, Operation] = {}
        self._clauses: Dict[str, Clause] = {}
        self._unread: List[Callable[[], List[Clause]]] = []
        self.streams: Dict[str, Stream] = {}
        self.scenarios: Dict[str, Scenario] = {}  # by the names of their clauses
        self.pinned: List[Pinned] = []
        self.rescues: Tuple[Tuple[str, Tuple[Any, ...], Dict[str, Any]], ...] = ()
        if state:
            self._read_later(state, "", documents, "object", state.__name__, since)

    @property
    def clauses(self) -> Dict[str, Clause]:
        """Every clause by its name, in the order of the text. Raises ValueError if one is stated twice.

        Docstrings are read when clauses are asked for: thousands of processes import specs, and none of them asks.
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
        """Registers a relation as a method, whose clauses are named ``<spec>.<method>.<slug>``.

            @queue.op(obj=arg.items, block=arg.blocks, timeout=arg.timeouts)
            def put(q, me, obj, block=True, timeout=None):
                ...

        Args:
            body: A function of the object and the arguments that makes the call, if that is not a plain call of the
                method; for instance one that enters a ``with`` block.
            doc: The Sphinx object that promises it; by default, the method of this name of what the spec documents.
            name: The method's name; by default, the function's.
            weight: How many times as often as another method generated scripts call it.
            since: The first version of Python that has the method, as a tuple.
            **domains: The ``arg`` domain of each argument, in the order of the relation's parameters.
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
        """Takes over operations of another spec, whose relation and clauses hold here as they are.

            bounded.adopt(semaphore, "locked", documents="multiprocessing.BoundedSemaphore")

        Args:
            other: The spec that has the operations.
            *names: Their names.
            documents: The class whose methods of these names promise it; by default, what the other spec documents.
            doc: The one Sphinx object that promises all of it, instead.

        Raises:
            KeyError: The other spec has no operation of this name.
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
        doubt: str = "",
        **domains: Domain,
    ) -> Callable[[Callable[..., None]], Callable[..., None]]:
        """Registers a scenario: a short function of the module under test, which runs in the stage.

            @queue.scenario("exit.flushes", doc="multiprocessing.Queue.join_thread", obj=arg.items)
            def exit_flushes(mp, obj):
                "A process that has put objects does not exit until all of them are in the pipe."
                q = mp.Queue()
                with child(mp, put, q, obj):
                    assert q.get() == obj

        Its docstring is the statement. Any exception breaks the clause; what an assertion says is told as what is
        wrong. It needs no timeouts of its own: a scenario that hangs is noticed. It ends what it starts; functions
        that a child runs are those of a module, since they are pickled.

        Args:
            slug: The clause's name without that of the spec.
            doc: The Sphinx object that promises it; by default, what the spec documents.
            since: The first version of Python that promises it, as a tuple.
            needs: Documented names without ``multiprocessing.`` and start methods that it needs, beyond what its
                text takes from ``mp``.
            doubt: Why the documentation may not promise this, in small letters and without a full stop: it is shown
                wherever a violation is.
            **domains: The ``arg`` domain of each parameter after the first; it runs with several of their values.
        """
        module = registering()

        def register(run: Callable[..., None]) -> Callable[..., None]:
            document = doc or self.documents
            clause = self._state(slug, sentence(run), document, "scenario", run.__name__, since, None, needs, doubt)
            self._unread.append(lambda: [clause])
            self.scenarios[clause.name] = Scenario(clause, run, domains, module)
            return run

        return register

    def stream(
        self, stuck: str, make: Optional[Dict[str, Any]] = None, **domains: Domain
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Registers a stream: a long program that all actors run at full speed, on one object.

            @queue.stream(stuck="lossless", make={"maxsize": 0}, each=arg.integers(10, 60))
            def traffic(each):
                "One process puts objects, another one gets them."
                return [[call("put", i) for i in range(each)], [call("get")] * each]

        The function returns a list of ``call(...)`` for each actor. Every call must return, whatever the others do;
        what holds of all that they return is said by laws.

        Args:
            stuck: The slug of the law that is broken if a call raises, a process dies, or the program does not end.
            make: The arguments of the constructor; none by default.
            **domains: The ``arg`` domain of each parameter of the function.
        """

        def register(program: Callable[..., Any]) -> Callable[..., Any]:
            name = program.__name__
            self.streams[name] = Stream(name, program, domains, stuck, make or {}, {})
            return program

        return register

    def law(
        self, stream: Callable[..., Any], slug: str, doc: Optional[str] = None
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Registers a law: a function of a stream's history that says what is wrong, in a sentence, or returns None.

            @queue.law(traffic, "faithful")
            def nothing_is_invented(history):
                "get() returns only objects that were put."
                return laws.nothing_invented(laws.picked(history, "put"), laws.picked(history, "get"))

        Its docstring is the statement. The history is a list of ``laws.Step``, one for each call.

        Args:
            stream: The function that was registered as a stream.
            slug: The clause's name without that of the spec.
            doc: The Sphinx object that promises it; by default, what the spec documents.

        Raises:
            KeyError: The function is no stream of this spec.
        """

        def register(check: Callable[..., Any]) -> Callable[..., Any]:
            clause = self._state(slug, sentence(check), doc or self.documents, "law", check.__name__, self.since)
            self._unread.append(lambda: [clause])
            self.streams[stream.__name__].laws[slug] = check
            return check

        return register

    def pin(self, label: str, /, *rounds: Any, **make: Any) -> None:
        """Registers a script that every run plays first, beside those that are generated.

            queue.pin("two processes get one object", {0: [call("put", 1)]}, {1: [call("get")], 2: [call("get")]})

        Args:
            label: The situation that the script brings about, in words: ``explain`` and messages show it.
            *rounds: What is done one after the other: each maps the numbers of actors to the calls that they make,
                all together. A round begins once every call of the one before has returned, or may wait.
            **make: The arguments of the constructor.

        Raises:
            TypeError: The label is missing.
        """
        if not isinstance(label, str):
            raise TypeError("a pinned script of %s has no label, but starts with %r" % (self.name, label))
        self.pinned.append(Pinned(label, make, rounds))

    def rescue(self, *calls: Tuple[str, Tuple[Any, ...], Dict[str, Any]]) -> None:
        """Says with which calls waiting calls can be freed, at the end of a script; whichever help are made.

            queue.rescue(call("put", "rescue", False), call("get"))

        Without them, actors that still wait are replaced, which takes longer.

        Args:
            *calls: Each of them may be made several times, by any actor that does not wait.
        """
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
        doubt: str = "",
    ) -> Clause:
        name = "%s.%s" % (self.name, slug)
        return Clause(name, statement, documents, kind, source, max(self.since, since), until, needs, doubt)


def registering() -> str:
    """The module whose code calls the method that asks: functions may be of others."""
    name: str = sys._getframe(2).f_globals["__name__"]
    return name
