"""multiprocessing.pool.Pool: The class Pool accepts processes, initializer, initargs,
maxtasksperchild and context as positional arguments, in this order.

Clause:   workers.arguments
Manual:   https://docs.python.org/3/library/multiprocessing.html#multiprocessing.pool.Pool
Observed: (parent was True, expected False
Seen on:  billiard and CPython 3.13.0, start method forkserver

Usage: python reproducer.py [fork|spawn|forkserver]    (default: forkserver)
Exit status: 1, the bug occurs; 0, it does not; any other, the script cannot tell.
"""

import billiard
import os
import signal
import subprocess
import sys
import traceback
from billiard import pool
from contextlib import suppress

CALLED = []


def begin(*args):
    CALLED.append(args)


def count(number):
    CALLED.append(number)
    return CALLED


INHERITED = []


def ancestry():
    return os.getppid(), list(INHERITED)


def check(mp):
    with pool.Pool(1, begin, ("first",), 1, mp) as workers:
        got = [workers.apply(count, (number,)) for number in range(2)]
        assert got == [[("first",), 0], [("first",), 1]], got
        parent, _ = workers.apply(ancestry)
        got = parent == os.getpid()
        assert got is (mp.get_start_method() != "forkserver"), got


def main(method="forkserver", role="parent"):
    if role == "check":
        try:
            check(billiard.get_context(method))
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)  # without waiting for what the check leaves behind
    try:
        billiard.get_context(method)
    except ValueError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    # The check has a session of its own, so that whatever hangs can be ended with its children.
    process = subprocess.Popen([sys.executable, __file__, method, "check"], start_new_session=True)
    try:
        status = process.wait(timeout=60)
        sys.exit(status)
    except subprocess.TimeoutExpired:
        print("check() has not returned after 60 seconds", file=sys.stderr)
        sys.exit(2)
    finally:
        process.kill()
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)  # what it left; the resource tracker lives on and cleans up
        process.wait()


if __name__ == "__main__":
    main(*sys.argv[1:])
