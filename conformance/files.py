"""Files are written whole or not at all: a full disk leaves no part of one."""

import os
from contextlib import suppress
from pathlib import Path

from conformance.misuse import Misuse


class Unwritten(Misuse):
    """A file could not be written; the message is one sentence with its path and the reason."""


def write_whole(path: Path, text: str) -> None:
    """Writes a text, in UTF-8, to a file that has its name only once it is complete.

    Makes its directory if that is missing. What the file held before stays if the new text cannot be written.

    Raises Unwritten.
    """
    target = path.resolve()  # a link stays one
    partial = target.with_name(f".mpconform-{os.getpid()}.partial")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with open(partial, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())  # some systems find out only now that there is no space
        partial.replace(target)
    except OSError as error:
        raise Unwritten(f"{path} could not be written: {error.strerror or error}.") from None
    finally:
        with suppress(OSError):
            partial.unlink()
