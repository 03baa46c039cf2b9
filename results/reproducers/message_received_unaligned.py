r"""multiprocessing.connection.Connection.recv_bytes_into: recv_bytes_into() writes all bytes of the
message from byte offset on, even if the message begins or ends within an item of the buffer.

Clause:   message.received.unaligned
Manual:   https://docs.python.org/3/library/multiprocessing.html#multiprocessing.connection.Connection.recv_bytes_into
Observed: buffer.tobytes()[offset : offset + len(data)] was b'ab\x00', expected b'abc'
Seen on:  multiprocessing 3.13.0 on CPython 3.13.0, start method fork

Usage: python reproducer.py [fork|spawn|forkserver]    (default: fork)
Exit status: 1, the bug occurs; 0, it does not; 2, it does not apply here; 3, it could not be tried.
"""

import array
import multiprocessing
import os
import signal
import sys
import traceback


def check(mp, code="h", offset=0):
    a, b = mp.Pipe()
    buffer, data = array.array(code, [0] * 3), b"abc"
    a.send_bytes(data)
    got = b.recv_bytes_into(buffer, offset)
    assert got == len(data), got
    got = buffer.tobytes()[offset : offset + len(data)]
    assert got == data, (got, data)


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
