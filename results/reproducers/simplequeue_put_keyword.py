"""multiprocessing.SimpleQueue.put: The parameter of put() is named item.

Clause:   simplequeue.put.keyword
Manual:   https://docs.python.org/3/library/multiprocessing.html#multiprocessing.SimpleQueue.put
Observed: raised TypeError("SimpleQueue.put() got an unexpected keyword argument 'item'")
Seen on:  CPython 3.15.2, start method forkserver

Usage: python reproducer.py [fork|spawn|forkserver]    (default: forkserver)
Exit status: 1, the bug occurs; 0, it does not; any other, the script cannot tell.
"""

import multiprocessing
import signal
import sys


def check(mp):
    q = mp.SimpleQueue()
    q.put(item="by name")
    got = q.get()
    assert got == "by name", got


if __name__ == "__main__":
    signal.alarm(60)  # the end, if something hangs
    try:
        context = multiprocessing.get_context(sys.argv[1] if len(sys.argv) > 1 else "forkserver")
    except ValueError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    check(context)
