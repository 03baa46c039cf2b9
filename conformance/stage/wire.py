"""The control channel between the driver and the stage or an actor.

Frames to the subject are pickles with a length (the driver is trusted); what comes back is
one JSON document per line (the subject is not trusted). The channel is a plain socket: a private
AF_UNIX path, or loopback on systems without AF_UNIX, and never the code under test.
"""

from __future__ import annotations

import json
import pickle
import socket
import struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterator, Optional, Tuple, Union

    Address = Union[str, Tuple[str, int]]
else:
    Address = object

HEADER = struct.Struct("!I")


def pack(message: Any) -> bytes:
    """A frame for the subject."""
    data = pickle.dumps(message, protocol=4)
    return HEADER.pack(len(data)) + data


class Link:
    """The subject's end of a control channel; it introduces itself with the token and a role."""

    def __init__(self, address: Address, token: str, *role: Any) -> None:
        family = getattr(socket, "AF_UNIX", None) if isinstance(address, str) else socket.AF_INET
        assert family is not None
        self.socket = socket.socket(family, socket.SOCK_STREAM)
        self.socket.connect(address)
        self.send([token, *role])

    def send(self, message: Any) -> None:
        """Sends one JSON document."""
        self.socket.sendall(json.dumps(message).encode() + b"\n")

    def frames(self) -> Iterator[Any]:
        """The driver's messages, until it closes the channel."""
        while True:
            header = self._read(HEADER.size)
            data = header and self._read(HEADER.unpack(header)[0])
            if not data:
                return
            yield pickle.loads(data)

    def _read(self, size: int) -> Optional[bytes]:
        chunks = []
        while size:
            chunk = self.socket.recv(size)
            if not chunk:
                return None
            chunks.append(chunk)
            size -= len(chunk)
        return b"".join(chunks)
