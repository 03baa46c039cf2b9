"""The part of a reproducer that differs from one to another: what shows the violation."""

from dataclasses import dataclass

HANGS, DIES, WRONG = "hangs", "dies", "wrong"
"""How a violation shows: the check does not end, its process ends by itself, or something is not as promised."""


class NoReproducer(Exception):
    """Nothing shows the violation without the harness; the message says why, in words that end a sentence."""


@dataclass(frozen=True)
class Body:
    """The source of a check, in Python 3.8, of the implementation that is a module or context ``mp``.

    ``definitions`` are functions, classes and constants at the level of the module, so that children that
    spawn find them. ``check`` is ``def check(mp): ...``; it raises AssertionError, with what happened
    instead, if the promise is broken, and returns None if it is kept. ``imports`` are lines; that of the
    implementation is not among them. ``starts_processes`` says whether somebody may be left when the check ends.
    """

    definitions: str
    check: str
    imports: tuple[str, ...]
    starts_processes: bool = True


@dataclass(frozen=True)
class Promise:
    """What a reproducer is about, in words.

    ``title`` names what makes the promise, such as a method; ``where`` is the manual's link; ``observed`` is what
    happened instead on ``subject`` by ``start_method``; ``shows`` is one of HANGS, DIES and WRONG. ``start_methods``
    are all that it has, if its package may not tell them, and ``path`` is where it is imported from.
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


@dataclass(frozen=True)
class ImportPath:
    """How a script imports what it checks: from ``package``, or as ``package:attribute``, which has get_context().

    ``heading`` is how a program of its own imports it as ``mp``, if not in the same way.
    """

    address: str
    submodules: str = ""  # the package that has them, and the exceptions, if not the same
    has_submodules: bool = True  # where they always are, and not only where an adapter finds them
    heading: str = ""

    @property
    def is_part(self) -> bool:
        """Whether it is an attribute of a package, which has submodules of its own only as attributes."""
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
