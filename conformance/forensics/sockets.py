"""Who has the other end of a socket, as far as the kernel tells."""

import ipaddress
import os
import socket
import struct
import sys
from collections.abc import Iterator
from contextlib import suppress
from functools import cached_property
from typing import NamedTuple

from conformance.forensics import procfs

Address = tuple[str, int]

ESTABLISHED, SYN_SENT, SYN_RECEIVED, FIN_WAIT_1, FIN_WAIT_2, LISTENS = 1, 2, 3, 4, 5, 10  # states of TCP
UNANSWERED = (ESTABLISHED, SYN_SENT, FIN_WAIT_1, FIN_WAIT_2)  # the other end has not hung up
ANYWHERE = ("0.0.0.0", "::")

SOCK_DIAG, BY_FAMILY, DUMP = 4, 20, 0x301  # of netlink(7), sock_diag(7); NLM_F_REQUEST | NLM_F_DUMP
ERROR, DONE = 2, 3  # types of netlink messages
NAME, PEER, ICONS = 0, 2, 3  # attributes of a UNIX socket; ICONS are those that wait to be accepted
HEADER, REQUEST, REPLY, ATTRIBUTE = (
    struct.Struct("=IHHII"), struct.Struct("=BBHIIIII"), struct.Struct("=BBBBIII"), struct.Struct("=HH")
)  # fmt: skip
PATIENCE = 2.0  # seconds for the kernel to answer


class Ends(NamedTuple):
    """What has the other end of a socket: sockets, by their inodes, or ``nowhere`` that can be seen."""

    what: str
    inodes: frozenset[str] = frozenset()
    nowhere: bool = False


class Line(NamedTuple):
    """A TCP socket; its inode is 0 if no process has it."""

    local: Address
    remote: Address
    state: int
    inode: str


class Unix(NamedTuple):
    """An AF_UNIX socket; ``pending`` holds the inodes of the sockets that wait until it accepts them."""

    kind: int
    state: int
    name: bytes
    peer: str | None
    pending: tuple[str, ...]


class Network:
    """The sockets of one network, as they are when they are first asked for."""

    def __init__(self, pid: int) -> None:
        self.pid = pid

    @cached_property
    def tcp(self) -> list[Line]:
        """All TCP sockets in the network of the process."""
        kinds = ("tcp", "tcp6")
        return [line for kind in kinds for line in parsed(procfs.read_file(f"{procfs.PROC}/{self.pid}/net/{kind}"))]

    @cached_property
    def unix(self) -> dict[str, Unix]:
        """All AF_UNIX sockets in the driver's network, by their inodes; none if the kernel does not tell."""
        with suppress(OSError):
            return dict(dump())
        return {}

    def ends(self, inode: str, address: bytes = b"") -> Ends:
        """Who has the other end of a socket, or accepts connections at the address to which it is being connected."""
        line = next((line for line in self.tcp if line.inode == inode), None)
        if line is not None:
            return self._ends_of_tcp(line)
        found = self.unix.get(inode)
        if found is None or found.kind == socket.SOCK_DGRAM:
            return Ends("a socket whose other end cannot be told", nowhere=True)
        return self._ends_of_unix(inode, found, address)

    def _ends_of_tcp(self, line: Line) -> Ends:
        if line.state == LISTENS:
            return Ends("a TCP socket that listens")
        what = f"a TCP connection to {line.remote[0]}:{line.remote[1]}"
        other = next((o for o in self.tcp if (o.local, o.remote) == (line.remote, line.local)), None)
        if other is not None and other.inode != "0":
            return Ends(what, frozenset({other.inode}))
        if other is None or other.state in (ESTABLISHED, SYN_RECEIVED):
            known = frozenset(o.inode for o in self.tcp if listens(o, line.remote))
            # An end that went away has said so, on this machine: who has not is behind another address, or far away.
            far = not known and line.state in UNANSWERED
            return Ends(f"{what}, on another machine or in another network" if far else what, known, far)
        return Ends(what)

    def _ends_of_unix(self, inode: str, found: Unix, address: bytes) -> Ends:
        if found.peer not in (None, "0"):
            return Ends("an AF_UNIX connection", frozenset({str(found.peer)}))
        if address:
            name = unpadded(address[2:])
            known = {inode for inode, other in self.unix.items() if other.state == LISTENS and other.name == name}
            return Ends(f"an AF_UNIX connection to {os.fsdecode(name)!r}", frozenset(known), nowhere=not known)
        return Ends("an AF_UNIX socket", frozenset(i for i, other in self.unix.items() if inode in other.pending))


