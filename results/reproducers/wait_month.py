"""multiprocessing.connection.wait: wait() accepts a timeout as long as a month.

Clause:   wait.month
Manual:   https://docs.python.org/3/library/multiprocessing.html#multiprocessing.connection.wait
Observed: raised OverflowError('timeout is too large')
Seen on:  CPython 3.14.10, start method forkserver

Usage: python reproducer.py [fork|spawn|forkserver]    (default: forkserver)
Exit status: 1, the bug occurs; 0, it does not; 2, it does not apply here; 3, it could not be tried.
"""

import multiprocessing
import os
import signal
import sys
import traceback
from contextlib import ExitStack
from multiprocessing import connection


def pipes(mp, closed, count):
    """Pipes that an exit stack closes: all receivers, and all senders."""
    pairs = [tuple(map(closed.enter_context, mp.Pipe(False))) for _ in range(count)]
    return [receiver for receiver, _ in pairs], [sender for _, sender in pairs]


def same(objects, promised):
    """Whether a list has exactly these objects, in any order."""
    return type(objects) is list and sorted(map(id, objects)) == sorted(map(id, promised))


def check(mp):
    with ExitStack() as closed:
        (one, other), (to_one, _) = pipes(mp, closed, 2)
        to_one.send("in time")
        assert same(connection.wait([one, other], 2592000.0), [one])


def status_of(error):
    """Returns 1 for the bug, 2 for what is not there on this system, and 3 for any other error."""
    if error.__class__.__name__ == "OverflowError":
        return 1
    if isinstance(error, AssertionError):
        return 1
    return 2 if isinstance(error, (ImportError, NotImplementedError)) else 3


def main(method="forkserver"):
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
