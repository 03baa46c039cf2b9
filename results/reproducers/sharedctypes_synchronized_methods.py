"""multiprocessing.sharedctypes.synchronized: A synchronized wrapper has the methods of the object
that it wraps.

Clause:   sharedctypes.synchronized.methods
Manual:   https://docs.python.org/3/library/multiprocessing.html#multiprocessing.sharedctypes.synchronized
Observed: raised AttributeError("'SynchronizedRectangle' object has no attribute 'area'")
Seen on:  CPython 3.15.2, start method fork

Usage: python reproducer.py [fork|spawn|forkserver]    (default: fork)
Exit status: 1, the bug occurs; 0, it does not; any other, the script cannot tell.
"""

import ctypes
import multiprocessing
import signal
import sys
from multiprocessing import sharedctypes


class Rectangle(ctypes.Structure):
    _fields_ = [("x", ctypes.c_int), ("y", ctypes.c_int)]

    def area(self):
        return self.x * self.y


def check(mp):
    got = sharedctypes.synchronized(Rectangle(3, 4), ctx=mp).area()
    assert got == 12, got


if __name__ == "__main__":
    signal.alarm(60)  # the end, if something hangs
    try:
        context = multiprocessing.get_context(sys.argv[1] if len(sys.argv) > 1 else "fork")
    except ValueError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    check(context)
