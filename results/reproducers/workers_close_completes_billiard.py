"""multiprocessing.pool.Pool.close: Tasks submitted before close() are completed, by new workers if
necessary, and then the workers exit.

Clause:   workers.close.completes
Manual:   https://docs.python.org/3/library/multiprocessing.html#multiprocessing.pool.Pool.close
Observed: the process that runs check() below exited with status 1
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

try:
    import billiard
except ImportError as error:
    print(error, file=sys.stderr)
    sys.exit(2)

UNLUCKY = 13  # tasks fail with this number


def square(number):
    if number == UNLUCKY:
        raise KeyError(number)
    return number * number


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


def check(mp):
    with gate() as door, mp.Pool(1, maxtasksperchild=3) as workers:
        first = workers.apply_async(knock, (door.getsockname(),))
        others = workers.map_async(square, range(3), 1), workers.imap(square, [7])
        workers.close()
        let_in(arrivals(door))
        workers.join()
        got = first.get()
        assert got != os.getpid(), got
        got = (others[0].get(), list(others[1]))
        assert got == ([0, 1, 4], [49]), got


def status_of(error):
    """Returns 1 for the bug, 2 for what is not there on this system, and 3 for any other error."""
    if isinstance(error, (AssertionError, SystemExit)):
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
        os._exit(4)  # without waiting for what the check leaves behind; a call might exit with 0
    # The check has a session of its own, so that whatever hangs can be ended with its children.
    process = subprocess.Popen([sys.executable, __file__, method, "check"], start_new_session=True)
    try:
        status = process.wait(timeout=60)
        if status not in (1, 2, 3, 4):
            sys.exit("check() did not return: its process ended with status %d" % status)
        sys.exit(status % 4)
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
