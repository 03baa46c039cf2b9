"""multiprocessing.Queue: put() pickles the object: a change to the object after put() has returned
does not reach get().

Clause:   queue.put.snapshot
Manual:   https://docs.python.org/3/library/multiprocessing.html#multiprocessing.Queue
Observed: q.get() was 'second', expected 'first'
Seen on:  multiprocessing 3.13.0 on CPython 3.13.0, start method fork

Usage: python reproducer.py [fork|spawn|forkserver]    (default: fork)
Exit status: 1, the bug occurs; 0, it does not; 2, it does not apply here; 3, it could not be tried.
"""

import multiprocessing
import os
import signal
import sys
import threading
import traceback


class Draft:
    """An object that, if it is not pickled by the thread that made it, waits until it has been changed."""

    def __init__(self):
        self.text, self.author, self.changed = "first", threading.get_ident(), threading.Event()

    def __reduce__(self):
        if threading.get_ident() != self.author:
            self.changed.wait(5)
        return str, (self.text,)


def check(mp):
    q, draft = mp.Queue(), Draft()
    q.put(draft)
    draft.text = "second"
    draft.changed.set()
    got = q.get()
    assert got == "first", got


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
