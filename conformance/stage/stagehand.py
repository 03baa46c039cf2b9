"""What the stage keeps for others in its process: its own connection, and what it checks."""

from __future__ import annotations

import os
from functools import lru_cache

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import List

    from conformance.implementation import Implementation
    from conformance.stage.wire import Link

IMPLEMENTATION = "MPCONFORM_IMPLEMENTATION"  # names the environment variable: package, or package:attribute

links: List[Link] = []
owner = os.getpid()


@lru_cache(maxsize=None)
def implementation() -> Implementation:
    """What is under test, in the stage, in its children, and in theirs."""
    from conformance.implementation import load  # only few children need it

    return load(os.environ.get(IMPLEMENTATION, "multiprocessing"))


def ticks(pid: int) -> None:
    """Tells the driver that the main thread of a process wakes up only to look at a flag.

        manager = mp.Manager()
        ticks(manager._process.pid)

    The server of a manager does so: without that thread, its sleep counts as sleep, so that a hang beside it takes
    milliseconds to certify, and not 25 seconds. To be called in the stage itself; elsewhere it does nothing.

    Args:
        pid: The number that the system knows the process by.
    """
    if os.getpid() == owner and type(pid) is int:
        for link in links:
            link.send({"ticking": pid})


def leave() -> None:
    """Closes what an actor inherited from its stage by fork: only the stage holds its link."""
    for link in links:
        link.socket.close()
    del links[:]
