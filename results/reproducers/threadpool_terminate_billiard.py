"""multiprocessing.pool.ThreadPool: A terminated ThreadPool refuses new tasks, and tasks that have
not started never start.

Clause:   threadpool.terminate
Manual:   https://docs.python.org/3/library/multiprocessing.html#multiprocessing.pool.ThreadPool
Observed: raised AttributeError("'Queue' object has no attribute '_writer'")
Seen on:  billiard and CPython 3.13.0, start method fork

Usage: python reproducer.py [fork|spawn|forkserver]    (default: fork)
Exit status: 1, the bug occurs; 0, it does not; 2, it does not apply here; 3, it could not be tried.
"""

import os
import signal
import socket
import sys
import traceback
from contextlib import contextmanager

try:
    import billiard
    from billiard import pool
except ImportError as error:
    print(error, file=sys.stderr)
    sys.exit(2)


@contextmanager
def raises(expected):
    try:
        yield
    except expected:
        return
    raise AssertionError("%s was not raised" % expected.__name__)


UNLUCKY = 13  # tasks fail with this number


def square(number):
    if number == UNLUCKY:
        raise KeyError(number)
    return number * number


def finish(workers):
    workers.terminate()
    workers.join()


@contextmanager
def gate():
    """A socket at whose address tasks wait; who lets them arrive knows that they have begun."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener


def knock(address):
    """A task that goes on when it is let in at the gate of this address, if there is one."""
    if address is not None:
        with socket.create_connection(address) as visitor:
            visitor.recv(1)
    return os.getpid()


def arrivals(door, count=1):
    return [door.accept()[0] for _ in range(count)]


def let_in(visitors):
    for visitor in visitors:
        with visitor:
            visitor.sendall(b".")


def submissions(workers):
    """Every way of submitting a task."""
    return [
        lambda: workers.apply(square, (2,)),
        lambda: workers.apply_async(square, (2,)),
        lambda: workers.map(square, [2]),
        lambda: workers.map_async(square, [2]),
        lambda: workers.starmap(square, [(2,)]),
        lambda: workers.starmap_async(square, [(2,)]),
        lambda: list(workers.imap(square, [2])),
        lambda: list(workers.imap(square, [2], 5)),
        lambda: list(workers.imap_unordered(square, [2])),
        lambda: list(workers.imap_unordered(square, [2], 5)),
    ]


def refuses_tasks(workers):
    for submit in submissions(workers):
        with raises(Exception):
            submit()


@contextmanager
def threads_of(mp, *args, **kwargs):
    """A pool of its own, with an end of its own: what a with statement does to it is a clause here."""
    workers = pool.ThreadPool(*args, **kwargs)
    try:
        yield workers
    finally:
        finish(workers)


def check(mp):
    begun = []
    with gate() as door, threads_of(mp, 1) as workers:
        workers.apply_async(knock, (door.getsockname(),))
        workers.map_async(begun.append, [1, 2, 3], 1)
        visitors = arrivals(door)
        workers.terminate()
        refuses_tasks(workers)
        let_in(visitors)
        workers.join()
    assert begun == [], begun


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
