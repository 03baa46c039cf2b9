"""multiprocessing.pool.ThreadPool: get() and next() of a ThreadPool's results raise TimeoutError
once timeout seconds have elapsed, and no earlier. The result can be retrieved later.

Clause:   threadpool.timeouts
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
from functools import lru_cache
from time import monotonic

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


SHORT = 0.012  # a timeout that is waited out, in seconds
SLACK = 0.001  # of the clock


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


@lru_cache(maxsize=None)
def shared_threads(mp):
    """A pool for checks that only submit tasks; it ends with the script."""
    return pool.ThreadPool(2)


def check(mp):
    workers = shared_threads(mp)
    with gate() as door:
        waiting = workers.apply_async(knock, (door.getsockname(),))
        it = workers.imap(knock, [door.getsockname()])
        visitors = arrivals(door, 2)
        for wait in waiting.get, it.next:
            started = monotonic()
            with raises(mp.TimeoutError):
                wait(SHORT)
            got = monotonic() - started
            assert got >= SHORT - SLACK, got
        got = waiting.ready()
        assert got is False, got
        let_in(visitors)
        got = [waiting.get(), next(it)]
        assert got == [os.getpid()] * 2, got


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
