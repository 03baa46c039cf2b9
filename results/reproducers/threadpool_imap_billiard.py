"""multiprocessing.pool.ThreadPool: imap() of a ThreadPool yields all results in order,
imap_unordered() in any order, and both raise the exceptions of tasks and of iterables.

Clause:   threadpool.imap
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


@lru_cache(maxsize=None)
def shared_threads(mp):
    """A pool for checks that only submit tasks; it ends with the script."""
    return pool.ThreadPool(2)


def check(mp, chunksize=()):
    workers, squares = shared_threads(mp), [n * n for n in range(10)]
    got = list(workers.imap(square, iter(range(10)), *chunksize))
    assert got == squares, (got, squares)
    got = sorted(workers.imap_unordered(square, range(10), *chunksize))
    assert got == squares, (got, squares)
    for method in workers.imap, workers.imap_unordered:
        with raises(KeyError, UNLUCKY):
            list(method(square, [1, UNLUCKY, 2], *chunksize))
        with raises(TypeError):
            list(method(square, (n + "1" for n in range(3)), *chunksize))


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
