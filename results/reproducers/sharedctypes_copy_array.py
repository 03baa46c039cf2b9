"""multiprocessing.sharedctypes.copy: copy() copies ctypes arrays, whatever the type of their items.

Clause:   sharedctypes.copy.array
Manual:   https://docs.python.org/3/library/multiprocessing.html#multiprocessing.sharedctypes.copy
Observed: raised TypeError('cannot directly write value')
Seen on:  PyPy 3.11.17, start method fork

Usage: python reproducer.py [fork|spawn|forkserver]    (default: fork)
Exit status: 1, the bug occurs; 0, it does not; 2, it does not apply here; 3, it could not be tried.
"""

import ctypes
import multiprocessing
import os
import signal
import sys
import traceback
from multiprocessing import sharedctypes


class Point(ctypes.Structure):
    _fields_ = [("x", ctypes.c_double), ("y", ctypes.c_double)]


Pair, Chars = ctypes.c_short * 2, ctypes.c_char * 5


def copy_truly(mp, *originals):
    """Fails unless a copy of each object is of the same type and has the same contents."""
    for original in originals:
        obj = original()
        copied = sharedctypes.copy(obj)
        got = type(copied)
        assert got is type(obj), got
        got = [bytes(copied), bytes(obj)]
        assert got == [bytes(original())] * 2, got


def check(mp):
    copy_truly(mp, lambda: (Point * 2)(Point(1, 2), Point(3, 4)), lambda: Pair(1, 2), lambda: Chars(*b"a\0b"))


def status_of(error):
    """Returns 1 for the bug, 2 for what is not there on this system, and 3 for any other error."""
    if error.__class__.__name__ == "TypeError":
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
