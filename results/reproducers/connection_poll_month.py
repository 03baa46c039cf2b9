"""multiprocessing.connection.Connection.poll: poll() accepts a timeout as long as a month.

Clause:   connection.poll.month
Manual:   https://docs.python.org/3/library/multiprocessing.html#multiprocessing.connection.Connection.poll
Observed: raised OverflowError('timeout is too large')
Seen on:  CPython 3.14.10, start method forkserver

Usage: python reproducer.py [fork|spawn|forkserver]    (default: forkserver)
Exit status: 1, the bug occurs; 0, it does not; any other, the script cannot tell.
"""

import multiprocessing
import signal
import sys


def check(mp):
    receiver, sender = mp.Pipe(duplex=False)
    with receiver, sender:
        sender.send("in time")
        got = receiver.poll(2592000.0)
        assert got is True, got


if __name__ == "__main__":
    signal.alarm(60)  # the end, if something hangs
    try:
        context = multiprocessing.get_context(sys.argv[1] if len(sys.argv) > 1 else "forkserver")
    except ValueError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    check(context)
