"""multiprocessing.Value: Value() accepts the typecode e, which stands for a float of two bytes as
in the array module.

Clause:   value.typecodes.half
Manual:   https://docs.python.org/3/library/multiprocessing.html#multiprocessing.Value
Observed: raised TypeError('this type has no size')
Seen on:  billiard 4.3.2 on CPython 3.15.2, start method spawn

Usage: python reproducer.py [fork|spawn|forkserver]    (default: spawn)
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
    got = mp.Value("e", 0.5).value
    assert got == 0.5, got


def status_of(error):
    """Returns 1 for the bug, 2 for what is not there on this system, and 3 for any other error."""
    if error.__class__.__name__ == "TypeError":
        return 1
    if isinstance(error, AssertionError):
        return 1
    return 2 if isinstance(error, (ImportError, NotImplementedError)) else 3


def main(method="spawn"):
    if sys.version_info < (3, 15):
        print("does not apply here: it is promised from Python 3.15 on", file=sys.stderr)
        sys.exit(2)
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
