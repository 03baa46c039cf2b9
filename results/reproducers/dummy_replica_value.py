"""Value() needs no initial value, and Array() takes a size.

That is what the documentation promises:
https://docs.python.org/3/library/multiprocessing.html#module-multiprocessing.dummy

With CPython 3.15.2 and the start method forkserver, instead:

    raised builtins.TypeError("Value.__init__() missing 1 required positional argument: 'value'")

Usage: python reproducer.py [fork|spawn|forkserver]    (default: forkserver)
It exits with 1 if the bug shows, with 0 if it does not.
"""

import multiprocessing
import signal
import sys
from multiprocessing import dummy


def check(mp):
    mpd = dummy
    got = mpd.Value("i").value
    assert got == 0, got
    got = mpd.Array("i", 3)[:]
    assert got == [0, 0, 0], got


if __name__ == "__main__":
    signal.alarm(60)  # the end, if something hangs
    try:
        context = multiprocessing.get_context(sys.argv[1] if len(sys.argv) > 1 else "forkserver")
    except ValueError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    check(context)
