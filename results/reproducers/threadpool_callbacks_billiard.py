"""multiprocessing.pool.ThreadPool: The asynchronous methods of a ThreadPool pass the result to
callback, or the exception to error_callback.

Clause:   threadpool.callbacks
Manual:   https://docs.python.org/3/library/multiprocessing.html#multiprocessing.pool.ThreadPool
Observed: raised AttributeError("'Queue' object has no attribute '_writer'")
Seen on:  billiard and CPython 3.13.0, start method fork

Usage: python reproducer.py [fork|spawn|forkserver]    (default: fork)
Exit status: 1, the bug occurs; 0, it does not; any other, the script cannot tell.
"""

import billiard
import signal
import sys
from billiard import pool
from functools import lru_cache
from queue import SimpleQueue

UNLUCKY = 13  # tasks fail with this number


def square(number):
    if number == UNLUCKY:
        raise KeyError(number)
    return number * number


def product(number, factor):
    return square(number) * factor


@lru_cache(maxsize=None)
def shared_threads(mp):
    """A pool for checks that only submit tasks; it ends with the script."""
    return pool.ThreadPool(2)


def check(mp):
    workers, called = shared_threads(mp), SimpleQueue()
    workers.apply_async(square, (2,), callback=called.put)
    got = called.get()
    assert got == 4, got
    workers.map_async(square, [1, 2], callback=called.put)
    got = called.get()
    assert got == [1, 4], got
    workers.starmap_async(product, [(UNLUCKY, 1)], error_callback=called.put)
    got = called.get().args
    assert got == (UNLUCKY,), got


if __name__ == "__main__":
    signal.alarm(60)  # the end, if something hangs
    try:
        context = billiard.get_context(sys.argv[1] if len(sys.argv) > 1 else "fork")
    except ValueError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    check(context)
