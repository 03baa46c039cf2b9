"""What a subject must be able to do before anything can be said about it: run our functions in its processes.

None of this needs an object of a spec, so that what goes wrong here is nothing that a clause promises.
"""

from __future__ import annotations

import importlib
import os

from conformance.stage import stagehand
from conformance.stage.wire import Address, Link

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Sequence


def call_in(address: Address, token: str, module: str) -> None:
    """Imports a module of the specs in a process of the subject, and connects to the driver, as every actor does."""
    stagehand.leave()
    importlib.import_module(module)
    Link(address, token, "control", os.getpid()).socket.close()


def name_of(module: str) -> str:
    """Imports a module of the specs in a worker of the subject's pool, and returns its name."""
    return importlib.import_module(module).__name__


def find(address: str) -> Any:
    """The function with an address such as ``os:mkdir``."""
    module, _, name = address.partition(":")
    return getattr(importlib.import_module(module), name)


def run_process(mp: Any, function: str, arguments: Sequence[Any]) -> Dict[str, Any]:
    """Runs a function in a process that the subject starts; how that ended."""
    process = mp.Process(target=find(function), args=tuple(arguments))
    process.start()
    process.join()
    status = getattr(process, "exitcode", None)
    return {"exited": status if isinstance(status, int) else None}


def run_task(mp: Any, function: str, arguments: Sequence[Any]) -> Dict[str, Any]:
    """Runs a function in a pool of the subject; what that has returned."""
    return {"returned": repr(mp.Pool(1).apply(find(function), tuple(arguments)))}
