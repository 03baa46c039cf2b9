"""An implementation that claims pool.AsyncResult has it.

That is what the documentation promises:
https://docs.python.org/3/library/multiprocessing.html#multiprocessing.pool.AsyncResult

With billiard and CPython 3.13.0 and the start method fork, instead:

    multiprocessing.pool.AsyncResult is claimed, and is not there

Usage: python reproducer.py [fork|spawn|forkserver]    (default: fork)
It exits with 1 if the bug shows, with 0 if it does not.
"""

import billiard
import billiard.pool
import signal
import sys


def check(mp):
    assert hasattr(billiard.pool, "AsyncResult"), "there is no billiard.pool.AsyncResult"


if __name__ == "__main__":
    signal.alarm(60)  # the end, if something hangs
    try:
        context = billiard.get_context(sys.argv[1] if len(sys.argv) > 1 else "fork")
    except ValueError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    check(context)
