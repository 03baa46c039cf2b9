"""multiprocessing.BoundedSemaphore: BoundedSemaphore() creates a bounded semaphore with an initial
value, and a bound, of 1.

Clause:   boundedsemaphore.default
Manual:   https://docs.python.org/3/library/multiprocessing.html#multiprocessing.BoundedSemaphore
Observed: raised TypeError("LokyContext.BoundedSemaphore() missing 1 required positional argument: 'value'")
Seen on:  loky and CPython 3.13.0, start method loky

Usage: python reproducer.py [loky|loky_init_main]    (default: loky)
Exit status: 1, the bug occurs; 0, it does not; 2, it does not apply here; 3, it could not be tried.
"""

import os
import signal
import sys
import traceback
from contextlib import contextmanager

try:
    import loky.backend
except ImportError as error:
    print(error, file=sys.stderr)
    sys.exit(2)


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


def status_of(error):
    """Returns 1 for the bug, 2 for what is not there on this system, and 3 for any other error."""
    if error.__class__.__name__ == "TypeError":
        return 1
    if isinstance(error, AssertionError):
        return 1
    return 2 if isinstance(error, (ImportError, NotImplementedError)) else 3


def main(method="loky"):
    try:
        context = loky.backend.get_context(method)
    except ValueError as error:
        print("does not apply here:", error, file=sys.stderr)
        sys.exit(2)
    signal.signal(signal.SIGALRM, lambda number, frame: os._exit(3))
    signal.alarm(60)  # the end, if something hangs
    try:
        check(context)
    except Exception as error:
        traceback.print_exc()
        sys.exit(status_of(error))


if __name__ == "__main__":
    main(*sys.argv[1:])
