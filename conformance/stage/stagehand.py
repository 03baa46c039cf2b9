"""The stage's own connection, kept apart so that forked actors can let go of it."""

from typing import List

from conformance.stage.wire import Link

links: List[Link] = []


def leave() -> None:
    """Closes what an actor inherited from its stage by fork: only the stage holds its link."""
    for link in links:
        link.socket.close()
    del links[:]
