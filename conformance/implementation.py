"""An implementation as its adapter declares it: how to reach it, and what of multiprocessing's API it claims to have.

An adapter is a file that binds the name ``implementation`` to an ``Implementation``. It runs in the
subject's interpreter, so it imports nothing but the standard library and the implementation, and
the latter only inside its functions: a package that is missing is told by whoever asks for it.
"""

import importlib
from typing import Any, Callable, FrozenSet, Optional, Tuple

from conformance.vocabulary.capabilities import EVERYTHING, MODULES, NAMES, claims, correction
from conformance.vocabulary.frozen import Frozen

__all__ = ["EVERYTHING", "BrokenAdapter", "Implementation", "load"]


class BrokenAdapter(Exception):
    """A file is no adapter; the message is the end of a sentence about it."""


class Implementation(Frozen):
    """A package with multiprocessing's API, or with part of it.

    ``name`` is what subjects are called, ``package`` what is imported. It ``provides`` documented names
    (a class or module stands for all that belongs to it) but ``lacks`` some parts of these, such as
    ``Queue.close``; what it ``borrows`` from elsewhere is used by scenarios without being checked.
    Without ``start_methods`` they are those that the package tells. With ``threads`` its processes are
    threads.

    ``context`` names the module whose ``get_context()`` binds it to a start method, and ``submodules`` the one
    that has its submodules; by default, both are the package. What cannot be said so is said by functions: ``bind``
    returns what stands for the module, by a start method, and ``submodule`` one of its submodules. ``program``
    is the source with which a program of its own imports the module as ``mp``; with ``bind`` and without it, no
    program can. What the implementation ``inherits`` from, by name, may deviate in it as it does by itself.
    """

    name: str
    package: str
    provides: FrozenSet[str] = EVERYTHING
    lacks: FrozenSet[str] = frozenset()
    borrows: FrozenSet[str] = frozenset()
    start_methods: Tuple[str, ...] = ()
    threads: bool = False
    context: str = ""
    submodules: str = ""
    bind: Optional[Callable[[str], Any]] = None
    submodule: Optional[Callable[[Any, str], Any]] = None
    program: str = ""
    inherits: str = ""

    @property
    def importable(self) -> bool:
        """Whether a program of its own can import it."""
        return bool(self.program) or not self.bind

    def imported(self) -> Any:
        """The package, or the attribute of it that a name such as ``package:attribute`` stands for."""
        module, _, attribute = self.package.partition(":")
        found = importlib.import_module(module)
        return getattr(found, attribute) if attribute else found

    def methods(self) -> Tuple[str, ...]:
        """The start methods."""
        return self.start_methods or tuple(self.imported().get_all_start_methods())

    def bound(self, start_method: str) -> Any:
        """The module under test, bound to a start method."""
        if self.bind:
            return self.bind(start_method)
        owner = importlib.import_module(self.context) if self.context else self.imported()
        return owner.get_context(start_method)

    def part(self, mp: Any, name: str) -> Any:
        """A submodule of what was bound."""
        if self.submodule:
            return self.submodule(mp, name)
        if self.submodules:
            return importlib.import_module("%s.%s" % (self.submodules, name))
        return getattr(mp, name, None) or importlib.import_module("%s.%s" % (self.home, name))

    @property
    def home(self) -> str:
        """The package that has the submodules."""
        return self.submodules or self.package.partition(":")[0]

    def has(self, mp: Any, name: str) -> bool:
        """Whether a documented name is there, in what was bound."""
        first, *rest = name.split(".")
        try:
            found = self.part(mp, first) if first in MODULES else getattr(mp, first)
            for each in rest:
                found = getattr(found, each)
        except (AttributeError, ImportError):
            return False
        return True

    def heading(self) -> str:
        """The source with which a program imports the module as ``mp``, and knows the package of its submodules."""
        module, _, attribute = self.package.partition(":")
        plain = "from %s import %s as mp" % (module, attribute) if attribute else "import %s as mp" % module
        return "%s\nPACKAGE = %r" % (self.program or plain, self.home)


def plain(name: str) -> Implementation:
    """What needs no adapter: a module ``package`` or ``package:attribute`` with the whole API."""
    return Implementation(name, name)


def load(name: str) -> Implementation:
    """The implementation that this copy of the vocabulary was given an adapter for, or a plain one.

    Raises BrokenAdapter.
    """
    try:
        adapter = importlib.import_module("conformance.adapter")
    except ModuleNotFoundError as error:
        if error.name != "conformance.adapter":
            raise BrokenAdapter("cannot be imported: %s" % error) from None
        return plain(name)
    except SyntaxError as error:
        raise BrokenAdapter("cannot be imported: SyntaxError in line %s: %s" % (error.lineno, error.msg)) from None
    except (Exception, SystemExit) as error:
        raise BrokenAdapter("cannot be imported: %s: %s" % (type(error).__name__, error)) from None
    found = getattr(adapter, "implementation", None)
    if not isinstance(found, Implementation):
        raise BrokenAdapter("binds no Implementation to the name 'implementation'")
    check(found)
    return found


def check(declared: Implementation) -> None:
    """Raises BrokenAdapter if what is declared is of a wrong type, or names what is not documented."""
    for field, kind in (
        ("provides", frozenset),
        ("lacks", frozenset),
        ("borrows", frozenset),
        ("start_methods", tuple),
    ):
        value = getattr(declared, field)
        if not isinstance(value, kind) or not all(isinstance(each, str) for each in value):
            raise BrokenAdapter("declares %s as something else than a %s of strings" % (field, kind.__name__))
    for field in "name", "package", "context", "submodules", "program", "inherits":
        if not isinstance(getattr(declared, field), str):
            raise BrokenAdapter("declares %s as something else than a string" % field)
    unknown = sorted(name for name in declared.provides | declared.borrows if name not in NAMES)
    unknown += sorted(name for name in declared.lacks if not claims(name, NAMES))
    if unknown:
        raise BrokenAdapter("names %r: %s" % (unknown[0], correction(unknown[0])))
