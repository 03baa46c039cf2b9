"""The driver's end of the control channels: JSON lines from the stage and the actors."""

import json
import secrets
import select
import socket
import struct
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from conformance.stage.wire import Address, pack

PEER = struct.Struct("3i")  # process, user and group of SO_PEERCRED
LINE_LIMIT = 1 << 20  # bytes: a subject that sends more without a newline is broken


class Lost(Exception):
    """The other end is gone, or does not follow the protocol."""


class Channel:
    """One connection; ``role`` is how the other end introduced itself."""

    def __init__(self, connected: socket.socket) -> None:
        self.socket = connected
        self.role: list[Any] = []
        self._buffer = b""

    @property
    def pid(self) -> int | None:
        """The process at the other end: as the system reports it, or as an actor does where the system does not."""
        if not hasattr(socket, "SO_PEERCRED") or self.socket.family != socket.AF_UNIX:
            said = self.role[-1] if self.role[:1] == ["actor"] else None
            return said if isinstance(said, int) and said > 0 else None
        credentials = self.socket.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, PEER.size)
        return int(PEER.unpack(credentials)[0]) or None  # 0 stands for a process that is not to be seen from here

    @property
    def hung_up(self) -> bool:
        """Whether the other end is gone, and has left nothing to read."""
        try:
            return bool(ready([self], 0)) and not self.socket.recv(1, socket.MSG_PEEK)
        except (OSError, ValueError):
            return True

    def fileno(self) -> int:
        return self.socket.fileno()

    def send(self, message: Any) -> None:
        """Sends one frame. Raises Lost."""
        try:
            self.socket.sendall(pack(message))
        except OSError as error:
            raise Lost(str(error)) from None

    def read(self) -> list[Any]:
        """The complete documents that have arrived; waits until there is something to read. Raises Lost."""
        try:
            data = self.socket.recv(1 << 16)
        except OSError as error:
            raise Lost(str(error)) from None
        if not data:
            raise Lost("hung up")
        *lines, self._buffer = (self._buffer + data).split(b"\n")
        if len(self._buffer) > LINE_LIMIT:
            raise Lost("sends no newlines")
        try:
            return [json.loads(line) for line in lines]
        except ValueError as error:
            raise Lost(f"sends invalid JSON: {error}") from None

    def close(self) -> None:
        self.socket.close()


class Listener:
    """The socket that the stage and the actors connect to; connections without the token are closed.

    The address is known at once, the directory may be made later: before ``listen``.
    """

    def __init__(self, directory: Path) -> None:
        self.token = secrets.token_hex(16)
        family = getattr(socket, "AF_UNIX", None)
        self.socket = socket.socket(family or socket.AF_INET, socket.SOCK_STREAM)
        self.address: Address = str(directory / "s")
        if not family:
            self.socket.bind(("127.0.0.1", 0))
            self.address = self.socket.getsockname()

    def listen(self) -> None:
        """Accepts connections from now on. Raises OSError, as it does if the directory is not there."""
        if isinstance(self.address, str):
            self.socket.bind(self.address)
        self.socket.listen(16)

    def accept(self) -> Channel | None:
        """Accepts a connection: the channel, with its role, if the other end knows the token; None otherwise."""
        connected, _ = self.socket.accept()
        channel = Channel(connected)
        connected.settimeout(10.0)  # a valid peer introduces itself at once
        try:
            (token, *role) = channel.read()[0]
        except (Lost, IndexError, ValueError, TypeError):
            token, role = "", []
        connected.settimeout(None)
        if not secrets.compare_digest(str(token), self.token):
            channel.close()
            return None
        channel.role = role
        return channel

    def close(self) -> None:
        self.socket.close()


def ready(channels: Iterable[Any], timeout: float) -> list[Any]:
    """The channels with something to read, after waiting up to ``timeout`` seconds for one."""
    return select.select(list(channels), [], [], max(timeout, 0))[0]


def now() -> int:
    """The clock of all histories, in nanoseconds."""
    return time.monotonic_ns()
