"""Values as they travel: how a script names them and how a history shows them.

The driver and the actors compare what a call returned as canonical text, made by the
same function on both sides, so a subject's broken object never reaches the driver, and
``True`` is not mistaken for ``1``.
"""

from __future__ import annotations

import zlib
from collections import namedtuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterator, Sequence

SHOWN = 200  # characters of text, or bytes of a bytes object, that are shown in full
MANY, FEW = 1000, 50  # items of a sequence from which on only the first few and the last few are told


class Blob(namedtuple("Blob", ("size", "seed"))):
    """A large bytes object in a script, made where it is used: ``call("put", Blob(100_000, 1))``.

    Args:
        size: How many bytes it has.
        seed: A whole number from 0 on: objects with different ones differ, from 8 bytes on.
    """

    __slots__ = ()


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
    """Canonical text of a value: equal texts mean equal values of the same type.

    Of a sequence of more than a thousand items, the middle is not shown: what a broken subject returns has no bounds.
    """
    if isinstance(value, Blob):
        value = build(value)
    if isinstance(value, (bytes, bytearray)) and len(value) > SHOWN:
        return "<%s of %d bytes, crc %08x>" % (type(value).__name__, len(value), zlib.crc32(value))
    try:
        if type(value) in (tuple, list):
            inside = map(text, value) if len(value) <= MANY else abridged(value)
            return ("(%s)" if type(value) is tuple else "[%s]") % ", ".join(inside)
        shown = ascii(value)
    except Exception as error:  # a broken __repr__ is the subject's, and still only text
        return "<%s with a broken repr: %s>" % (type(value).__name__, type(error).__name__)
    return shown if len(shown) <= SHOWN else "%s... (crc %08x)" % (shown[:SHOWN], zlib.crc32(shown.encode()))


def abridged(items: Sequence[Any]) -> Iterator[str]:
    """The texts of the first and the last items of many, and what tells those between them from others."""
    middle, crc = items[FEW:-FEW], 0
    texts = {key: text(item).encode() for key, item in {id(item): item for item in middle}.items()}
    for item in middle:
        crc = zlib.crc32(texts[id(item)], crc)
    yield from map(text, items[:FEW])
    yield "... %d more (crc %08x)" % (len(middle), crc)
    yield from map(text, items[-FEW:])
