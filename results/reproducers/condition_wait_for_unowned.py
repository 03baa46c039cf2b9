"""multiprocessing.Condition.wait_for: wait_for() raises RuntimeError if it has to wait for the
predicate and the process does not own the lock.

Clause:   condition.wait_for.unowned
Manual:   https://docs.python.org/3/library/threading.html#threading.Condition.wait_for
Observed: wait_for(0, 0.012) raised AssertionError('must acquire() condition before using wait()')
Seen on:  CPython 3.15.2, start method fork

Usage: python reproducer.py [fork|spawn|forkserver]    (default: fork)
Exit status: 1, the bug occurs; 0, it does not; 2, it does not apply here; 3, it could not be tried.
"""

import multiprocessing
import os
import signal
import sys
import traceback


def check(mp):
    condition = mp.Condition()
    try:
        result = condition.wait_for(lambda: 0, 0.012)
    except RuntimeError:
        pass
    else:
        raise AssertionError(f"condition.wait_for(lambda: 0, 0.012) returned {result!r}")


def status_of(error):
    """Returns 1 for the bug, 2 for what is not there on this system, and 3 for any other error."""
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
