"""multiprocessing.connection.Client: Client() raises AuthenticationError if it has a key and the
listener sends neither a challenge nor an answer.

Clause:   authentication.client.no-key
Manual:   https://docs.python.org/3/library/multiprocessing.html#multiprocessing.connection.Client
Observed: message = b'hello'
Seen on:  billiard and CPython 3.13.0, start method fork

Usage: python reproducer.py [fork|spawn|forkserver]    (default: fork)
Exit status: 1, the bug occurs; 0, it does not; 2, it does not apply here; 3, it could not be tried.
"""

import os
import signal
import sys
import traceback
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

try:
    import billiard
    from billiard import connection
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


KEY = b"a \x00 secret"


def say(mp, key, message):
    """Fails unless a client with a key refuses a listener that says only this, as often as it is listened to."""
    with connection.Listener() as listening, ThreadPoolExecutor(1) as threads:
        calling = threads.submit(connection.Client, listening.address, authkey=key)
        with listening.accept() as mine:
            for _ in range(3):
                mine.send_bytes(message)
            with raises(mp.AuthenticationError):
                calling.result()


def check(mp, message=b"hello"):
    say(mp, KEY, message)


def status_of(error):
    """Returns 1 for the bug, 2 for what is not there on this system, and 3 for any other error."""
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
