"""multiprocessing.dummy: A connection has the methods fileno() and recv_bytes_into().

Clause:   dummy.replica.connection
Manual:   https://docs.python.org/3/library/multiprocessing.html#module-multiprocessing.dummy
Observed: missing(one, *CONNECTION) was ['fileno', 'recv_bytes_into'], expected []
Seen on:  CPython 3.15.2, start method forkserver

Usage: python reproducer.py [fork|spawn|forkserver]    (default: forkserver)
Exit status: 1, the bug occurs; 0, it does not; any other, the script cannot tell.
"""

import multiprocessing
import signal
import sys
from multiprocessing import dummy

CONNECTION = ("fileno", "recv_bytes_into")


def missing(thing, *names):
    """Which of these attributes a thing has not, without looking at their values."""
    return [name for name in names if name not in dir(thing)]


def check(mp):
    one, _ = dummy.Pipe()
    got = missing(one, *CONNECTION)
    assert got == [], got


if __name__ == "__main__":
    signal.alarm(60)  # the end, if something hangs
    try:
        context = multiprocessing.get_context(sys.argv[1] if len(sys.argv) > 1 else "forkserver")
    except ValueError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    check(context)
