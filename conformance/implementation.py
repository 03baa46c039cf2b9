"""An implementation as its adapter declares it: how to reach it, and what of multiprocessing's API it claims to have.

An adapter is a file that binds the name ``implementation`` to an ``Implementation``. It runs in the
subject's interpreter, so it imports nothing but the standard library and the implementation, and
the latter only inside its functions: a package that is missing is told by whoever asks for it.
"""

import importlib
from typing import Any, Callable, FrozenSet, Iterable, Optional, Tuple

from conformance.frozen import Frozen

MODULES = ("connection", "dummy", "managers", "pool", "shared_memory", "sharedctypes")

CAPABILITIES = (
    "Process",
    "active_children",
    "current_process",
    "parent_process",
    "cpu_count",
    "freeze_support",
    "get_all_start_methods",
    "get_context",
    "get_start_method",
    "set_start_method",
    "set_executable",
    "set_forkserver_preload",
    "get_logger",
    "log_to_stderr",
    "ProcessError",
    "BufferTooShort",
    "AuthenticationError",
    "TimeoutError",
    "Pipe",
    "Queue",
    "SimpleQueue",
    "JoinableQueue",
    "Lock",
    "RLock",
    "Semaphore",
    "BoundedSemaphore",
    "Condition",
    "Event",
    "Barrier",
    "Value",
    "Array",
    "sharedctypes.RawValue",
    "sharedctypes.RawArray",
    "sharedctypes.Value",
    "sharedctypes.Array",
    "sharedctypes.copy",
    "sharedctypes.synchronized",
    "Manager",
    "managers.BaseManager",
    "managers.SyncManager",
    "managers.Namespace",
    "managers.BaseProxy",
    "managers.SharedMemoryManager",
    "pool.Pool",
    "pool.ThreadPool",
    "pool.AsyncResult",
    "connection.Connection",
    "connection.Listener",
    "connection.Client",
    "connection.wait",
    "connection.deliver_challenge",
    "connection.answer_challenge",
    "shared_memory.SharedMemory",
    "shared_memory.ShareableList",
    "dummy",
)
"""The documented classes, exceptions and functions, without ``multiprocessing.``."""

NECESSARY = ("Process", "get_context", "get_all_start_methods")  # without these there is no subject

PROCESSES = "processes"  # no name of the API: actors have memory of their own, and can be killed

EVERYTHING = frozenset([name for name in CAPABILITIES if "." not in name] + list(MODULES) + [PROCESSES])
"""All that the manual documents, in the fewest names: a module stands for what is in it."""


class BrokenAdapter(Exception):
    """A file is no adapter; the message is the end of a sentence about it."""


class Implementation(Frozen):
    """A package with multiprocessing's API, or with part of it.

    ``name`` is what subjects are called, ``package`` what is imported. It ``provides`` documented names
    (a class or module stands for all that belongs to it) but ``lacks`` some parts of these, such as
    ``Queue.close``; what it ``borrows`` from elsewhere is used by scenarios without being checked.
    Without ``start_methods`` they are those that the package tells. With ``threads`` its processes are
    threads.

    ``bind`` returns the module, or what stands for it, bound to a start method, and ``submodule`` one of
    its submodules; by default they are the package's. ``program`` is the source with which a program
    of its own imports the module as ``mp``.
    """

    name: str
    package: str
    provides: FrozenSet[str] = EVERYTHING
    lacks: FrozenSet[str] = frozenset()
    borrows: FrozenSet[str] = frozenset()
    start_methods: Tuple[str, ...] = ()
    threads: bool = False
    bind: Optional[Callable[[str], Any]] = None
    submodule: Optional[Callable[[Any, str], Any]] = None
    program: str = ""

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
        return self.bind(start_method) if self.bind else self.imported().get_context(start_method)

    def part(self, mp: Any, name: str) -> Any:
        """A submodule of what was bound."""
        if self.submodule:
            return self.submodule(mp, name)
        return getattr(mp, name, None) or importlib.import_module("%s.%s" % (self.package.partition(":")[0], name))

    def has(self, mp: Any, name: str) -> bool:
        """Whether a documented name is there, in what was bound or in the package itself."""
        first, *rest = name.split(".")
        try:
            if first in MODULES:
                found = self.part(mp, first)
            else:
                found = getattr(mp, first, None) or getattr(self.imported(), first)
            for each in rest:
                found = getattr(found, each)
        except (AttributeError, ImportError):
            return False
        return True

    def heading(self) -> str:
        """The source with which a program imports the module as ``mp``."""
        module, _, attribute = self.package.partition(":")
        plain = "from %s import %s as mp" % (module, attribute) if attribute else "import %s as mp" % module
        return self.program or plain


def claims(name: str, provides: Iterable[str], lacks: Iterable[str] = ()) -> bool:
    """Whether a documented name is claimed: itself, or what it belongs to; a module, by anything in it."""
    provides, lacks = frozenset(provides), frozenset(lacks)
    whole = name
    while whole:
        if whole in lacks:
            return False
        if whole in provides:
            return True
        whole = whole.rpartition(".")[0]
    return name in MODULES and any(each.startswith(name + ".") for each in provides)


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
    except Exception as error:
        raise BrokenAdapter("cannot be imported: %s: %s" % (type(error).__name__, error)) from None
    found = getattr(adapter, "implementation", None)
    if not isinstance(found, Implementation):
        raise BrokenAdapter("binds no Implementation to the name 'implementation'")
    declared = found.provides, found.lacks, found.borrows
    if not all(isinstance(each, frozenset) for each in declared):
        raise BrokenAdapter("declares provides, lacks or borrows as something else than a frozenset")
    unknown = [name for name in found.provides | found.borrows if not known(name)]
    unknown += [name for name in found.lacks if not claims(name, EVERYTHING.union(CAPABILITIES))]
    if unknown:
        raise BrokenAdapter("names what multiprocessing does not have: %s" % ", ".join(sorted(unknown)))
    return found


def known(name: str) -> bool:
    """Whether a name that is claimed is a documented one, or a module."""
    return name in EVERYTHING or name in CAPABILITIES
