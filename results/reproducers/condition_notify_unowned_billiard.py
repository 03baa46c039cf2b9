"""A process that does not own the lock gets RuntimeError, and nobody wakes up.

That is what the documentation promises:
https://docs.python.org/3/library/threading.html#threading.Condition.notify

With billiard and CPython 3.13.0 and the start method fork, instead:

    notify(n=3) raised builtins.TypeError("Condition.notify() got an unexpected keyword argument 'n'")

Usage: python reproducer.py [fork|spawn|forkserver]    (default: fork)
It exits with 1 if the bug shows, with 0 if it does not.
"""

import billiard
import signal
import sys


def check(mp):
    condition = mp.Condition()
    try:
        result = condition.notify(n=3)
    except RuntimeError:
        pass
    else:
        raise AssertionError(f"condition.notify(n=3) returned {result!r}")


if __name__ == "__main__":
    signal.alarm(60)  # the end, if something hangs
    try:
        context = billiard.get_context(sys.argv[1] if len(sys.argv) > 1 else "fork")
    except ValueError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    check(context)
