"""An implementation as its adapter declares it: how to reach it, and what of multiprocessing's API it claims to have.

An adapter is a file that binds the name ``implementation`` to an ``Implementation``. It runs in the
subject's interpreter, so it imports nothing but the standard library and the implementation, and
the latter only inside its functions: the caller of these reports a missing package.
"""

import importlib
from typing import Any, Callable, FrozenSet, Optional, Tuple

from conformance.vocabulary.capabilities import EVERYTHING, MODULES, NAMES, claims, correction
from conformance.vocabulary.frozen import Frozen

__all__ = ["EVERYTHING", "BrokenAdapter", "Implementation", "load"]


class BrokenAdapter(Exception):
    """A file is not a valid adapter; the message is the end of a sentence about it."""


class Implementation(Frozen):
    """A package with multiprocessing's API, or with part of it.

    ``name`` is what subjects are called, ``package`` what is imported. It ``provides`` documented names
    (a class or module stands for everything that belongs to it) but ``lacks`` some parts of these, such as
    ``Queue.close``; scenarios use what it ``borrows`` from elsewhere without checking it.
    Without ``start_methods``, the package is asked for them. With ``threads``, its processes are threads.

    ``context`` names the module whose ``get_context()`` binds it to a start method, and ``submodules`` the one
    that has its submodules; by default, both are the package. If names are not enough, functions are: ``bind``
    takes a start method and returns an object that stands for the module, and ``submodule`` returns one of its
    submodules. ``program`` is the source with which a standalone program imports the module as ``mp``; with ``bind``
    but without ``program``, no standalone program can. The known deviations of the implementation that it
    ``inherits`` from, given by name, are known deviations of this one as well.
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
        """Whether a standalone program can import it."""
        return bool(self.program) or not self.bind

    @property
    def module(self) -> str:
        """The name of what is imported: the package without the attribute that it may have."""
        return self.package.partition(":")[0]

    def imported(self) -> Any:
        """The package, or an attribute of it if the name has the form ``package:attribute``."""
        found = importlib.import_module(self.module)
        attribute = self.package.partition(":")[2]
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
        """A submodule of the module or context that was bound."""
        if self.submodule:
            return self.submodule(mp, name)
        if self.submodules:
            return importlib.import_module("%s.%s" % (self.submodules, name))
        return getattr(mp, name, None) or importlib.import_module("%s.%s" % (self.home, name))

    @property
    def home(self) -> str:
        """The package that has the submodules."""
        return self.submodules or self.module

    def has(self, mp: Any, name: str) -> bool:
        """Whether the module or context that was bound has a documented name."""
        first, *rest = name.split(".")
        try:
            found = self.part(mp, first) if first in MODULES else getattr(mp, first)
            for each in rest:
                found = getattr(found, each)
        except (AttributeError, ImportError):
            return False
        return True

    def heading(self) -> str:
        """The source by which a program imports the module as ``mp``, and learns the package of its submodules."""
        module, _, attribute = self.package.partition(":")
        plain = "from %s import %s as mp" % (module, attribute) if attribute else "import %s as mp" % module
        return "%s\nPACKAGE = %r" % (self.program or plain, self.home)


def plain(name: str) -> Implementation:
    """An implementation that needs no adapter: ``package`` or ``package:attribute``, with the whole API."""
    return Implementation(name, name)


def load(name: str) -> Implementation:
    """The implementation whose adapter is beside this copy of the vocabulary, or a plain one if there is none.

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
        raise BrokenAdapter("does not bind the name 'implementation' to an Implementation")
    check(found)
    return found


def check(declared: Implementation) -> None:
    """Raises BrokenAdapter if a declared value has the wrong type, or names something that is not documented."""
    for field, kind in (
        ("provides", frozenset),
        ("lacks", frozenset),
        ("borrows", frozenset),
        ("start_methods", tuple),
    ):
        value = getattr(declared, field)
        if not isinstance(value, kind) or not all(isinstance(each, str) for each in value):
            raise BrokenAdapter("declares %s as something other than a %s of strings" % (field, kind.__name__))
    for field in "name", "package", "context", "submodules", "program", "inherits":
        if not isinstance(getattr(declared, field), str):
            raise BrokenAdapter("declares %s as something other than a string" % field)
    unknown = sorted(name for name in declared.provides | declared.borrows if name not in NAMES)
    unknown += sorted(name for name in declared.lacks if not claims(name, NAMES))
    if unknown:
        raise BrokenAdapter("names %r: %s" % (unknown[0], correction(unknown[0])))
