"""With a false predicate, a process that does not own the lock gets RuntimeError.

That is what the documentation promises:
https://docs.python.org/3/library/threading.html#threading.Condition.wait_for

With CPython 3.15.2 and the start method fork, instead:

    wait_for(0, 0.012) raised builtins.AssertionError('must acquire() condition before using wait()')

Usage: python reproducer.py [fork|spawn|forkserver]    (default: fork)
It exits with 1 if the bug shows, with 0 if it does not.
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
