"""The parameter of put() is called item.

That is what the documentation promises:
https://docs.python.org/3/library/multiprocessing.html#multiprocessing.SimpleQueue.put

With CPython 3.15.2 and the start method forkserver, instead:

    raised builtins.TypeError("SimpleQueue.put() got an unexpected keyword argument 'item'")

Usage: python reproducer.py [fork|spawn|forkserver]    (default: forkserver)
It exits with 1 if the bug shows, with 0 if it does not.
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
