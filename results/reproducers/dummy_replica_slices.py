"""send_bytes() takes an offset and a size.

That is what the documentation promises:
https://docs.python.org/3/library/multiprocessing.html#module-multiprocessing.dummy

With CPython 3.15.2 and the start method forkserver, instead:

    other.recv_bytes() is b'abcdef', not b'cde'

Usage: python reproducer.py [fork|spawn|forkserver]    (default: forkserver)
It exits with 1 if the bug shows, with 0 if it does not.
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
