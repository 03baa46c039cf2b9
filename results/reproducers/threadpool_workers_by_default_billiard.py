"""multiprocessing.pool.ThreadPool: ThreadPool() starts as many threads as os.process_cpu_count()
returns, or os.cpu_count() before Python 3.13.

Clause:   threadpool.workers-by-default
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

try:
    import billiard
    from billiard import pool
except ImportError as error:
    print(error, file=sys.stderr)
    sys.exit(2)


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
