"""What the threads of a subject wait for, as far as the kernel knows, and which processes can end the wait.

The arguments of the system call that a thread sleeps in show which process, pipe or semaphore it
waits for; the descriptors and mappings of the other processes show which of them has the other end.
"""

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from conformance.forensics import procfs

SHARED = "/dev/shm/"
WRITE_ONLY = 1  # O_WRONLY of the flags in fdinfo
READS = ("read", "readv", "pread64", "recvfrom", "recvmsg")
WRITES = ("write", "writev", "pwrite64", "sendto", "sendmsg")
CHILDREN = {"wait4": 0, "waitid": 1}  # which argument is the process
NAMED = 3  # processes of a group that are named


class Wait(NamedTuple):
    """What a thread waits for, as text; only one of ``whom`` can end the wait, or any process if it is None."""

    what: str
    whom: frozenset[str] | None = None


class ProcessMap:
    """All processes of a subject, by their roles (``process 1``, ``the stage``), as they are now."""

    def __init__(self, roles: Mapping[int, str]) -> None:
        self.roles = roles
        self.pipes: dict[str, dict[str, set[str]]] = {}  # pipe -> roles that can "read" or "write"
        self.semaphores: dict[str, str] = {}  # inode -> a letter
        for pid, role in roles.items():
            for descriptor in procfs.listing(f"{procfs.PROC}/{pid}/fd"):
                opened = procfs.target(pid, descriptor)
                if opened.startswith("pipe:"):
                    ends = self.pipes.setdefault(opened, {"read": set(), "write": set()})
                    ends["write" if writes(pid, descriptor) else "read"].add(role)

    def wait(self, pid: int, tid: int) -> Wait:
        """What one thread waits for."""
        status, call = procfs.status(pid, tid), procfs.syscall(pid, tid)
        if status is None or status.state in "ZX":
            return Wait("has ended", frozenset())
        if call is None or status.state != "S":
            return Wait({"R": "runs", "T": "is stopped"}.get(status.state, f"is in state {status.state}"))
        found = self._wait(pid, call)
        return found if call.untimed else Wait(f"{found.what}, for a limited time")

    def _wait(self, pid: int, call: procfs.SystemCall) -> Wait:
        if call.name in CHILDREN:
            return self._child(pid, call)
        if call.name in READS or call.name in WRITES:
            return self._transfer(pid, call)
        if "futex" in call.name:
            return self._lock(pid, call.arguments[0])
        return Wait(f"waits in {call.name}()")

    def _child(self, pid: int, call: procfs.SystemCall) -> Wait:
        awaited = call.arguments[CHILDREN[call.name]] & 0xFFFFFFFF
        if awaited in self.roles:
            return Wait(f"waits for the end of {self.roles[awaited]}", frozenset({self.roles[awaited]}))
        children = procfs.families().get(pid, [])
        return Wait("waits for the end of a child", frozenset(self.roles[c] for c in children if c in self.roles))

    def _transfer(self, pid: int, call: procfs.SystemCall) -> Wait:
        descriptor, reads = call.arguments[0], call.name in READS
        opened = procfs.target(pid, descriptor)
        if opened not in self.pipes:
            kind = "a socket" if opened.startswith("socket:") else opened or f"descriptor {descriptor}"
            return Wait(f"waits to {'read from' if reads else 'write to'} {kind}")
        whom = self.pipes[opened]["write" if reads else "read"]
        if reads:
            return Wait(f"waits to read from a pipe into which {group(whom)} can write", frozenset(whom))
        return Wait(f"waits to write into a full pipe from which {group(whom)} can read", frozenset(whom))

    def _lock(self, pid: int, address: int) -> Wait:
        inode = mapped(pid, address)
        if inode is None:
            return Wait("waits for a lock or a signal inside its own process", frozenset({self.roles[pid]}))
        letter = self.semaphores.setdefault(inode, chr(ord("A") + len(self.semaphores) % 26))
        whom = {role for other, role in self.roles.items() if maps(other, inode)}
        return Wait(f"waits for semaphore {letter}, which {group(whom)} can release", frozenset(whom))


def circle(waits: Mapping[str, Sequence[Wait]]) -> list[str]:
    """Those that can only be freed by each other: no process outside could, and none inside will."""
    inside = {
        who: frozenset().union(*(wait.whom or () for wait in each))
        for who, each in waits.items()
        if each and all(wait.whom for wait in each)
    }
    while leaving := [who for who, whom in inside.items() if not whom <= inside.keys()]:
        for who in leaving:
            del inside[who]
    # A resource tracker waits for orders from all of them, but none of them waits for it.
    while bystanders := inside.keys() - frozenset().union(*inside.values()):
        for who in bystanders:
            del inside[who]
    return list(inside)


def together(inside: Sequence[str]) -> list[str]:
    """A circle as text."""
    if len(inside) == 1:
        return [f"{inside[0]} waits for something that only it could do itself"]
    return [f"{group(inside)} wait for each other, and nothing else can free them"] if inside else []


def group(roles: Iterable[str], joint: str = "and") -> str:
    """Processes as text."""
    named = sorted(roles)
    if len(named) > NAMED + 1:
        named = [*named[:NAMED], f"{len(named) - NAMED} others"]
    return f" {joint} ".join(filter(None, [", ".join(named[:-1]), named[-1]])) if named else "no process"


def writes(pid: int, descriptor: str) -> bool:
    """Whether a descriptor was opened for writing."""
    _, _, flags = procfs.read_file(f"{procfs.PROC}/{pid}/fdinfo/{descriptor}").partition(b"flags:\t")
    return bool(flags and int(flags.split(None, 1)[0], 8) & WRITE_ONLY)


def shared(pid: int) -> Iterable[tuple[int, int, str]]:
    """The shared memory mappings of a process: start, end, inode."""
    for line in os.fsdecode(procfs.read_file(f"{procfs.PROC}/{pid}/maps")).splitlines():
        fields = line.split(None, 5)
        if len(fields) == 6 and fields[5].startswith(SHARED):
            low, high = fields[0].split("-")
            yield int(low, 16), int(high, 16), fields[4]


def mapped(pid: int, address: int) -> str | None:
    """The inode of the shared memory that a process maps at this address; None if it maps none there."""
    return next((inode for low, high, inode in shared(pid) if low <= address < high), None)


def maps(pid: int, inode: str) -> bool:
    """Whether a process maps this shared memory."""
    return any(found == inode for _, _, found in shared(pid))
