"""multiprocessing.Semaphore.release: release(n) adds n to the value in a single call.

Clause:   semaphore.release.several
Manual:   https://docs.python.org/3/library/threading.html#threading.Semaphore.release
Observed: raised TypeError('SemLock.release() takes no arguments (1 given)')
Seen on:  CPython 3.15.2, start method fork

Usage: python reproducer.py [fork|spawn|forkserver]    (default: fork)
Exit status: 1, the bug occurs; 0, it does not; 2, it does not apply here; 3, it could not be tried.
"""

import multiprocessing
import os
import signal
import sys
import traceback


def check(mp, n=2):
    sem = mp.Semaphore(0)
    sem.release(n)
    got = [sem.acquire(False) for _ in range(n + 1)]
    assert got == [True] * n + [False], got


def status_of(error):
    """Returns 1 for the bug, 2 for what is not there on this system, and 3 for any other error."""
    if error.__class__.__name__ == "TypeError":
        return 1
    if isinstance(error, AssertionError):
        return 1
    return 2 if isinstance(error, (ImportError, NotImplementedError)) else 3


def main(method="fork"):
    if sys.version_info < (3, 9):
        print("does not apply here: it is promised from Python 3.9 on", file=sys.stderr)
        sys.exit(2)
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
