"""multiprocessing.connection.wait: wait() accepts a timeout as long as a month.

Clause:   wait.month
Manual:   https://docs.python.org/3/library/multiprocessing.html#multiprocessing.connection.wait
Observed: raised OverflowError('timeout is too large')
Seen on:  CPython 3.14.10, start method forkserver

Usage: python reproducer.py [fork|spawn|forkserver]    (default: forkserver)
Exit status: 1, the bug occurs; 0, it does not; any other, the script cannot tell.
"""

import multiprocessing
import signal
import sys
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


if __name__ == "__main__":
    signal.alarm(60)  # the end, if something hangs
    try:
        context = multiprocessing.get_context(sys.argv[1] if len(sys.argv) > 1 else "forkserver")
    except ValueError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    check(context)
