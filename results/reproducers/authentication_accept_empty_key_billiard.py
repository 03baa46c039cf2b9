"""multiprocessing.connection.Listener: An empty key is a key as well: accept() challenges the
client and raises AuthenticationError if the answer is wrong.

Clause:   authentication.accept.empty-key
Manual:   https://docs.python.org/3/library/multiprocessing.html#multiprocessing.connection.Listener
Observed: multiprocessing.context.AuthenticationError was promised, and nothing was raised
Seen on:  billiard and CPython 3.13.0, start method fork

Usage: python reproducer.py [fork|spawn|forkserver]    (default: fork)
Exit status: 1, the bug occurs; 0, it does not; 2, it does not apply here; 3, it could not be tried.
"""

import os
import signal
import sys
import traceback
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
