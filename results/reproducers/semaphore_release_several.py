"""multiprocessing.Semaphore.release: release(n) adds n to the value in a single call.

Clause:   semaphore.release.several
Manual:   https://docs.python.org/3/library/threading.html#threading.Semaphore.release
Observed: raised TypeError('SemLock.release() takes no arguments (1 given)')
Seen on:  CPython 3.15.2, start method fork

Usage: python reproducer.py [fork|spawn|forkserver]    (default: fork)
Exit status: 1, the bug occurs; 0, it does not; any other, the script cannot tell.
"""

import multiprocessing
import signal
import sys


def check(mp, n=2):
    sem = mp.Semaphore(0)
    sem.release(n)
    got = [sem.acquire(False) for _ in range(n + 1)]
    assert got == [True] * n + [False], got


if __name__ == "__main__":
    signal.alarm(60)  # the end, if something hangs
    try:
        context = multiprocessing.get_context(sys.argv[1] if len(sys.argv) > 1 else "fork")
    except ValueError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    check(context)
