"""What the stage keeps for the other modules of its process: its own connection, and what it checks."""

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
    """The implementation under test, in the stage and in all its descendants."""
    from conformance.implementation import load  # few children need it

    return load(os.environ.get(IMPLEMENTATION, "multiprocessing"))


def ticks(pid: int) -> None:
    """Informs the driver that the main thread of this process wakes up only to look at a flag.

    The server of a manager has such a thread: its wakes do not keep a hang from being certified. Has an
    effect only in the stage itself.
    """
    if os.getpid() == owner:
        for link in links:
            link.send({"ticking": pid})


def leave() -> None:
    """Closes the link that an actor inherited from its stage by fork: only the stage may hold it."""
    for link in links:
        link.socket.close()
    del links[:]
