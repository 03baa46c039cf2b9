"""multiprocessing.pool.AsyncResult: An implementation provides multiprocessing.pool.AsyncResult if
it claims to.

Clause:   capability.pool.asyncresult
Manual:   https://docs.python.org/3/library/multiprocessing.html#multiprocessing.pool.AsyncResult
Observed: multiprocessing.pool.AsyncResult is claimed, and is not there
Seen on:  billiard and CPython 3.13.0, start method fork

Usage: python reproducer.py [fork|spawn|forkserver]    (default: fork)
Exit status: 1, the bug occurs; 0, it does not; any other, the script cannot tell.
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
