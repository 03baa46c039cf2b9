"""Calls on a connection that was closed raise OSError.

That is what the documentation promises:
https://docs.python.org/3/library/multiprocessing.html#module-multiprocessing.dummy

With CPython 3.15.2 and the start method forkserver, instead:

    builtins.OSError was promised, and nothing was raised

Usage: python reproducer.py [fork|spawn|forkserver]    (default: forkserver)
It exits with 1 if the bug shows, with 0 if it does not.
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
