"""multiprocessing.dummy: the API of multiprocessing over threads."""

import importlib
from typing import Any

from conformance.implementation import Implementation


def bind(start_method: str) -> Any:
    """The module itself: it knows no start methods."""
    return importlib.import_module("multiprocessing.dummy")


def submodule(mp: Any, name: str) -> Any:
    """A submodule of its own; for its own clauses, it is the submodule ``dummy``."""
    if name == "dummy":
        return mp
    return importlib.import_module("multiprocessing.dummy." + name.replace("dummy.", ""))


implementation = Implementation(
    "multiprocessing.dummy",
    package="multiprocessing.dummy",
    provides=frozenset(["dummy", "Event", "Barrier"]),  # its other objects are those of threading and queue
    borrows=frozenset(["Process"]),
    start_methods=("threads",),
    threads=True,
    bind=bind,
    submodule=submodule,
    program="import multiprocessing.dummy as mp",
)
