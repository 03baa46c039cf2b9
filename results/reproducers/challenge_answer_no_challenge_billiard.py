"""multiprocessing.connection.answer_challenge: answer_challenge() raises AuthenticationError if it
receives neither a challenge nor a welcome.

Clause:   challenge.answer.no-challenge
Manual:   https://docs.python.org/3/library/multiprocessing.html#multiprocessing.connection.answer_challenge
Observed: message = b''
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


KEY = b"a \x00 secret"


def check(mp, message=b""):
    mine, theirs = mp.Pipe()
    with mine, theirs:
        mine.send_bytes(message)
        mine.send_bytes(message)
        with raises(mp.AuthenticationError):
            connection.answer_challenge(theirs, KEY)


if __name__ == "__main__":
    signal.alarm(60)  # the end, if something hangs
    try:
        context = billiard.get_context(sys.argv[1] if len(sys.argv) > 1 else "fork")
    except ValueError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    check(context)
