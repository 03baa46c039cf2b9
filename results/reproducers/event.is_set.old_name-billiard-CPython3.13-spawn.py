"""isSet() is another name of is_set(), which is deprecated.

That is what the documentation promises:
https://docs.python.org/3/library/threading.html#threading.Event.is_set

With billiard and CPython 3.13.0 and the start method spawn, instead:

    raised builtins.AttributeError("'Event' object has no attribute 'isSet'")

Usage: python reproducer.py [fork|spawn|forkserver]    (default: spawn)
It exits with 1 if the bug shows, with 0 if it does not.
"""

import billiard
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
    check(billiard.get_context(sys.argv[1] if len(sys.argv) > 1 else "spawn"))
