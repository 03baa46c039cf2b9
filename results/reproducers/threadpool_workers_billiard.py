"""multiprocessing.pool.ThreadPool: ThreadPool(n) carries out n tasks at the same time, in n other
threads of the calling process.

Clause:   threadpool.workers
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
from threading import get_ident

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


@contextmanager
def threads_of(mp, *args, **kwargs):
    """A pool of its own, with an end of its own: what a with statement does to it is a clause here."""
    workers = pool.ThreadPool(*args, **kwargs)
    try:
        yield workers
    finally:
        finish(workers)


def show_up(address, seen):
    seen.append((os.getpid(), get_ident()))
    knock(address)


def check(mp):
    seen = []
    with gate() as door, threads_of(mp, processes=3) as workers:
        results = [workers.apply_async(show_up, (door.getsockname(), seen)) for _ in range(3)]
        let_in(arrivals(door, 3))
        for result in results:
            result.wait()
    got = {pid for pid, _ in seen}
    assert got == {os.getpid()}, got
    got = len({ident for _, ident in seen} - {get_ident()})
    assert got == 3, got


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
