"""multiprocessing.pool.ThreadPool: Each thread of a ThreadPool calls initializer(*initargs) once
when it starts.

Clause:   threadpool.initializer
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
from threading import get_ident


def finish(workers):
    workers.terminate()
    workers.join()


@contextmanager
def threads_of(mp, *args, **kwargs):
    """A pool of its own, with an end of its own: what a with statement does to it is a clause here."""
    workers = pool.ThreadPool(*args, **kwargs)
    try:
        yield workers
    finally:
        finish(workers)


def check(mp):
    called = []

    def begin(*args):
        called.append((get_ident(), args))

    with threads_of(mp, 2, begin, (1, "two")) as workers:
        got = workers.apply(get_ident)
        assert got in {ident for ident, _ in called}, got
        workers.close()
        workers.join()
    got = [args for _, args in called]
    assert got == [(1, "two")] * 2, got


if __name__ == "__main__":
    signal.alarm(60)  # the end, if something hangs
    try:
        context = billiard.get_context(sys.argv[1] if len(sys.argv) > 1 else "fork")
    except ValueError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    check(context)
