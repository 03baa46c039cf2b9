"""What a scenario is made of: child processes, reaped by the scenario that started them, and submodules."""

from __future__ import annotations

import os
import signal
from contextlib import contextmanager

from conformance.stage import stagehand

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Iterator

KILLING = getattr(signal, "SIGKILL", signal.SIGTERM)


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
        if is_number(process.pid):  # otherwise, it ends with the stage
            kill(process.pid)
            process.join()
        raise
    process.join()


def kill(pid: int, signum: int = KILLING) -> None:
    """Sends a signal to a process in the system's way, and not in the subject's; nothing if it is gone.

    Args:
        pid: The number that the system knows it by, such as ``process.pid``.
        signum: The signal; by default SIGKILL, which ends it at once.

    Raises:
        ValueError: The system gives no process such a number, so that the signal cannot be sent.
    """
    if not is_number(pid):
        raise ValueError("no process of this system has the number %r" % (pid,))
    try:
        os.kill(pid, signum)
    except ProcessLookupError:
        pass


def is_number(pid: Any) -> bool:
    """Whether the system may know a process by it: others stand for all processes, or for none."""
    return type(pid) is int and 0 < pid < 1 << 31


def module(mp: Any, name: str) -> Any:
    """A submodule of the implementation under test, which a spec must not import: ``module(mp, "shared_memory")``.

    Args:
        mp: The module under test, as a scenario gets it.
        name: The submodule's name without ``multiprocessing.``.

    Raises:
        ImportError: The implementation does not have it.
    """
    return stagehand.implementation().part(mp, name)
