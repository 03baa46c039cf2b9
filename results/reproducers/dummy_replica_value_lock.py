"""multiprocessing.dummy: Values and arrays have the methods get_lock() and get_obj().

Clause:   dummy.replica.value-lock
Manual:   https://docs.python.org/3/library/multiprocessing.html#module-multiprocessing.dummy
Observed: missing(mpd.Value("i", 0), "get_lock", "get_obj") was ['get_lock', 'get_obj'], expected []
Seen on:  CPython 3.15.2, start method forkserver

Usage: python reproducer.py [fork|spawn|forkserver]    (default: forkserver)
Exit status: 1, the bug occurs; 0, it does not; 2, it does not apply here; 3, it could not be tried.
"""

import multiprocessing
import os
import signal
import sys
import traceback
from multiprocessing import dummy


def missing(thing, *names):
    """Which of these attributes a thing has not, without looking at their values."""
    return [name for name in names if name not in dir(thing)]


def check(mp):
    mpd = dummy
    got = missing(mpd.Value("i", 0), "get_lock", "get_obj")
    assert got == [], got
    got = missing(mpd.Array("i", [1]), "get_lock", "get_obj")
    assert got == [], got


def status_of(error):
    """Returns 1 for the bug, 2 for what is not there on this system, and 3 for any other error."""
    if isinstance(error, AssertionError):
        return 1
    return 2 if isinstance(error, (ImportError, NotImplementedError)) else 3


def main(method="forkserver"):
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
