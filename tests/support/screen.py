"""A terminal for the command: a pseudoterminal of a given width, and what was written to it."""

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios

from support.runs import CALM, TOP

STYLE = re.compile(r"\x1b\[[0-9;]*m")  # colors and weights
MOVEMENT = re.compile(r"\x1b\[[0-9;?]*[A-Za-ln-z]")  # of the cursor, or erasing what is there
DEADLINE = 120  # seconds for the command


def on_terminal(*arguments: object, columns: int, **environment: str) -> tuple[int, str]:
    """Exit status of the command and all that it has written to a terminal that is this wide."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    words = [sys.executable, "-m", "conformance", *map(str, arguments)]
    calm = {name: value for name, value in CALM.items() if name != "PYTHONIOENCODING"}  # which tox sets
    known = {**calm, "TERM": "xterm", **environment}
    process = subprocess.Popen(words, cwd=TOP, env=known, stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    try:
        written = read_all(ours)
        return process.wait(DEADLINE), written
    finally:
        process.kill()  # only if it has not ended
        process.wait()
        os.close(ours)


def read_all(descriptor: int) -> str:
    """What arrives at a descriptor until its other end is closed."""
    parts: list[bytes] = []
    try:
        while part := os.read(descriptor, 65536):
            parts.append(part)
    except OSError:  # Linux reports EIO where others report the end
        pass
    return b"".join(parts).decode("utf-8", "surrogateescape")


def lines_of(written: str) -> list[str]:
    """The lines that were written to a terminal, without styles, as they are copied from it."""
    return STYLE.sub("", written).replace("\r\n", "\n").split("\n")
