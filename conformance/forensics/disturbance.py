"""Disturbs a soak as busy machines do; each disturber ends by itself when the process that started it is gone.

python -m conformance.forensics.disturbance busy PARENT
python -m conformance.forensics.disturbance pause PARENT SECONDS LEAST MOST
"""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from conformance.forensics import procfs

BETWEEN = (4.0, 20.0)  # seconds from one pause to the next: the least and the most
LOOK = 0.1  # seconds from one look at the parent to the next
ENDING = 10.0  # seconds for a disturber to end


@contextmanager
def disturb(load: int, pause: float, between: tuple[float, float] = BETWEEN) -> Iterator[None]:
    """Keeps ``load`` processes busy, and now and then stops this process's other descendants for ``pause`` seconds.

    From one pause to the next are ``between`` seconds, the least and the most; there is none if ``pause`` is 0. The
    processes that disturb have ended when this is left.
    """
    with ExitStack() as stack:
        for _ in range(load):
            stack.enter_context(disturber("busy"))
        if pause:
            stack.enter_context(disturber("pause", *map(str, (pause, *between))))
        yield


@contextmanager
def disturber(kind: str, *words: str) -> Iterator[None]:
    """A process that disturbs."""
    command = [sys.executable, "-m", __name__, kind, str(os.getpid()), *words]
    # Not in the group of the terminal: Ctrl-C is for the run, which then ends its disturbers.
    place = str(Path(__file__).parents[2])
    process = subprocess.Popen(command, cwd=place, stdin=subprocess.DEVNULL, process_group=0)
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(ENDING)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def keep_busy(parent: int) -> None:
    """Uses a processor until the parent has ended."""
    while os.getppid() == parent:
        sum(range(100_000))


def pause_now_and_then(parent: int, seconds: float, least: float, most: float) -> None:
    """Stops the other descendants of the parent for so many seconds, again and again, until it has ended."""
    while sleep_beside(parent, random.uniform(least, most)):
        stopped: set[int] = set()
        try:
            while found := set(procfs.descendants(parent)) - stopped - {os.getpid()}:
                send(found, signal.SIGSTOP)
                stopped |= found
            sleep_beside(parent, seconds)
        finally:
            send(stopped, signal.SIGCONT)


def send(pids: set[int], number: signal.Signals) -> None:
    """Sends a signal to processes, some of which may have ended, or belong to another user."""
    for pid in pids:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number)


def sleep_beside(parent: int, seconds: float) -> bool:
    """Sleeps; returns whether the parent is still there. Returns at once when it is not."""
    until = time.monotonic() + seconds
    while os.getppid() == parent and time.monotonic() < until:
        time.sleep(LOOK)
    return os.getppid() == parent


def main(kind: str, parent: str, *words: str) -> None:
    """Disturbs until the parent has ended, or until SIGTERM."""
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(0))
    if kind == "busy":
        keep_busy(int(parent))
    else:
        pause_now_and_then(int(parent), *map(float, words))


if __name__ == "__main__":
    main(*sys.argv[1:])
