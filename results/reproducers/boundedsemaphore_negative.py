"""A negative initial value raises ValueError.

That is what the documentation promises:
https://docs.python.org/3/library/threading.html#threading.BoundedSemaphore

With CPython 3.15.2 and the start method fork, instead:

    raised builtins.OSError(22, 'Invalid argument')

Usage: python reproducer.py [fork|spawn|forkserver]    (default: fork)
It exits with 1 if the bug shows, with 0 if it does not.
"""

import multiprocessing
import signal
import sys
from contextlib import contextmanager


@contextmanager
def raises(expected):
    try:
        yield
    except expected:
        return
    raise AssertionError("%s was not raised" % expected.__name__)


def check(mp, value=-1):
    with raises(ValueError):
        mp.BoundedSemaphore(value)


if __name__ == "__main__":
    signal.alarm(60)  # the end, if something hangs
    try:
        context = multiprocessing.get_context(sys.argv[1] if len(sys.argv) > 1 else "fork")
    except ValueError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    check(context)
