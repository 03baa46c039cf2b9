"""A timeout may be as long as a month.

That is what the documentation promises:
https://docs.python.org/3/library/multiprocessing.html#multiprocessing.Queue.get

With CPython 3.14.10 and the start method forkserver, instead:

    raised builtins.OverflowError('timeout is too large')

Usage: python reproducer.py [fork|spawn|forkserver]    (default: forkserver)
It exits with 1 if the bug shows, with 0 if it does not.
"""

import multiprocessing
import signal
import sys


def check(mp):
    q = mp.Queue()
    q.put("in time")
    got = q.get(timeout=2592000.0)
    assert got == "in time", got


if __name__ == "__main__":
    signal.alarm(60)  # the end, if something hangs
    try:
        context = multiprocessing.get_context(sys.argv[1] if len(sys.argv) > 1 else "forkserver")
    except ValueError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    check(context)
