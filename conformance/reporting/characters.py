"""Output to a terminal, pipe or file whose encoding lacks a character: another one stands for it."""

import codecs
import sys
import unicodedata
from typing import TextIO

ERRORS = "mpconform.similar"  # the name of the error handler, as codecs know it
SIMILAR = {
    "\N{HORIZONTAL ELLIPSIS}": "...",
    "\N{EN DASH}": "-",
    "\N{EM DASH}": "--",
    "\N{MINUS SIGN}": "-",
    "\N{LEFT SINGLE QUOTATION MARK}": "'",
    "\N{RIGHT SINGLE QUOTATION MARK}": "'",
    "\N{LEFT DOUBLE QUOTATION MARK}": '"',
    "\N{RIGHT DOUBLE QUOTATION MARK}": '"',
    "\N{MULTIPLICATION SIGN}": "x",
    "\N{LESS-THAN OR EQUAL TO}": "<=",
    "\N{GREATER-THAN OR EQUAL TO}": ">=",
    "\N{RIGHTWARDS ARROW}": "->",
    "\N{DOWNWARDS ARROW}": "v",
    "\N{BULLET}": "*",
    "\N{NO-BREAK SPACE}": " ",
}


def tolerate(stream: TextIO) -> None:
    """Makes a stream write a similar character, or an escape, instead of one that its encoding lacks."""
    codecs.register_error(ERRORS, replace)
    reconfigure = getattr(stream, "reconfigure", None)  # what stands for a stream in tests may not have it
    if reconfigure is not None:
        reconfigure(errors=ERRORS)


def tolerate_standard_streams() -> None:
    """Does so for standard output and standard error."""
    for stream in filter(None, (sys.stdout, sys.stderr)):  # they are None without a console
        tolerate(stream)


def replace(error: UnicodeError) -> tuple[str | bytes, int]:
    """Handles an encoding error, as a handler of ``codecs`` does. Raises any other error."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    first = error.object[error.start]
    if "\udc80" <= first <= "\udcff":  # a byte of a file name that was decoded with surrogateescape
        return bytes([ord(first) - 0xDC00]), error.start + 1
    return similar(first), error.start + 1


def similar(character: str) -> str:
    """ASCII for a character: what resembles it, its letter without the accent, or its escape in Python."""
    plain = unicodedata.normalize("NFKD", character).encode("ascii", "ignore").decode()
    return SIMILAR.get(character) or plain or character.encode("ascii", "backslashreplace").decode()
