"""loky: contexts of multiprocessing whose processes, queues and primitives are loky's own."""

import importlib
from typing import Any

from conformance.implementation import Implementation


def bind(start_method: str) -> Any:
    """One of the contexts that loky adds to those of multiprocessing."""
    return importlib.import_module("loky.backend").get_context(start_method)


def submodule(mp: Any, name: str) -> Any:
    """A submodule of multiprocessing: loky has none that takes its place."""
    return importlib.import_module("multiprocessing." + name)


implementation = Implementation(
    "loky",
    package="loky",
    lacks=frozenset(["get_all_start_methods", "set_start_method", "cpu_count"]),  # it documents its own
    start_methods=("loky", "loky_init_main"),
    bind=bind,
    submodule=submodule,
    program="import loky.backend\nimport multiprocessing as mp",
)
