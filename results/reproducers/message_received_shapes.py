"""multiprocessing.connection.Connection.recv_bytes_into: recv_bytes_into() fills a buffer that has
several dimensions, and counts offset in bytes.

Clause:   message.received.shapes
Manual:   https://docs.python.org/3/library/multiprocessing.html#multiprocessing.connection.Connection.recv_bytes_into
Observed: raised multiprocessing.context.BufferTooShort(b'abc')
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
    for offset in 0, 1, 3:
        whole = bytearray(6)
        a.send_bytes(b"abc")
        got = b.recv_bytes_into(shaped(whole, 2, 3), offset)
        assert got == 3, got
        assert whole[offset : offset + 3] == b"abc", whole[offset : offset + 3]


def status_of(error):
    """Returns 1 for the bug, 2 for what is not there on this system, and 3 for any other error."""
    if error.__class__.__name__ == "BufferTooShort":
        return 1
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
