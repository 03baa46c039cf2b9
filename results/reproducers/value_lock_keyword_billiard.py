"""The lock can be given by name only, as one more argument goes to the type; and there is no other
name.

That is what the documentation promises:
https://docs.python.org/3/library/multiprocessing.html#multiprocessing.Value

With billiard and CPython 3.13.0 and the start method fork, instead:

    builtins.TypeError was promised, and nothing was raised

Usage: python reproducer.py [fork|spawn|forkserver]    (default: fork)
It exits with 1 if the bug shows, with 0 if it does not.
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
