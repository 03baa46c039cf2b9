"""multiprocessing.Array: Array() accepts the typecode e, which stands for floats of two bytes as in
the array module.

Clause:   array.typecodes.half
Manual:   https://docs.python.org/3/library/multiprocessing.html#multiprocessing.Array
Observed: raised TypeError('this type has no size')
Seen on:  billiard and CPython 3.15.2, start method spawn

Usage: python reproducer.py [fork|spawn|forkserver]    (default: spawn)
Exit status: 1, the bug occurs; 0, it does not; any other, the script cannot tell.
"""

import billiard
import signal
import sys


def check(mp):
    got = mp.Array("e", [0.5, -2])[:]
    assert got == [0.5, -2.0], got


if __name__ == "__main__":
    signal.alarm(60)  # the end, if something hangs
    try:
        context = billiard.get_context(sys.argv[1] if len(sys.argv) > 1 else "spawn")
    except ValueError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    check(context)
