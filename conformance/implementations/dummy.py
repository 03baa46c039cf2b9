"""multiprocessing.dummy: the API of multiprocessing over threads."""

import importlib
from typing import Any

from conformance.implementation import Implementation

PRIMITIVES = ("Lock", "RLock", "Semaphore", "BoundedSemaphore", "Condition", "Event", "Barrier")


def bind(start_method: str) -> Any:
    """The module itself: it knows no start methods."""
    return importlib.import_module("multiprocessing.dummy")


def submodule(mp: Any, name: str) -> Any:
    """Its own connections, and what it shares with multiprocessing."""
    if name == "dummy":
        return mp
    package = "multiprocessing.dummy" if name == "connection" else "multiprocessing"
    return importlib.import_module("%s.%s" % (package, name))


implementation = Implementation(
    "multiprocessing.dummy",
    package="multiprocessing.dummy",
    provides=frozenset([*PRIMITIVES, "Queue", "JoinableQueue", "dummy"]),
    lacks=frozenset(["Queue.close", "Queue.join_thread", "Queue.cancel_join_thread"]),
    borrows=frozenset(["Process", "Pipe", "Pool"]),
    start_methods=("threads",),
    threads=True,
    bind=bind,
    submodule=submodule,
)
