"""The timeout of acquire() can be None, which is its default, and negative ones count as zero.

That is what the documentation promises:
https://docs.python.org/3/library/multiprocessing.html#module-multiprocessing.dummy

With CPython 3.15.2 and the start method forkserver, instead:

    raised builtins.TypeError('must be real number, not NoneType')

Usage: python reproducer.py [fork|spawn|forkserver]    (default: forkserver)
It exits with 1 if the bug shows, with 0 if it does not.
"""

import multiprocessing
import signal
import sys
from multiprocessing import dummy


def check(mp):
    lock = dummy.Lock()
    got = lock.acquire(True, None)
    assert got is True, got
    got = lock.acquire(True, -2.5)
    assert got is False, got


if __name__ == "__main__":
    signal.alarm(60)  # the end, if something hangs
    try:
        context = multiprocessing.get_context(sys.argv[1] if len(sys.argv) > 1 else "forkserver")
    except ValueError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    check(context)
