"""The part that differs from one reproducer to the next: what shows the violation."""

from dataclasses import dataclass

from conformance.vocabulary.clauses import Version

HANGS, DIES, WRONG = "hangs", "dies", "wrong"
"""How a violation shows: the check does not end, its process dies, or something is not as promised."""


class NoReproducer(Exception):
    """Nothing shows the violation without the harness; the message says why, as the end of a sentence."""


@dataclass(frozen=True)
class Body:
    """The source of a check, in Python 3.8; the implementation is a module or context called ``mp``.

    ``definitions`` are functions, classes and constants at the level of the module, so that spawned children
    find them. ``check`` is ``def check(mp): ...``; it raises AssertionError, with what happened
    instead, if the promise is broken, and returns None if it is kept. ``imports`` are lines, without that of
    the implementation. ``starts_processes`` says whether processes may be left when the check ends; ``since`` is
    the first version of Python that has all that the check calls.
    """

    definitions: str
    check: str
    imports: tuple[str, ...]
    starts_processes: bool = True
    since: Version = (3, 8)


@dataclass(frozen=True)
class Promise:
    """What a reproducer is about, as text.

    ``title`` names what makes the promise, such as a method; ``where`` is a link to the manual; ``observed`` is what
    happened instead on ``subject`` with ``start_method``; ``shows`` is one of HANGS, DIES and WRONG. ``start_methods``
    are all that it has, in case its package does not list them, and ``path`` is where it is imported from. Versions
    of Python from ``since`` on and before ``until`` promise it. ``raised`` names the type of the exception by which
    it shows, if it does not show by a check that fails.
    """

    clause: str
    title: str
    statement: str
    where: str
    observed: str
    subject: str
    start_method: str
    shows: str = WRONG
    start_methods: tuple[str, ...] = ()
    path: tuple[str, ...] = ()
    since: Version = (3, 8)
    until: Version | None = None
    raised: str = ""


@dataclass(frozen=True)
class ImportPath:
    """How a script imports what it checks: from ``package``, or as ``package:attribute``, which has get_context().

    ``heading`` is the source by which a standalone program imports it as ``mp``, if it needs another.
    """

    address: str
    submodules: str = ""  # the package with the submodules and the exceptions, if it is another one
    has_submodules: bool = True  # whether they are where they should be, not only where an adapter finds them
    heading: str = ""

    @property
    def is_part(self) -> bool:
        """Whether it is an attribute of a package, and so has submodules only as attributes."""
        return ":" in self.address

    @property
    def name(self) -> str:
        """What the script calls it."""
        package, _, attribute = self.address.partition(":")
        return "multiprocessing" if attribute else package

    @property
    def modules(self) -> str:
        """What the script calls the package of its submodules."""
        return self.submodules or self.name

    @property
    def imported(self) -> str:
        """The line that imports it."""
        package, _, attribute = self.address.partition(":")
        return f"from {package} import {attribute} as multiprocessing" if attribute else f"import {package}"
