"""What the stage keeps for others in its process: its own connection, and what it checks."""

import os
from typing import List

from conformance.stage.wire import Link

links: List[Link] = []
owner = os.getpid()
implementation = "multiprocessing"  # package, or package:attribute


def ticks(pid: int) -> None:
    """Tells the driver that the main thread of this process wakes up only to look at a flag.

    The server of a manager does so: without that thread, its sleep counts as sleep. To be called
    in the stage itself.
    """
    if os.getpid() == owner:
        for link in links:
            link.send({"ticking": pid})


def leave() -> None:
    """Closes what an actor inherited from its stage by fork: only the stage holds its link."""
    for link in links:
        link.socket.close()
    del links[:]
