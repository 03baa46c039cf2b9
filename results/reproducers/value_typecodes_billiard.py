"""multiprocessing.Value: A typecode passed to Value() selects the same C type as in the array
module, and the value holds any number of that type.

Clause:   value.typecodes
Manual:   https://docs.python.org/3/library/multiprocessing.html#multiprocessing.Value
Observed: raised TypeError('this type has no size')
Seen on:  billiard and CPython 3.13.0, start method fork

Usage: python reproducer.py [fork|spawn|forkserver]    (default: fork)
Exit status: 1, the bug occurs; 0, it does not; 2, it does not apply here; 3, it could not be tried.
"""

import array as numbers
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
WHOLE = "bBhHiIlLqQ"  # typecodes of whole numbers


def check(mp):
    for code, kind in TYPECODES.items():
        got = type(mp.Value(code).get_obj())
        assert got is kind, (got, kind)
    for code in WHOLE:
        size = numbers.array(code).itemsize
        got = ctypes.sizeof(mp.Value(code).get_obj())
        assert got == size, (got, size)
        low, high = (0, 256**size - 1) if code.isupper() else (-(256**size) // 2, 256**size // 2 - 1)
        got = [mp.Value(code, low).value, mp.Value(code, high).value]
        assert got == [low, high], got
    got = [mp.Value("u", "x").value, mp.Value("f", 0.5).value, mp.Value("d", 0.1).value]
    assert got == ["x", 0.5, 0.1], got


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
