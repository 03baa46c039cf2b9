"""torch.multiprocessing: multiprocessing with tensors that move through shared memory."""

import importlib
from typing import Any

from conformance.implementation import Implementation


def submodule(mp: Any, name: str) -> Any:
    """Its own pool, and what it shares with multiprocessing."""
    package = "torch.multiprocessing" if name == "pool" else "multiprocessing"
    return importlib.import_module("%s.%s" % (package, name))


implementation = Implementation("torch.multiprocessing", package="torch.multiprocessing", submodule=submodule)
