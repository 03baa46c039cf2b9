"""What a sleeping thread waits on: the descriptors and the shared memory that its system call names."""

import os
import stat
import struct
from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

from conformance.forensics import procfs

OF_DESCRIPTOR = frozenset({
    "read", "write", "pread64", "pwrite64", "readv", "writev", "connect", "accept", "accept4", "sendto", "recvfrom",
    "sendmsg", "recvmsg", "sendmmsg", "recvmmsg", "flock", "fcntl", "mq_timedsend", "mq_timedreceive",
})  # calls that wait on their first argument # fmt: skip
SYSTEM_V = ("semop", "semtimedop", "msgsnd", "msgrcv")
POLLFD, FUTEX_WAITER = struct.Struct("ihh"), struct.Struct("QQII")
PRIVATE = 0x80  # the flag of a futex that only threads of one process share
ACCESS = 3  # of the flags in fdinfo: 0 is for reading, 1 for writing, 2 for both


class Awaited(NamedTuple):
    """Something that a thread waits on: ``pipe:[7]``, ``socket:[8]``, ``file:1:9``, ``memory:00:01:10``, ``process:5``.

    ``access`` is how the thread has it open: ``r``, ``w`` or ``rw``. Without an identity, it cannot be told which
    process ends the wait; ``what`` says what it is.
    """

    identity: str
    access: str = "rw"
    what: str = ""
    address: bytes = b""  # to which a socket is being connected


class Mapping(NamedTuple):
    """A part of a process's memory that it shares: from ``start`` to ``end``."""

    start: int
    end: int
    identity: str
    writable: bool


def awaited(pid: int, call: procfs.SystemCall) -> list[Awaited]:
    """What a thread of a process waits on in this call; nothing if only its own process can end the wait."""
    if call.name in SYSTEM_V:
        return [Awaited("", what="a System V semaphore or queue")]
    if "futex" in call.name:
        return list(words_of_memory(pid, call))
    address = addressed(pid, call) if call.name == "connect" else b""
    return [
        thing._replace(address=address)
        for descriptor in sorted(descriptors(pid, call))
        if (thing := opened(pid, descriptor))
    ]


def everything(pid: int) -> list[Awaited]:
    """All that a process has open or shares: what a thread may look at that wakes from time to time."""
    things = [looked_at(pid, int(descriptor)) for descriptor in procfs.listing(f"{procfs.PROC}/{pid}/fd")]
    memory = {Awaited(found.identity, what="shared memory") for found in mappings(pid) if found.writable}
    # What has no identity is only looked at by a thread that says so: by its call.
    return [*(thing for thing in things if thing and thing.identity), *memory]


def looked_at(pid: int, descriptor: int) -> Awaited | None:
    """What a thread that wakes from time to time may look at: a file that it only reads changes if another writes it.

    PyPy has its libraries open, and so has every other PyPy of the machine.
    """
    thing = opened(pid, descriptor)
    if thing and thing.what.startswith("the file ") and access(pid, descriptor) == "r":
        return thing._replace(access="r")
    return thing


def descriptors(pid: int, call: procfs.SystemCall) -> Collection[int]:
    """The descriptors that a call waits on."""
    if call.name in ("poll", "ppoll"):
        return set(polled(read_memory(pid, call.arguments[0], POLLFD.size * call.arguments[1])))
    if call.name in ("select", "pselect6"):
        return {d for pointer in call.arguments[1:4] if pointer for d in selected(pid, pointer, call.arguments[0])}
    if call.name.startswith("epoll_"):
        return set(enlisted(pid, call.arguments[0]))
    return {call.arguments[0] & 0xFFFFFFFF} if call.name in OF_DESCRIPTOR else set()


def polled(array: bytes) -> Iterator[int]:
    """The descriptors in an array for poll()."""
    return (descriptor for descriptor, _, _ in POLLFD.iter_unpack(array) if descriptor >= 0)


