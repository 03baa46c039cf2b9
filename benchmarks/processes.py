"""Counts the processes that descend from this one, as the kernel tells of them (Linux, root)."""

import os
import socket
import struct
from collections.abc import Iterator
from types import TracebackType

from conformance.forensics import procfs

CONNECTOR, PROCESSES, LISTEN, IGNORE = 11, 1, 1, 2  # NETLINK_CONNECTOR, CN_IDX_PROC, PROC_CN_MCAST_*
FORK, EXEC = 1, 2  # PROC_EVENT_*
NETLINK, MESSAGE = struct.Struct("=IHHII"), struct.Struct("=IIIIHH")  # struct nlmsghdr, struct cn_msg
EVENT = struct.Struct("=IIQIIII")  # struct proc_event: what, processor, time, and two pairs of ids
DONE = 3  # NLMSG_DONE
FORCED_BUFFER = 33  # SO_RCVBUFFORCE, which the module socket does not name
BUFFER = 1 << 27  # bytes, read at the end: some ten thousand processes


class Uncountable(Exception):
    """The kernel does not tell; the message is one sentence."""


class Counting:
    """While its block runs, what descends from this process is counted.

    Afterwards ``processes`` tells how many were forked, and ``programs`` how many they have executed.
    Raises Uncountable without the right to listen, or if there were too many to tell.
    """

    def __init__(self) -> None:
        self.processes = self.programs = 0
        try:
            self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM, CONNECTOR)
            self._socket.setsockopt(socket.SOL_SOCKET, FORCED_BUFFER, BUFFER)
            self._socket.bind((0, PROCESSES))
        except OSError as error:
            raise Uncountable(f"The kernel tells of processes only to root, on Linux: {error.strerror}.") from None

    def __enter__(self) -> "Counting":
        self._family = {os.getpid(), *procfs.descendants(os.getpid())}
        self._say(LISTEN)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._say(IGNORE)
        with self._socket:
            self._count()

    def _say(self, operation: int) -> None:
        told = MESSAGE.pack(PROCESSES, 1, 0, 0, 4, 0) + struct.pack("=I", operation)
        self._socket.send(NETLINK.pack(NETLINK.size + len(told), DONE, 0, 0, os.getpid()) + told)

    def _count(self) -> None:
        family = self._family
        for what, pid, group, child, child_group in self._events():
            if what == FORK and group in family and child == child_group:  # other forks are threads
                family.add(child)
                self.processes += 1
            elif what == EXEC and group in family and pid == group:
                self.programs += 1

    def _events(self) -> Iterator[tuple[int, int, int, int, int]]:
        while True:
            try:
                told = self._socket.recv(4096, socket.MSG_DONTWAIT)
            except BlockingIOError:
                return
            except OSError as error:
                raise Uncountable(f"There were too many processes to count: {error.strerror}.") from None
            what, _, _, *ids = EVENT.unpack_from(told.ljust(128, b"\0"), NETLINK.size + MESSAGE.size)
            yield what, ids[0], ids[1], ids[2], ids[3]
