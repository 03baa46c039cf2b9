"""torch.multiprocessing: multiprocessing with tensors that move through shared memory."""

import importlib
from typing import Any

from conformance.implementation import Implementation


def submodule(mp: Any, name: str) -> Any:
    """A submodule of multiprocessing: torch documents none that takes its place."""
    return importlib.import_module("multiprocessing." + name)


implementation = Implementation("torch.multiprocessing", package="torch.multiprocessing", submodule=submodule)
