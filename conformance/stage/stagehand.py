"""What the stage keeps for others in its process: its own connection, and what it checks."""

from typing import List

from conformance.stage.wire import Link

links: List[Link] = []
implementation = "multiprocessing"  # package, or package:attribute


def leave() -> None:
    """Closes what an actor inherited from its stage by fork: only the stage holds its link."""
    for link in links:
        link.socket.close()
    del links[:]
