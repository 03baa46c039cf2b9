"""multiprocessing.connection.Client: Client() raises AuthenticationError if it has a key and the
listener sends neither a challenge nor an answer.

Clause:   authentication.client.no-key
Manual:   https://docs.python.org/3/library/multiprocessing.html#multiprocessing.connection.Client
Observed: message = b'hello'
Seen on:  billiard and CPython 3.13.0, start method fork

Usage: python reproducer.py [fork|spawn|forkserver]    (default: fork)
Exit status: 1, the bug occurs; 0, it does not; any other, the script cannot tell.
"""

import billiard
import signal
import sys
from billiard import connection
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager


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


if __name__ == "__main__":
    signal.alarm(60)  # the end, if something hangs
    try:
        context = billiard.get_context(sys.argv[1] if len(sys.argv) > 1 else "fork")
    except ValueError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    check(context)
