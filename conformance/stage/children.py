"""What a scenario is made of: child processes, reaped by the scenario that started them, and submodules."""

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

        with child(mp, put_all, q, [1, 2]) as producer:
            assert q.get() == 1

    Args:
        mp: The module under test, as a scenario gets it.
        target: A function of a module: start methods other than fork pickle it.
        *args: What it is called with; it may be shared objects.

    Yields:
        The started Process.

    The wait at the end has no deadline of its own: the driver watches the whole stage, tells
    a child that sleeps for good from one that is slow, and ends both. A block that is left
    by an exception kills the child.
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
    """Ends a process at once, in the system's way (SIGKILL) and not in the subject's; nothing if it is gone.

    Args:
        pid: The number that the system knows it by, such as ``process.pid``.
    """
    try:
        os.kill(pid, getattr(signal, "SIGKILL", signal.SIGTERM))
    except ProcessLookupError:
        pass


def module(mp: Any, name: str) -> Any:
    """A submodule of the implementation under test, which a spec must not import: ``module(mp, "shared_memory")``.

    Args:
        mp: The module under test, as a scenario gets it.
        name: The submodule's name without ``multiprocessing.``.

    Raises:
        ImportError: The implementation does not have it.
    """
    return stagehand.implementation().part(mp, name)
