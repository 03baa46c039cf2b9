r"""multiprocessing.shared_memory.ShareableList: A ShareableList preserves whole strings, however
many bytes their characters take in UTF-8.

Clause:   shareablelist.values.non-ascii
Manual:   https://docs.python.org/3/library/multiprocessing.shared_memory.html#multiprocessing.shared_memory.ShareableList
Observed: raised UnicodeDecodeError('utf-8', b'\xe2\x82\xac\xe2\x82\xac\xe2\x82', 6, 8, 'unexpected end of data')
Seen on:  CPython 3.15.2, start method fork

Usage: python reproducer.py [fork|spawn|forkserver]    (default: fork)
Exit status: 1, the bug occurs; 0, it does not; 2, it does not apply here; 3, it could not be tried.
"""

import multiprocessing
import os
import signal
import sys
import traceback
from contextlib import contextmanager
from multiprocessing import shared_memory
from secrets import token_hex


def quietly(*steps):
    """Tidies up: what the check itself has closed or unlinked need not be possible again."""
    for step in steps:
        try:
            step()
        except Exception:
            pass


@contextmanager
def reserved(mp):
    """A fresh name; if there is a block of this name in the end, it is deleted."""
    name = "mpc" + token_hex(5)
    try:
        yield name
    finally:
        try:
            shm = shared_memory.SharedMemory(name)
        except Exception:
            pass
        else:
            quietly(shm.close, shm.unlink)


@contextmanager
def opened(mp, *args, **options):
    """An instance for a list, closed in the end."""
    shared = shared_memory.ShareableList(*args, **options)
    try:
        yield shared
    finally:
        quietly(shared.shm.close)


@contextmanager
def listed(mp, values):
    """A new list, which does not survive the check."""
    with reserved(mp) as name, opened(mp, values, name=name) as shared:
        yield shared


def check(mp):
    values = ["\xe9" * 9, "\u20ac\u20ac\u20ac", "\U0001f600" * 20]
    with listed(mp, values) as shared:
        got = list(shared)
        assert got == values, (got, values)


def status_of(error):
    """Returns 1 for the bug, 2 for what is not there on this system, and 3 for any other error."""
    if error.__class__.__name__ == "UnicodeDecodeError":
        return 1
    if isinstance(error, AssertionError):
        return 1
    return 2 if isinstance(error, (ImportError, NotImplementedError)) else 3


def main(method="fork"):
    try:
        context = multiprocessing.get_context(method)
    except ValueError as error:
        print("does not apply here:", error, file=sys.stderr)
        sys.exit(2)
    signal.signal(signal.SIGALRM, lambda number, frame: os._exit(3))
    signal.alarm(60)  # the end, if something hangs
    try:
        check(context)
    except Exception as error:
        traceback.print_exc()
        sys.exit(status_of(error))


if __name__ == "__main__":
    main(*sys.argv[1:])
