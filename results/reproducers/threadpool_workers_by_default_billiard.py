"""multiprocessing.pool.ThreadPool: ThreadPool() starts as many threads as os.process_cpu_count()
returns, or os.cpu_count() before Python 3.13.

Clause:   threadpool.workers-by-default
Manual:   https://docs.python.org/3/library/multiprocessing.html#multiprocessing.pool.ThreadPool
Observed: raised AttributeError("'Queue' object has no attribute '_writer'")
Seen on:  billiard and CPython 3.13.0, start method fork

Usage: python reproducer.py [fork|spawn|forkserver]    (default: fork)
Exit status: 1, the bug occurs; 0, it does not; any other, the script cannot tell.
"""

import billiard
import os
import signal
import sys
from billiard import pool
from contextlib import contextmanager


def finish(workers):
    workers.terminate()
    workers.join()


@contextmanager
def some_processors(only_one):
    """Lets this thread, and the processes that it starts, run on all processors or, where the system can, on one."""
    if not only_one or not hasattr(os, "sched_setaffinity"):
        yield
        return
    usable = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(usable)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, usable)


def processors():
    """What the manual of this version says to be the number of workers, if None is asked for."""
    return os.process_cpu_count() if sys.version_info >= (3, 13) else os.cpu_count()


@contextmanager
def threads_of(mp, *args, **kwargs):
    """A pool of its own, with an end of its own: what a with statement does to it is a clause here."""
    workers = pool.ThreadPool(*args, **kwargs)
    try:
        yield workers
    finally:
        finish(workers)


def check(mp):
    for only_one in False, True:
        started = []
        with some_processors(only_one), threads_of(mp, initializer=started.append, initargs=(None,)) as workers:
            workers.close()
            workers.join()
            got = len(started)
            assert got == processors(), got


if __name__ == "__main__":
    signal.alarm(60)  # the end, if something hangs
    try:
        context = billiard.get_context(sys.argv[1] if len(sys.argv) > 1 else "fork")
    except ValueError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    check(context)
