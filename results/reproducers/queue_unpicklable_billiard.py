"""multiprocessing.Queue: The background thread drops an object that cannot be pickled and frees its
slot, and objects put later still arrive.

Clause:   queue.unpicklable
Manual:   https://docs.python.org/3/library/multiprocessing.html#multiprocessing.Queue
Observed: check() below does not come to an end: it waits forever
Seen on:  billiard and CPython 3.13.0, start method fork

Usage: python reproducer.py [fork|spawn|forkserver]    (default: fork)
Exit status: 1, the bug occurs; 0, it does not; any other, the script cannot tell.
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
