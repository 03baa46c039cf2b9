"""What an adapter can claim: documented classes, exceptions, functions and modules, without ``multiprocessing.``."""

from typing import AbstractSet, Any, FrozenSet, Iterable

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
"""The documented classes, exceptions and functions."""

NECESSARY = ("Process", "get_context", "get_all_start_methods")  # without these there is no subject


class Names(FrozenSet[str]):
    """Names, from which ``-`` also takes parts of the modules among them.

    Raises ValueError for what is no such name: it would be taken from nothing.
    """

    def __sub__(self, others: AbstractSet[Any]) -> "Names":
        strange = sorted(others - NAMES)
        if strange:
            raise ValueError("%r cannot be taken away: %s" % (strange[0], correction(strange[0])))
        gone = frozenset(others).union(*(parts_of(module) for module in MODULES if module in others))
        split = [module for module in MODULES if module in self and gone & parts_of(module)]
        return Names(frozenset(self).difference(split).union(*map(parts_of, split)).difference(gone))


def parts_of(module: str) -> FrozenSet[str]:
    """The documented classes and functions of a module."""
    return frozenset(name for name in CAPABILITIES if name.startswith(module + "."))


EVERYTHING = Names([name for name in CAPABILITIES if "." not in name] + list(MODULES))
"""All that the manual documents, in the fewest names: a module stands for what is in it."""

NAMES = EVERYTHING.union(CAPABILITIES)  # all that can be claimed


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


def slug(name: str) -> str:
    """The name of a capability as clauses spell it: ``shared_memory.sharedmemory``, ``get-context``."""
    module, dot, last = name.lower().rpartition(".")
    return module + dot + last.replace("_", "-")


def correction(name: str) -> str:
    """What to write instead of a name that cannot be claimed."""
    if name.startswith("multiprocessing."):
        return "leave out 'multiprocessing.'"
    whole = name.rpartition(".")[0]
    if whole not in MODULES and claims(name, NAMES):
        return "it is a part of %s; parts are named in lacks" % whole
    within = [each for each in sorted(NAMES) if each.rpartition(".")[2] == name]
    import difflib  # only who is wrong needs it

    meant = within or difflib.get_close_matches(name, sorted(NAMES), 1)
    return "no documented name is %r%s" % (name, " (did you mean %s?)" % meant[0] if meant else "")
