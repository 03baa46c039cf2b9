"""release(n) adds n at once.

That is what the documentation promises:
https://docs.python.org/3/library/threading.html#threading.Semaphore.release

With CPython 3.15.2 and the start method fork, instead:

    raised builtins.TypeError('SemLock.release() takes no arguments (1 given)')

Usage: python reproducer.py [fork|spawn|forkserver]    (default: fork)
It exits with 1 if the bug shows, with 0 if it does not.
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
