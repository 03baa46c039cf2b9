"""multiprocessing.dummy: send_bytes() accepts an offset and a size, and sends only that part of the
bytes.

Clause:   dummy.replica.slices
Manual:   https://docs.python.org/3/library/multiprocessing.html#module-multiprocessing.dummy
Observed: other.recv_bytes() was b'abcdef', expected b'cde'
Seen on:  CPython 3.15.2, start method forkserver

Usage: python reproducer.py [fork|spawn|forkserver]    (default: forkserver)
Exit status: 1, the bug occurs; 0, it does not; any other, the script cannot tell.
"""

import multiprocessing
import signal
import sys
from multiprocessing import dummy


def check(mp):
    one, other = dummy.Pipe()
    one.send_bytes(b"abcdef", 2, 3)
    got = other.recv_bytes()
    assert got == b"cde", got


if __name__ == "__main__":
    signal.alarm(60)  # the end, if something hangs
    try:
        context = multiprocessing.get_context(sys.argv[1] if len(sys.argv) > 1 else "forkserver")
    except ValueError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    check(context)
