"""multiprocessing.Array: A typecode passed to Array() selects the same C type as in the array
module, and c selects c_char.

Clause:   array.typecodes
Manual:   https://docs.python.org/3/library/multiprocessing.html#multiprocessing.Array
Observed: raised TypeError('this type has no size')
Seen on:  billiard and CPython 3.13.0, start method fork

Usage: python reproducer.py [fork|spawn|forkserver]    (default: fork)
Exit status: 1, the bug occurs; 0, it does not; any other, the script cannot tell.
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
