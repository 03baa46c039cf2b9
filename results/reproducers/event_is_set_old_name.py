"""isSet() is another name of is_set(), which is deprecated.

That is what the documentation promises:
https://docs.python.org/3/library/threading.html#threading.Event.is_set

With CPython 3.15.2 and the start method forkserver, instead:

    raised builtins.AttributeError("'Event' object has no attribute 'isSet'")

Usage: python reproducer.py [fork|spawn|forkserver]    (default: forkserver)
It exits with 1 if the bug shows, with 0 if it does not.
"""

import multiprocessing
import signal
import sys


def check(mp):
    announced = mp.Event()
    got = announced.isSet()
    assert got is False, got
    announced.set()
    got = announced.isSet()
    assert got is True, got


if __name__ == "__main__":
    signal.alarm(60)  # the end, if something hangs
    try:
        context = multiprocessing.get_context(sys.argv[1] if len(sys.argv) > 1 else "forkserver")
    except ValueError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    check(context)
