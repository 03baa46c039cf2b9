"""multiprocessing.Value: Value() accepts lock only by keyword, since positional arguments go to the
type, and raises TypeError for any other keyword argument.

Clause:   value.lock.keyword
Manual:   https://docs.python.org/3/library/multiprocessing.html#multiprocessing.Value
Observed: TypeError was promised, and nothing was raised
Seen on:  billiard and CPython 3.13.0, start method fork

Usage: python reproducer.py [fork|spawn|forkserver]    (default: fork)
Exit status: 1, the bug occurs; 0, it does not; any other, the script cannot tell.
"""

import billiard
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


def check(mp):
    with raises(TypeError):
        mp.Value("i", 5, mp.Lock())
    with raises(TypeError):
        mp.Value("i", 5, False)
    with raises(TypeError):
        mp.Value("i", 5, locks=False)


if __name__ == "__main__":
    signal.alarm(60)  # the end, if something hangs
    try:
        context = billiard.get_context(sys.argv[1] if len(sys.argv) > 1 else "fork")
    except ValueError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    check(context)
