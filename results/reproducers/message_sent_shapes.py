"""multiprocessing.connection.Connection.send_bytes: send_bytes() sends the bytes of a buffer that
has several dimensions, and counts offset and size in bytes.

Clause:   message.sent.shapes
Manual:   https://docs.python.org/3/library/multiprocessing.html#multiprocessing.connection.Connection.send_bytes
Observed: b.recv_bytes() was b'ab', expected b'abcdef'
Seen on:  multiprocessing 3.13.0 on CPython 3.13.0, start method fork

Usage: python reproducer.py [fork|spawn|forkserver]    (default: fork)
Exit status: 1, the bug occurs; 0, it does not; 2, it does not apply here; 3, it could not be tried.
"""

import multiprocessing
import os
import signal
import sys
import traceback


def shaped(data, *shape):
    """The data as a buffer of several dimensions."""
    return memoryview(data).cast("B", shape)


def check(mp):
    a, b = mp.Pipe()
    for given, promised in ((), b"abcdef"), ((1,), b"bcdef"), ((2, 3), b"cde"):
        a.send_bytes(shaped(b"abcdef", 2, 3), *given)
        got = b.recv_bytes()
        assert got == promised, (got, promised)


def status_of(error):
    """Returns 1 for the bug, 2 for what is not there on this system, and 3 for any other error."""
    if isinstance(error, AssertionError):
        return 1
    return 2 if isinstance(error, (ImportError, NotImplementedError)) else 3


def main(method="fork"):
    try:
        context = multiprocessing.get_context(method)
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
