"""multiprocessing.Condition.wait_for: wait_for() raises RuntimeError if it has to wait for the
predicate and the process does not own the lock.

Clause:   condition.wait_for.unowned
Manual:   https://docs.python.org/3/library/threading.html#threading.Condition.wait_for
Observed: wait_for(0, 0.012) raised AssertionError('must acquire() condition before using wait()')
Seen on:  CPython 3.15.2, start method fork

Usage: python reproducer.py [fork|spawn|forkserver]    (default: fork)
Exit status: 1, the bug occurs; 0, it does not; any other, the script cannot tell.
"""

import multiprocessing
import signal
import sys


def check(mp):
    condition = mp.Condition()
    try:
        result = condition.wait_for(lambda: 0, 0.012)
    except RuntimeError:
        pass
    else:
        raise AssertionError(f"condition.wait_for(lambda: 0, 0.012) returned {result!r}")


if __name__ == "__main__":
    signal.alarm(60)  # the end, if something hangs
    try:
        context = multiprocessing.get_context(sys.argv[1] if len(sys.argv) > 1 else "fork")
    except ValueError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    check(context)
