"""multiprocessing.BoundedSemaphore: BoundedSemaphore() creates a bounded semaphore with an initial
value, and a bound, of 1.

Clause:   boundedsemaphore.default
Manual:   https://docs.python.org/3/library/multiprocessing.html#multiprocessing.BoundedSemaphore
Observed: raised TypeError("LokyContext.BoundedSemaphore() missing 1 required positional argument: 'value'")
Seen on:  loky and CPython 3.13.0, start method loky

Usage: python reproducer.py [loky|loky_init_main]    (default: loky)
Exit status: 1, the bug occurs; 0, it does not; any other, the script cannot tell.
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
