"""multiprocessing.Condition.notify: notify() raises RuntimeError and wakes up no process if the
calling process does not own the lock.

Clause:   condition.notify.unowned
Manual:   https://docs.python.org/3/library/threading.html#threading.Condition.notify
Observed: notify(n=3) raised TypeError("Condition.notify() got an unexpected keyword argument 'n'")
Seen on:  billiard and CPython 3.13.0, start method fork

Usage: python reproducer.py [fork|spawn|forkserver]    (default: fork)
Exit status: 1, the bug occurs; 0, it does not; any other, the script cannot tell.
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
