"""multiprocessing.Event.is_set: isSet() is a deprecated name for is_set().

Clause:   event.is_set.old-name
Manual:   https://docs.python.org/3/library/threading.html#threading.Event.is_set
Observed: raised AttributeError("'Event' object has no attribute 'isSet'")
Seen on:  CPython 3.15.2, start method forkserver

Usage: python reproducer.py [fork|spawn|forkserver]    (default: forkserver)
Exit status: 1, the bug occurs; 0, it does not; any other, the script cannot tell.
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
