"""multiprocessing.pool.ThreadPool: get() raises the exception that a task of a ThreadPool raised,
even if the exception normally ends a process, such as SystemExit.

Clause:   threadpool.exits
Manual:   https://docs.python.org/3/library/multiprocessing.html#multiprocessing.pool.ThreadPool
Observed: check() below does not come to an end: it waits forever
Seen on:  CPython 3.13.0, start method fork

Usage: python reproducer.py [fork|spawn|forkserver]    (default: fork)
Exit status: 1, the bug occurs; 0, it does not; any other, the script cannot tell.
"""

import builtins
import faulthandler
import multiprocessing
import sys
from contextlib import contextmanager
from multiprocessing import pool


@contextmanager
def raises(expected, *args):
    try:
        yield
    except expected as error:
        assert not args or error.args == args, error.args
    else:
        raise AssertionError("%s was not raised" % expected.__name__)


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


def fail(kind):
    raise kind(3)


def check(mp, kind="SystemExit"):
    kind = getattr(builtins, kind)
    with threads_of(mp, 1) as workers:
        tasks = (workers.apply_async, (kind,)), (workers.map_async, [kind]), (workers.starmap_async, [(kind,)])
        for submit, items in tasks:
            with raises(kind, 3):
                submit(fail, items).get()


if __name__ == "__main__":
    faulthandler.dump_traceback_later(10, exit=True)
    try:
        context = multiprocessing.get_context(sys.argv[1] if len(sys.argv) > 1 else "fork")
    except ValueError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    check(context)
