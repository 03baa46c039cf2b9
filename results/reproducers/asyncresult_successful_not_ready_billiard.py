"""multiprocessing.pool.AsyncResult.successful: successful() raises ValueError if a task has not
completed yet.

Clause:   asyncresult.successful.not-ready
Manual:   https://docs.python.org/3/library/multiprocessing.html#multiprocessing.pool.AsyncResult.successful
Observed: raised AssertionError()
Seen on:  billiard and CPython 3.13.0, start method fork

Usage: python reproducer.py [fork|spawn|forkserver]    (default: fork)
Exit status: 1, the bug occurs; 0, it does not; 2, it does not apply here; 3, it could not be tried.
"""

import os
import signal
import socket
import subprocess
import sys
import traceback
from contextlib import contextmanager, suppress
from functools import lru_cache

try:
    import billiard
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


@lru_cache(maxsize=None)
def shared(mp, processes=2):
    """A pool for checks that only submit tasks; it ends with the script."""
    return mp.Pool(processes)


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


def held_up(workers, door):
    """Results that are not ready before their tasks are let in; each comes with its visitor."""
    for submit in (
        lambda address: workers.apply_async(knock, (address,)),
        lambda address: workers.map_async(knock, [None, address, None], 1),
        lambda address: workers.starmap_async(knock, [(address,), (None,)], 2),
    ):
        waiting = submit(door.getsockname())
        visitors = arrivals(door)
        yield waiting, visitors
        waiting.get()


def check(mp):
    with gate() as door:
        for each, visitors in held_up(shared(mp), door):
            with raises(ValueError):
                each.successful()
            let_in(visitors)


def status_of(error):
    """Returns 1 for the bug, 2 for what is not there on this system, and 3 for any other error."""
    if isinstance(error, AssertionError):
        return 1
    return 2 if isinstance(error, (ImportError, NotImplementedError)) else 3


def main(method="fork", role="parent"):
    try:
        context = billiard.get_context(method)
    except ValueError as error:
        print("does not apply here:", error, file=sys.stderr)
        sys.exit(2)
    if role == "check":
        try:
            check(context)
        except BaseException as error:
            traceback.print_exc()
            os._exit(status_of(error))
        os._exit(0)  # without waiting for what the check leaves behind
    # The check has a session of its own, so that whatever hangs can be ended with its children.
    process = subprocess.Popen([sys.executable, __file__, method, "check"], start_new_session=True)
    try:
        status = process.wait(timeout=60)
        sys.exit(status if status in (0, 1, 2) else 3)
    except subprocess.TimeoutExpired:
        print("check() is not over after 60 seconds", file=sys.stderr)
        sys.exit(3)
    finally:
        process.kill()
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)  # what it left; the resource tracker lives on and cleans up
        process.wait()


if __name__ == "__main__":
    main(*sys.argv[1:])
