"""multiprocessing.dummy: Value() needs no initial value and Array() accepts a size instead of
elements; both then start at zero.

Clause:   dummy.replica.value
Manual:   https://docs.python.org/3/library/multiprocessing.html#module-multiprocessing.dummy
Observed: raised TypeError("Value.__init__() missing 1 required positional argument: 'value'")
Seen on:  CPython 3.15.2, start method forkserver

Usage: python reproducer.py [fork|spawn|forkserver]    (default: forkserver)
Exit status: 1, the bug occurs; 0, it does not; any other, the script cannot tell.
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
