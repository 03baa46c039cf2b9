"""Which process outside of a subject could end its sleep: while one or another machine could, no hang is proven.

A thread that sleeps on a pipe, a socket, a file or shared memory is woken by a process that has the other end. If only
the subject's own processes have it, and all of them sleep, or if no process has it, nothing will wake the thread. If
another process has it, such as the server of a library that keeps its locks in a database, the subject may only be
waiting for that.

The descriptors and the shared memory of all processes of the machine are looked at, so this is asked only before an
accusation. A process whose descriptors cannot be read, since it belongs to another user, is found by its sockets alone.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from conformance.forensics import awaited, procfs
from conformance.forensics.awaited import Awaited
from conformance.forensics.sockets import Network

OTHER_END = {"r": "w", "w": "r", "rw": "rw"}  # what ends a wait: for a reader, access for writing


@dataclass(frozen=True)
class Harness:
    """What of our own is connected to a subject, and ends no wait: the warden, control channels, the pipe for errors.

    A thread that writes into the pipe for errors does wait for us; one that polls does not look at it.
    """

    warden: int = 0
    control: Collection[str] = field(default=frozenset())  # sockets of the driver
    errors: str = ""


class Sleep(NamedTuple):
    """A thread that sleeps, and its call; None if it looks at we know not what from time to time."""

    pid: int
    call: procfs.SystemCall | None


class Wait(NamedTuple):
    """A process of the subject, what it waits on, and what a process must have, with which access, to end the wait."""

    pid: int
    what: str
    whom: dict[str, str]  # identity -> access
    nowhere: bool = False


class Peer(NamedTuple):
    """A process of the subject, what it waits on, and which process outside could end that, as a clause."""

    pid: int
    what: str
    whom: str

    def describe(self, roles: dict[int, str]) -> str:
        """The peer in a sentence without its end."""
        return f"{roles.get(self.pid, f'process {self.pid}')} waits on {self.what}, {self.whom}"


class Reachable(Exception):
    """A process outside of the subject could end a sleep: nothing is proven."""

    def __init__(self, peer: Peer) -> None:
        super().__init__(peer.describe({}))
        self.peer = peer


Check = Callable[[Collection[int], Iterable[Sleep]], None]


def refuse_nothing(pids: Collection[int], sleeps: Iterable[Sleep]) -> None:
    """The check of a certificate upon which nothing is accused."""


def refuse_outsiders(pids: Collection[int], sleeps: Iterable[Sleep], harness: Harness) -> None:
    """Raises Reachable if a process other than these could end one of the sleeps."""
    found = next(peers(pids, sleeps, harness), None)
    if found is not None:
        raise Reachable(found)


def peers(pids: Collection[int], sleeps: Iterable[Sleep], harness: Harness) -> Iterator[Peer]:
    """All processes other than these that could end one of the sleeps."""
    waits = set_of_waits(sleeps, harness)
    for wait in waits:
        if wait.nowhere:
            yield Peer(wait.pid, wait.what, "which does not depend on the subject alone")
    wanted = {identity for wait in waits for identity in wait.whom}
    outside = [pid for pid in procfs.processes() if pid not in pids and pid != harness.warden] if wanted else []
    for pid in outside:
        has = holdings(pid, wanted)
        for wait in waits:
            if any(set(has.get(identity, "")) & set(access) for identity, access in wait.whom.items()):
                who = f"process {pid} outside of the subject has: {procfs.command_line(pid)}"
                yield Peer(wait.pid, wait.what, f"which {who}")
    yield from hidden(pids, waits)


def set_of_waits(sleeps: Iterable[Sleep], harness: Harness) -> list[Wait]:
    """What the threads wait on, less what is the harness's own."""
    found: dict[tuple[int, Awaited], Wait] = {}
    networks: dict[str, Network] = {}
    for pid, call in sleeps:
        for thing in awaited.awaited(pid, call) if call else awaited.everything(pid):
            if (pid, thing) in found or (call is None and thing.identity == harness.errors):
                continue
            network = networks.setdefault(procfs.network(pid), Network(pid))
            wait = wait_for(pid, thing, network)
            if not wait.whom.keys() & harness.control:
                found[pid, thing] = wait
    return list(found.values())


def wait_for(pid: int, thing: Awaited, network: Network) -> Wait:
    """A process's wait on one thing."""
    if thing.identity.startswith("socket:"):
        ends = network.ends(thing.identity[8:-1], thing.address)
        sockets = [thing.identity, *(f"socket:[{inode}]" for inode in sorted(ends.inodes))]
        return Wait(pid, ends.what, dict.fromkeys(sockets, "rw"), ends.nowhere)
    if not thing.identity:
        return Wait(pid, thing.what, {}, nowhere=True)
    return Wait(pid, thing.what, {thing.identity: OTHER_END[thing.access]})


def holdings(pid: int, wanted: Collection[str]) -> dict[str, str]:
    """Which of the wanted things a process has, and with which access."""
    found: dict[str, str] = {}
    if f"process:{pid}" in wanted and procfs.exit_status(pid) is None:
        found[f"process:{pid}"] = "rw"
    with_paths = any(identity.startswith("file:") for identity in wanted)
    for descriptor in procfs.listing(f"{procfs.PROC}/{pid}/fd"):
        link = procfs.target(pid, descriptor)
        identity = link
        if with_paths and link.startswith("/"):
            identity = awaited.opened_path(pid, int(descriptor), link).identity
        if identity in wanted:
            found[identity] = found.get(identity, "") + awaited.access(pid, descriptor)
    if any(identity.startswith("memory:") for identity in wanted):
        found.update({m.identity: "rw" for m in awaited.mappings(pid) if m.writable and m.identity in wanted})
    return found


def hidden(pids: Collection[int], waits: Iterable[Wait]) -> Iterator[Peer]:
    """The ends of sockets that are held, but neither by the subject nor by a process whose descriptors can be read."""
    own = {f"socket:[{inode.decode()}]" for pid in pids for inode in procfs.sockets(pid)}
    for wait in waits:
        if any(identity.startswith("socket:") and identity not in own for identity in wait.whom):
            yield Peer(wait.pid, wait.what, "which a process outside of the subject has that cannot be read")
