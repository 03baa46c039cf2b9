"""multiprocessing.connection.wait: wait() accepts a timeout as long as three centuries, or
infinite.

Clause:   wait.endless
Manual:   https://docs.python.org/3/library/multiprocessing.html#multiprocessing.connection.wait
Observed: raised OverflowError('timestamp too large to convert to C PyTime_t')
Seen on:  multiprocessing 3.13.0 on CPython 3.13.0, start method fork

Usage: python reproducer.py [fork|spawn|forkserver]    (default: fork)
Exit status: 1, the bug occurs; 0, it does not; 2, it does not apply here; 3, it could not be tried.
"""

import multiprocessing
import os
import signal
import sys
import traceback
from contextlib import ExitStack
from multiprocessing import connection

ENDLESS = (1e10, float("inf"))  # seconds: three centuries, and infinity


def pipes(mp, closed, count):
    """Returns the receivers and the senders of new pipes, which an exit stack closes."""
    pairs = [tuple(map(closed.enter_context, mp.Pipe(False))) for _ in range(count)]
    return [receiver for receiver, _ in pairs], [sender for _, sender in pairs]


def same(objects, promised):
    """Whether a list has exactly these objects, in any order."""
    return type(objects) is list and sorted(map(id, objects)) == sorted(map(id, promised))


def check(mp):
    with ExitStack() as closed:
        (one, other), (to_one, _) = pipes(mp, closed, 2)
        to_one.send("in time")
        for timeout in ENDLESS:
            assert same(connection.wait([one, other], timeout), [one])


def status_of(error):
    """Returns 1 for the bug, 2 for what is not there on this system, and 3 for any other error."""
    if error.__class__.__name__ == "OverflowError":
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
