"""multiprocessing.sharedctypes.synchronized: A synchronized wrapper has the methods of the object
that it wraps.

Clause:   sharedctypes.synchronized.methods
Manual:   https://docs.python.org/3/library/multiprocessing.html#multiprocessing.sharedctypes.synchronized
Observed: raised AttributeError("'SynchronizedRectangle' object has no attribute 'area'")
Seen on:  CPython 3.15.2, start method fork

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


class Rectangle(ctypes.Structure):
    _fields_ = [("x", ctypes.c_int), ("y", ctypes.c_int)]

    def area(self):
        return self.x * self.y


def check(mp):
    got = sharedctypes.synchronized(Rectangle(3, 4), ctx=mp).area()
    assert got == 12, got


def status_of(error):
    """Returns 1 for the bug, 2 for what is not there on this system, and 3 for any other error."""
    if error.__class__.__name__ == "AttributeError":
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
