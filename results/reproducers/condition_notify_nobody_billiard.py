"""multiprocessing.Condition.notify: notify() returns None and has no effect on later waiters if no
process is waiting.

Clause:   condition.notify.nobody
Manual:   https://docs.python.org/3/library/threading.html#threading.Condition.notify
Observed: notify(2) raised TypeError('Condition.notify() takes 1 positional argument but 2 were given')
Seen on:  billiard and CPython 3.13.0, start method fork

Usage: python reproducer.py [fork|spawn|forkserver]    (default: fork)
Exit status: 1, the bug occurs; 0, it does not; 2, it does not apply here; 3, it could not be tried.
"""

import os
import signal
import sys
import traceback

try:
    import billiard
except ImportError as error:
    print(error, file=sys.stderr)
    sys.exit(2)


def check(mp):
    condition = mp.Condition()
    condition.acquire()
    condition.notify(2)


def status_of(error):
    """Returns 1 for the bug, 2 for what is not there on this system, and 3 for any other error."""
    if error.__class__.__name__ == "TypeError":
        return 1
    if isinstance(error, AssertionError):
        return 1
    return 2 if isinstance(error, (ImportError, NotImplementedError)) else 3


def main(method="fork"):
    try:
        context = billiard.get_context(method)
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
