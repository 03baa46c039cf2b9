"""multiprocessing.shared_memory.ShareableList: A ShareableList preserves bytes whose length is just
below ten million.

Clause:   shareablelist.values.just-below-10m
Manual:   https://docs.python.org/3/library/multiprocessing.shared_memory.html#multiprocessing.shared_memory.ShareableList
Observed: [kept(mp, b"x" * length) for length in (9_999_991, 9_999_999)] was [True, 'AssertionError'], expected [True, True]
Seen on:  CPython 3.15.2, start method fork

Usage: python reproducer.py [fork|spawn|forkserver]    (default: fork)
Exit status: 1, the bug occurs; 0, it does not; 2, it does not apply here; 3, it could not be tried.
"""

import multiprocessing
import os
import reprlib
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


def kept(mp, value):
    """Whether a list keeps a value; the name of the exception if there is no such list."""
    try:
        with listed(mp, [value]) as shared:
            return shared[0] == value
    except Exception as error:
        return type(error).__name__


def check(mp):
    got = [kept(mp, b"x" * length) for length in (9_999_991, 9_999_999)]
    assert got == [True, True], reprlib.repr(got)


def status_of(error):
    """Returns 1 for the bug, 2 for what is not there on this system, and 3 for any other error."""
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
