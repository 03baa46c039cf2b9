"""multiprocessing.JoinableQueue: The class of a JoinableQueue is a subclass of the class of a
Queue.

Clause:   joinablequeue.class
Manual:   https://docs.python.org/3/library/multiprocessing.html#multiprocessing.JoinableQueue
Observed: isinstance(mp.JoinableQueue(), type(mp.Queue()))
Seen on:  loky and CPython 3.13.0, start method loky

Usage: python reproducer.py [loky|loky_init_main]    (default: loky)
Exit status: 1, the bug occurs; 0, it does not; any other, the script cannot tell.
"""

import loky.backend
import signal
import sys


def check(mp):
    assert isinstance(mp.JoinableQueue(), type(mp.Queue()))


if __name__ == "__main__":
    signal.alarm(60)  # the end, if something hangs
    try:
        context = loky.backend.get_context(sys.argv[1] if len(sys.argv) > 1 else "loky")
    except ValueError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    check(context)
