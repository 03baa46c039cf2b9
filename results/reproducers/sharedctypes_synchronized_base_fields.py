"""multiprocessing.sharedctypes.synchronized: A synchronized wrapper of a structure has all fields
of the structure, even those defined in its base class.

Clause:   sharedctypes.synchronized.base-fields
Manual:   https://docs.python.org/3/library/multiprocessing.html#multiprocessing.sharedctypes.synchronized
Observed: raised AttributeError("'SynchronizedBox' object has no attribute 'y'")
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


class Box(Rectangle):
    _fields_ = [("z", ctypes.c_int)]


def check(mp):
    box = sharedctypes.synchronized(Box(3, 4, 5), ctx=mp)
    box.x = box.z
    got = (box.x, box.y, box.z)
    assert got == (5, 4, 5), got


if __name__ == "__main__":
    signal.alarm(60)  # the end, if something hangs
    try:
        context = multiprocessing.get_context(sys.argv[1] if len(sys.argv) > 1 else "fork")
    except ValueError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    check(context)
