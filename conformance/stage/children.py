"""The building blocks of scenarios: child processes, reaped by the scenario that started them, and submodules."""

from __future__ import annotations

import os
import signal
from contextlib import contextmanager

from conformance.stage import stagehand

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Iterator


@contextmanager
def child(mp: Any, target: Callable[..., Any], *args: Any) -> Iterator[Any]:
    """Runs ``target(*args)`` in a child process, which has ended when the block is left.

    The wait at the end has no deadline of its own: the driver watches the whole stage, distinguishes
    a child that sleeps for good from one that is slow, and ends both. If an exception leaves the
    block, the child is killed.
    """
    process = mp.Process(target=target, args=args)
    process.start()
    try:
        yield process
    except BaseException:
        kill(process.pid)
        process.join()
        raise
    process.join()


def kill(pid: int) -> None:
    """Ends a process at once, by means of the system and not of the subject."""
    try:
        os.kill(pid, getattr(signal, "SIGKILL", signal.SIGTERM))
    except ProcessLookupError:
        pass


def module(mp: Any, name: str) -> Any:
    """A submodule of the implementation under test, such as ``module(mp, "shared_memory")``."""
    return stagehand.implementation().part(mp, name)
