"""multiprocessing.pool.ThreadPool: map(), starmap() and their asynchronous variants in a ThreadPool
produce all results in order, or the exception of a task.

Clause:   threadpool.map
Manual:   https://docs.python.org/3/library/multiprocessing.html#multiprocessing.pool.ThreadPool
Observed: raised AttributeError("'Queue' object has no attribute '_writer'")
Seen on:  billiard and CPython 3.13.0, start method fork

Usage: python reproducer.py [fork|spawn|forkserver]    (default: fork)
Exit status: 1, the bug occurs; 0, it does not; 2, it does not apply here; 3, it could not be tried.
"""

import os
import signal
import sys
import traceback
from contextlib import contextmanager
from functools import lru_cache

try:
    import billiard
    from billiard import pool
except ImportError as error:
    print(error, file=sys.stderr)
    sys.exit(2)


@contextmanager
def raises(expected, *args):
    try:
        yield
    except expected as error:
        assert not args or error.args == args, error.args
    else:
        raise AssertionError("%s was not raised" % expected.__name__)


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


def check(mp, chunksize=()):
    workers, numbers, squares = shared_threads(mp), range(10), [n * n for n in range(10)]
    pairs = [(n, 1) for n in numbers]
    got = workers.map(square, numbers, *chunksize)
    assert got == squares, (got, squares)
    got = workers.starmap(product, pairs, *chunksize)
    assert got == squares, (got, squares)
    got = workers.map_async(square, iter(numbers), *chunksize).get()
    assert got == squares, (got, squares)
    got = workers.starmap_async(product, iter(pairs), *chunksize).get()
    assert got == squares, (got, squares)
    got = workers.map(square, [], *chunksize)
    assert got == [], got
    with raises(KeyError, UNLUCKY):
        workers.map(square, [1, 2, UNLUCKY], *chunksize)
    with raises(KeyError, UNLUCKY):
        workers.starmap(product, [(UNLUCKY, 2)], *chunksize)


def status_of(error):
    """Returns 1 for the bug, 2 for what is not there on this system, and 3 for any other error."""
    if error.__class__.__name__ == "AttributeError":
        return 1
    if isinstance(error, AssertionError):
        return 1
    return 2 if isinstance(error, (ImportError, NotImplementedError)) else 3


def main(method="fork"):
    try:
        context = billiard.get_context(method)
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
