"""An object that does not pickle is dropped by the background thread, and later ones still pass.

That is what the documentation promises:
https://docs.python.org/3/library/multiprocessing.html#multiprocessing.Queue

With billiard and CPython 3.13.0 and the start method fork, instead:

    check() below does not come to an end: it waits for ever

Usage: python reproducer.py [fork|spawn|forkserver]    (default: fork)
It exits with 1 if the bug shows, with 0 if it does not.
"""

import billiard
import faulthandler
import sys


class Secret:
    def __call__(self, *args):
        pass

    def __reduce_ex__(self, protocol):
        raise TypeError("a secret stays where it is")


def check(mp):
    q = mp.Queue(1)
    q.put(Secret())
    q.put("after")
    got = q.get()
    assert got == "after", got


if __name__ == "__main__":
    faulthandler.dump_traceback_later(10, exit=True)
    try:
        context = billiard.get_context(sys.argv[1] if len(sys.argv) > 1 else "fork")
    except ValueError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    check(context)
