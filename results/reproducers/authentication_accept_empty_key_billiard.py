"""multiprocessing.connection.Listener: An empty key is a key as well: accept() challenges the
client and raises AuthenticationError if the answer is wrong.

Clause:   authentication.accept.empty-key
Manual:   https://docs.python.org/3/library/multiprocessing.html#multiprocessing.connection.Listener
Observed: multiprocessing.context.AuthenticationError was promised, and nothing was raised
Seen on:  billiard and CPython 3.13.0, start method fork

Usage: python reproducer.py [fork|spawn|forkserver]    (default: fork)
Exit status: 1, the bug occurs; 0, it does not; any other, the script cannot tell.
"""

import billiard
import signal
import sys
from billiard import connection
from contextlib import contextmanager


@contextmanager
def raises(expected):
    try:
        yield
    except expected:
        return
    raise AssertionError("%s was not raised" % expected.__name__)


def speak_up(mp, key, message):
    """Fails unless a client that only says something, and does not answer, is challenged and refused."""
    with connection.Listener(authkey=key) as listening, connection.Client(listening.address) as theirs:
        theirs.send_bytes(message)
        with raises(mp.AuthenticationError):
            listening.accept()
        got = theirs.recv_bytes()
        assert got != b"", got


def check(mp):
    speak_up(mp, b"", b"hello")


if __name__ == "__main__":
    signal.alarm(60)  # the end, if something hangs
    try:
        context = billiard.get_context(sys.argv[1] if len(sys.argv) > 1 else "fork")
    except ValueError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    check(context)
