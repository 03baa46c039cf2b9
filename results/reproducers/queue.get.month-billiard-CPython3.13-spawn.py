"""A timeout may be as long as a month.

That is what the documentation promises:
https://docs.python.org/3/library/multiprocessing.html#multiprocessing.Queue.get

With billiard and CPython 3.13.0 and the start method spawn, instead:

    raised builtins.OverflowError('timeout is too large')

Usage: python reproducer.py [fork|spawn|forkserver]    (default: spawn)
It exits with 1 if the bug shows, with 0 if it does not.
"""

import billiard
import signal
import sys


def check(mp):
    q = mp.Queue()
    q.put("in time")
    got = q.get(timeout=2592000.0)
    assert got == "in time", got


if __name__ == "__main__":
    signal.alarm(60)  # the end, if something hangs
    check(billiard.get_context(sys.argv[1] if len(sys.argv) > 1 else "spawn"))
