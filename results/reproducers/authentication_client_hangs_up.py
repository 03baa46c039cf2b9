"""multiprocessing.connection.Client: Client() raises AuthenticationError if it has a key and the
listener disconnects without a challenge.

Clause:   authentication.client.hangs-up
Manual:   https://docs.python.org/3/library/multiprocessing.html#multiprocessing.connection.Client
Observed: raised EOFError()
Seen on:  multiprocessing 3.13.0 on CPython 3.13.0, start method fork

Usage: python reproducer.py [fork|spawn|forkserver]    (default: fork)
Exit status: 1, the bug occurs; 0, it does not; 2, it does not apply here; 3, it could not be tried.
"""

import multiprocessing
import os
import signal
import socket
import sys
import traceback
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing import connection


@contextmanager
def raises(expected):
    try:
        yield
    except expected:
        return
    raise AssertionError("%s was not raised" % expected.__name__)


KEY = b"a \x00 secret"


def check(mp):
    with socket.create_server(("127.0.0.1", 0)) as door, ThreadPoolExecutor(1) as threads:
        calling = threads.submit(connection.Client, door.getsockname(), authkey=KEY)
        door.accept()[0].close()
        with raises(mp.AuthenticationError):
            calling.result()


def status_of(error):
    """Returns 1 for the bug, 2 for what is not there on this system, and 3 for any other error."""
    if error.__class__.__name__ == "EOFError":
        return 1
    if isinstance(error, AssertionError):
        return 1
    return 2 if isinstance(error, (ImportError, NotImplementedError)) else 3


def main(method="fork"):
    try:
        context = multiprocessing.get_context(method)
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
