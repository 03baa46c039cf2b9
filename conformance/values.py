"""Values as they travel: how a script names them and how a history shows them.

The driver and the actors compare what a call returned as canonical text, made by the
same function on both sides, so a subject's broken object never reaches the driver, and
``True`` is not mistaken for ``1``.
"""

import zlib
from typing import Any, NamedTuple

SHOWN = 200  # characters of text, or bytes of a bytes object, that are shown in full


class Blob(NamedTuple):
    """A large bytes object, named by its size in bytes and a seed, made where it is used."""

    size: int
    seed: int


class Secret:
    """An object that no pickler takes, also not one that takes lambdas; it can be called."""

    def __call__(self, *args: Any) -> None:
        """Does nothing."""

    def __reduce_ex__(self, protocol: Any) -> Any:
        raise TypeError("a secret stays where it is")


def build(value: Any) -> Any:
    """The object that a script's value stands for."""
    if isinstance(value, Blob):
        return (b"%08x" % value.seed * (value.size // 8 + 1))[: value.size]
    return value


def text(value: Any) -> str:
    """Canonical text of a value: equal texts mean equal values of the same type."""
    if isinstance(value, Blob):
        value = build(value)
    if isinstance(value, (bytes, bytearray)) and len(value) > SHOWN:
        return "<%s of %d bytes, crc %08x>" % (type(value).__name__, len(value), zlib.crc32(value))
    try:
        if type(value) in (tuple, list):
            inside = ", ".join(text(item) for item in value)
            return ("(%s)" if type(value) is tuple else "[%s]") % inside
        shown = ascii(value)
    except Exception as error:  # a broken __repr__ is the subject's, and still only text
        return "<%s with a broken repr: %s>" % (type(value).__name__, type(error).__name__)
    return shown if len(shown) <= SHOWN else "%s... (crc %08x)" % (shown[:SHOWN], zlib.crc32(shown.encode()))
