"""multiprocessing.Condition.notify_all: notifyAll() is a deprecated name for notify_all().

Clause:   condition.notify_all.old-name
Manual:   https://docs.python.org/3/library/threading.html#threading.Condition.notify_all
Observed: raised AttributeError("'Condition' object has no attribute 'notifyAll'")
Seen on:  CPython 3.15.2, start method forkserver

Usage: python reproducer.py [fork|spawn|forkserver]    (default: forkserver)
Exit status: 1, the bug occurs; 0, it does not; any other, the script cannot tell.
"""

import multiprocessing
import signal
import sys


def check(mp):
    cond = mp.Condition()
    with cond:
        got = cond.notifyAll()
        assert got is None, got


if __name__ == "__main__":
    signal.alarm(60)  # the end, if something hangs
    try:
        context = multiprocessing.get_context(sys.argv[1] if len(sys.argv) > 1 else "forkserver")
    except ValueError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    check(context)
