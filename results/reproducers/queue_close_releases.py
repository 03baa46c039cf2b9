"""multiprocessing.Queue.close: close() closes the queue's pipe in this process, whether or not the
process has put or retrieved an object.

Clause:   queue.close.releases
Manual:   https://docs.python.org/3/library/multiprocessing.html#multiprocessing.Queue.close
Observed: count_descriptors() <= before
Seen on:  multiprocessing 3.13.0 on CPython 3.13.0, start method fork

Usage: python reproducer.py [fork|spawn|forkserver]    (default: fork)
Exit status: 1, the bug occurs; 0, it does not; 2, it does not apply here; 3, it could not be tried.
"""

import multiprocessing
import os
import signal
import sys
import traceback


def unproven(reason):
    print(reason, file=sys.stderr)
    os._exit(2)


def count_descriptors():
    try:
        return len(os.listdir("/proc/self/fd"))
    except OSError:
        unproven("this system does not list open descriptors in /proc/self/fd")


def check(mp, used=False):
    before, queues = count_descriptors(), [mp.Queue() for _ in range(5)]
    for q in queues:
        if used:
            q.put("only")
            got = q.get()
            assert got == "only", got
        q.close()
        q.join_thread()
    got = count_descriptors()
    assert got <= before, (got, before)


def status_of(error):
    """Returns 1 for the bug, 2 for what is not there on this system, and 3 for any other error."""
    if isinstance(error, AssertionError):
        return 1
    return 2 if isinstance(error, (ImportError, NotImplementedError)) else 3


def main(method="fork"):
    if sys.version_info < (3, 13):
        print("does not apply here: it is promised from Python 3.13 on", file=sys.stderr)
        sys.exit(2)
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
