"""multiprocessing.Array: A typecode passed to Array() selects the same C type as in the array
module, and c selects c_char.

Clause:   array.typecodes
Manual:   https://docs.python.org/3/library/multiprocessing.html#multiprocessing.Array
Observed: raised TypeError('this type has no size')
Seen on:  billiard and CPython 3.13.0, start method fork

Usage: python reproducer.py [fork|spawn|forkserver]    (default: fork)
Exit status: 1, the bug occurs; 0, it does not; 2, it does not apply here; 3, it could not be tried.
"""

import ctypes
import os
import signal
import sys
import traceback

try:
    import billiard
except ImportError as error:
    print(error, file=sys.stderr)
    sys.exit(2)

TYPECODES = {
    "b": ctypes.c_byte,
    "B": ctypes.c_ubyte,
    "u": ctypes.c_wchar,
    "h": ctypes.c_short,
    "H": ctypes.c_ushort,
    "i": ctypes.c_int,
    "I": ctypes.c_uint,
    "l": ctypes.c_long,
    "L": ctypes.c_ulong,
    "q": ctypes.c_longlong,
    "Q": ctypes.c_ulonglong,
    "f": ctypes.c_float,
    "d": ctypes.c_double,
}


def check(mp):
    for code, kind in list(TYPECODES.items()) + [("c", ctypes.c_char)]:
        a = mp.Array(code, 2)
        got = (a.get_obj()._type_, len(a), a[:])
        assert got == (kind, 2, (kind * 2)()[:]), got
    got = mp.Array("d", (0.1, 2.5))[:]
    assert got == [0.1, 2.5], got
    got = mp.Array("u", "word")[:]
    assert got == "word", got


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
