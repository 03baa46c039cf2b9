"""With nobody waiting, the call returns None, and is not remembered for those who wait later.

That is what the documentation promises:
https://docs.python.org/3/library/threading.html#threading.Condition.notify

With billiard and CPython 3.13.0 and the start method fork, instead:

    notify(2) raised builtins.TypeError('Condition.notify() takes 1 positional argument but 2 were given')

Usage: python reproducer.py [fork|spawn|forkserver]    (default: fork)
It exits with 1 if the bug shows, with 0 if it does not.
"""

import billiard
import signal
import sys


def check(mp):
    condition = mp.Condition()
    condition.acquire()
    condition.notify(2)


if __name__ == "__main__":
    signal.alarm(60)  # the end, if something hangs
    try:
        context = billiard.get_context(sys.argv[1] if len(sys.argv) > 1 else "fork")
    except ValueError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    check(context)
