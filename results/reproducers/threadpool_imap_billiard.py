"""multiprocessing.pool.ThreadPool: imap() of a ThreadPool yields all results in order,
imap_unordered() in any order, and both raise the exceptions of tasks and of iterables.

Clause:   threadpool.imap
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
from contextlib import contextmanager
from functools import lru_cache


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


if __name__ == "__main__":
    signal.alarm(60)  # the end, if something hangs
    try:
        context = billiard.get_context(sys.argv[1] if len(sys.argv) > 1 else "fork")
    except ValueError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    check(context)