def listens(line: Line, address: Address) -> bool:
    """Whether a socket accepts connections to this address."""
    return line.state == LISTENS and line.local[1] == address[1] and line.local[0] in (address[0], *ANYWHERE)


def parsed(table: bytes) -> Iterator[Line]:
    """The lines of a table such as /proc/net/tcp."""
    for text in table.decode().splitlines()[1:]:
        fields = text.split()
        if len(fields) > 9:
            yield Line(address_of(fields[1]), address_of(fields[2]), int(fields[3], 16), fields[9])


def address_of(text: str) -> Address:
    """An address of such a table: the host is in words of the machine's byte order."""
    host, port = text.split(":")
    words = (int(host[start : start + 8], 16) for start in range(0, len(host), 8))
    known = ipaddress.ip_address(b"".join(word.to_bytes(4, sys.byteorder) for word in words))
    return str(getattr(known, "ipv4_mapped", None) or known), int(port, 16)


def unpadded(name: bytes) -> bytes:
    """A name of an AF_UNIX socket; only one that begins with a zero byte may have others."""
    return name if name.startswith(b"\0") else name.partition(b"\0")[0]


def dump() -> Iterator[tuple[str, Unix]]:
    """Asks the kernel for all AF_UNIX sockets. Raises OSError if it does not tell."""
    family = getattr(socket, "AF_NETLINK", None)
    if family is None:
        raise OSError("no netlink")
    with socket.socket(family, socket.SOCK_RAW, SOCK_DIAG) as kernel:
        kernel.settimeout(PATIENCE)
        shown = 1 << NAME | 1 << PEER | 1 << ICONS
        request = REQUEST.pack(socket.AF_UNIX, 0, 0, 0xFFFFFFFF, 0, shown, 0, 0)
        kernel.send(HEADER.pack(HEADER.size + len(request), BY_FAMILY, DUMP, 1, 0) + request)
        while True:
            for kind, body in messages(kernel.recv(1 << 18)):
                if kind == DONE:
                    return
                if kind == ERROR:
                    raise OSError("the kernel does not tell")
                yield read_socket(body)


def messages(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The netlink messages in what the kernel has sent: type and content."""
    start = 0
    while start + HEADER.size <= len(data):
        length, kind, *_ = HEADER.unpack_from(data, start)
        yield kind, data[start + HEADER.size : start + length]
        start += (max(length, HEADER.size) + 3) & ~3


def read_socket(body: bytes) -> tuple[str, Unix]:
    """One AF_UNIX socket: its inode, and the rest."""
    _, kind, state, _, inode, *_ = REPLY.unpack_from(body)
    known: dict[int, bytes] = {}
    start = REPLY.size
    while start + ATTRIBUTE.size <= len(body):
        length, name = ATTRIBUTE.unpack_from(body, start)
        known[name] = body[start + ATTRIBUTE.size : start + length]
        start += (max(length, ATTRIBUTE.size) + 3) & ~3
    numbers = {name: [str(n) for (n,) in struct.iter_unpack("=I", known.get(name, b""))] for name in (PEER, ICONS)}
    peer = numbers[PEER][0] if numbers[PEER] else None
    return str(inode), Unix(kind, state, unpadded(known.get(NAME, b"")), peer, tuple(numbers[ICONS]))
