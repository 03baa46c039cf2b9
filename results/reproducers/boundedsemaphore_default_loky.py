"""A semaphore that is made without a value starts at one, and that is its bound.

That is what the documentation promises:
https://docs.python.org/3/library/multiprocessing.html#multiprocessing.BoundedSemaphore

With loky and CPython 3.13.0 and the start method loky, instead:

    raised builtins.TypeError("LokyContext.BoundedSemaphore() missing 1 required positional argument: 'value'")

Usage: python reproducer.py [loky|loky_init_main]    (default: loky)
It exits with 1 if the bug shows, with 0 if it does not.
"""

import loky.backend
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


UNCOUNTED = sys.platform == "darwin"  # there the manual promises neither get_value() nor the bound


def check(mp):
    sem = mp.BoundedSemaphore()
    got = [sem.acquire(False), sem.acquire(False), sem.release()]
    assert got == [True, False, None], got
    if not UNCOUNTED:
        with raises(ValueError):
            sem.release()


if __name__ == "__main__":
    signal.alarm(60)  # the end, if something hangs
    try:
        context = loky.backend.get_context(sys.argv[1] if len(sys.argv) > 1 else "loky")
    except ValueError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    check(context)
