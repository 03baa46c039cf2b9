"""multiprocessing.dummy: send() raises OSError if the connection has been closed.

Clause:   dummy.replica.closed
Manual:   https://docs.python.org/3/library/multiprocessing.html#module-multiprocessing.dummy
Observed: OSError was promised, and nothing was raised
Seen on:  CPython 3.15.2, start method forkserver

Usage: python reproducer.py [fork|spawn|forkserver]    (default: forkserver)
Exit status: 1, the bug occurs; 0, it does not; any other, the script cannot tell.
"""

import multiprocessing
import signal
import sys
from contextlib import contextmanager
from multiprocessing import dummy


@contextmanager
def raises(expected):
    try:
        yield
    except expected:
        return
    raise AssertionError("%s was not raised" % expected.__name__)


def check(mp):
    one, _ = dummy.Pipe()
    one.close()
    with raises(OSError):
        one.send("object")


if __name__ == "__main__":
    signal.alarm(60)  # the end, if something hangs
    try:
        context = multiprocessing.get_context(sys.argv[1] if len(sys.argv) > 1 else "forkserver")
    except ValueError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    check(context)