def selected(pid: int, pointer: int, count: int) -> Iterator[int]:
    """The descriptors below ``count`` in a set for select()."""
    bits = int.from_bytes(read_memory(pid, pointer, (count + 63) // 64 * 8), "little")
    return (descriptor for descriptor in range(count) if bits >> descriptor & 1)


def enlisted(pid: int, descriptor: int) -> Iterator[int]:
    """The descriptors that an epoll descriptor watches."""
    for line in fdinfo(pid, descriptor).splitlines():
        if line.startswith("tfd:"):
            yield int(line.split()[1])


def opened(pid: int, descriptor: int) -> Awaited | None:
    """What a descriptor refers to; None for what only processes that inherited it can use."""
    link = procfs.target(pid, descriptor)
    if link.startswith(("pipe:", "socket:")):
        return Awaited(link, access(pid, descriptor), "a pipe" if link.startswith("pipe:") else "a socket")
    if link.startswith("/"):
        return opened_path(pid, descriptor, link)
    if link == "anon_inode:[pidfd]":
        return Awaited(f"process:{field(pid, descriptor, 'Pid')}", what="the end of a process")
    if link == "anon_inode:[timerfd]":
        armed = field(pid, descriptor, "it_value") != "(0, 0)"
        return Awaited("", what="a timer") if armed else None
    if link.startswith("anon_inode:") and "inotify" not in link:
        return None
    return Awaited("", what=link or f"descriptor {descriptor}, which cannot be read")


def opened_path(pid: int, descriptor: int, link: str) -> Awaited:
    """A descriptor of what has a name: a FIFO, a file that is locked, a terminal."""
    try:
        found = os.stat(f"{procfs.PROC}/{pid}/fd/{descriptor}")
    except OSError:
        return Awaited("", what=link)
    if stat.S_ISCHR(found.st_mode):
        return Awaited("", what=f"the device {link}")
    kind = "the FIFO" if stat.S_ISFIFO(found.st_mode) else "the file"
    both = "rw" if kind == "the file" else access(pid, descriptor)
    return Awaited(f"file:{found.st_dev}:{found.st_ino}", both, f"{kind} {link}")


def access(pid: int, descriptor: int | str) -> str:
    """How a descriptor was opened: ``r``, ``w`` or ``rw``."""
    flags = field(pid, descriptor, "flags")
    return ("r", "w", "rw", "rw")[int(flags, 8) & ACCESS] if flags else "rw"


def field(pid: int, descriptor: int | str, name: str) -> str:
    """What the kernel says of a descriptor under a name; empty if it says nothing."""
    lines = (line.partition(":") for line in fdinfo(pid, descriptor).splitlines())
    return next((value.strip() for found, _, value in lines if found == name), "")


def fdinfo(pid: int, descriptor: int | str) -> str:
    """All that the kernel says of a descriptor."""
    return procfs.read_file(f"{procfs.PROC}/{pid}/fdinfo/{descriptor}").decode(errors="replace")


def words_of_memory(pid: int, call: procfs.SystemCall) -> Iterator[Awaited]:
    """The shared memory in which the words are that a thread waits for in a futex call."""
    if call.name == "futex" and call.arguments[1] & PRIVATE:
        return
    addresses: Iterable[int] = [call.arguments[0]]
    if call.name == "futex_waitv":
        array = read_memory(pid, call.arguments[0], FUTEX_WAITER.size * call.arguments[1])
        addresses = [address for _, address, _, _ in FUTEX_WAITER.iter_unpack(array)]
    shared = list(mappings(pid))
    for address in addresses:
        yield from {Awaited(m.identity, what="shared memory") for m in shared if m.start <= address < m.end}


def mappings(pid: int) -> Iterator[Mapping]:
    """The memory that a process may share with others."""
    for line in procfs.read_file(f"{procfs.PROC}/{pid}/maps").splitlines():
        addresses, permissions, _, device, inode = line.split(None, 5)[:5]
        if permissions.endswith(b"s"):
            start, end = (int(address, 16) for address in addresses.split(b"-"))
            yield Mapping(start, end, f"memory:{device.decode()}:{inode.decode()}", b"w" in permissions)


def addressed(pid: int, call: procfs.SystemCall) -> bytes:
    """The address that a thread connects to: its family, and the rest."""
    return read_memory(pid, call.arguments[1], min(call.arguments[2], 128))


def read_memory(pid: int, address: int, size: int) -> bytes:
    """A part of a process's memory; empty if it cannot be read. The owner sleeps, so it does not change."""
    try:
        descriptor = os.open(f"{procfs.PROC}/{pid}/mem", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return b""
    try:
        return os.pread(descriptor, size, address)
    except (OSError, OverflowError):
        return b""
    finally:
        os.close(descriptor)
