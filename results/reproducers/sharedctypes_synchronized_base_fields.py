"""multiprocessing.sharedctypes.synchronized: A synchronized wrapper of a structure has all fields
of the structure, even those defined in its base class.

Clause:   sharedctypes.synchronized.base-fields
Manual:   https://docs.python.org/3/library/multiprocessing.html#multiprocessing.sharedctypes.synchronized
Observed: raised AttributeError("'SynchronizedBox' object has no attribute 'y'")
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


class Box(Rectangle):
    _fields_ = [("z", ctypes.c_int)]


def check(mp):
    box = sharedctypes.synchronized(Box(3, 4, 5), ctx=mp)
    box.x = box.z
    got = (box.x, box.y, box.z)
    assert got == (5, 4, 5), got


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
