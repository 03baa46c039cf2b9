"""A typecode of the array module stands for items of the same type of C as there, and c for c_char.

That is what the documentation promises:
https://docs.python.org/3/library/multiprocessing.html#multiprocessing.Array

With billiard and CPython 3.13.0 and the start method fork, instead:

    raised builtins.TypeError('this type has no size')

Usage: python reproducer.py [fork|spawn|forkserver]    (default: fork)
It exits with 1 if the bug shows, with 0 if it does not.
"""

import billiard
import ctypes
import signal
import sys

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


if __name__ == "__main__":
    signal.alarm(60)  # the end, if something hangs
    try:
        context = billiard.get_context(sys.argv[1] if len(sys.argv) > 1 else "fork")
    except ValueError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    check(context)
