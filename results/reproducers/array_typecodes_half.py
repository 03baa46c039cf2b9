"""The typecode e, that of the array module for floats of two bytes, stands for such items here,
too.

That is what the documentation promises:
https://docs.python.org/3/library/multiprocessing.html#multiprocessing.Array

With CPython 3.15.2 and the start method forkserver, instead:

    raised builtins.TypeError('bad typecode (must be a ctypes type or one of c, b, B, u, h, H, i, I, l, L, q, Q, f or d)')

Usage: python reproducer.py [fork|spawn|forkserver]    (default: forkserver)
It exits with 1 if the bug shows, with 0 if it does not.
"""

import multiprocessing
import signal
import sys


def check(mp):
    got = mp.Array("e", [0.5, -2])[:]
    assert got == [0.5, -2.0], got


if __name__ == "__main__":
    signal.alarm(60)  # the end, if something hangs
    try:
        context = multiprocessing.get_context(sys.argv[1] if len(sys.argv) > 1 else "forkserver")
    except ValueError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    check(context)
