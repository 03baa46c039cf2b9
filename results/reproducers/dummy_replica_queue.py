"""A queue can be closed, and its thread joined or not.

That is what the documentation promises:
https://docs.python.org/3/library/multiprocessing.html#module-multiprocessing.dummy

With CPython 3.15.2 and the start method forkserver, instead:

    missing(module(mp, "dummy").Queue(), *QUEUE) is ['cancel_join_thread', 'close', 'join_thread'], not []

Usage: python reproducer.py [fork|spawn|forkserver]    (default: forkserver)
It exits with 1 if the bug shows, with 0 if it does not.
"""

import multiprocessing
import signal
import sys
from multiprocessing import dummy

QUEUE = ("cancel_join_thread", "close", "join_thread")


def missing(thing, *names):
    """Which of these attributes a thing has not, without looking at their values."""
    return [name for name in names if name not in dir(thing)]


def check(mp):
    got = missing(dummy.Queue(), *QUEUE)
    assert got == [], got


if __name__ == "__main__":
    signal.alarm(60)  # the end, if something hangs
    try:
        context = multiprocessing.get_context(sys.argv[1] if len(sys.argv) > 1 else "forkserver")
    except ValueError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    check(context)
