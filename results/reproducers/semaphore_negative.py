"""multiprocessing.Semaphore: Semaphore(value) raises ValueError if value is negative.

Clause:   semaphore.negative
Manual:   https://docs.python.org/3/library/threading.html#threading.Semaphore
Observed: raised OSError(22, 'Invalid argument')
Seen on:  CPython 3.15.2, start method fork

Usage: python reproducer.py [fork|spawn|forkserver]    (default: fork)
Exit status: 1, the bug occurs; 0, it does not; any other, the script cannot tell.
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
        mp.Semaphore(value)


if __name__ == "__main__":
    signal.alarm(60)  # the end, if something hangs
    try:
        context = multiprocessing.get_context(sys.argv[1] if len(sys.argv) > 1 else "fork")
    except ValueError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    check(context)
