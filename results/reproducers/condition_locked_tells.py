"""locked() is True while somebody holds the lock of the condition, and False otherwise.

That is what the documentation promises:
https://docs.python.org/3/library/threading.html#threading.Condition.locked

With CPython 3.15.2 and the start method forkserver, instead:

    raised builtins.AttributeError("'Condition' object has no attribute 'locked'")

Usage: python reproducer.py [fork|spawn|forkserver]    (default: forkserver)
It exits with 1 if the bug shows, with 0 if it does not.
"""

import multiprocessing
import signal
import sys


def check(mp):
    cond = mp.Condition()
    got = cond.locked()
    assert got is False, got
    with cond:
        got = cond.locked()
        assert got is True, got
    got = cond.locked()
    assert got is False, got


if __name__ == "__main__":
    signal.alarm(60)  # the end, if something hangs
    try:
        context = multiprocessing.get_context(sys.argv[1] if len(sys.argv) > 1 else "forkserver")
    except ValueError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    check(context)
