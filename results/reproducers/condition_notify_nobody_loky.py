"""multiprocessing.Condition.notify: notify() returns None and has no effect on later waiters if no
process is waiting.

Clause:   condition.notify.nobody
Manual:   https://docs.python.org/3/library/threading.html#threading.Condition.notify
Observed: notify(2) raised TypeError('Condition.notify() takes 1 positional argument but 2 were given')
Seen on:  loky and CPython 3.13.0, start method loky

Usage: python reproducer.py [loky|loky_init_main]    (default: loky)
Exit status: 1, the bug occurs; 0, it does not; any other, the script cannot tell.
"""

import loky.backend
import signal
import sys


def check(mp):
    condition = mp.Condition()
    condition.acquire()
    condition.notify(2)


if __name__ == "__main__":
    signal.alarm(60)  # the end, if something hangs
    try:
        context = loky.backend.get_context(sys.argv[1] if len(sys.argv) > 1 else "loky")
    except ValueError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    check(context)
