"""multiprocessing.pool.AsyncResult: apply_async(), map_async() and starmap_async() return an
AsyncResult.

Clause:   asyncresult.class
Manual:   https://docs.python.org/3/library/multiprocessing.html#multiprocessing.pool.AsyncResult
Observed: raised AttributeError("module 'billiard.pool' has no attribute 'AsyncResult'")
Seen on:  billiard and CPython 3.13.0, start method fork

Usage: python reproducer.py [fork|spawn|forkserver]    (default: fork)
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
from functools import lru_cache

UNLUCKY = 13  # tasks fail with this number


def square(number):
    if number == UNLUCKY:
        raise KeyError(number)
    return number * number


@lru_cache(maxsize=None)
def shared(mp, processes=2):
    """A pool for checks that only submit tasks; it ends with the script."""
    return mp.Pool(processes)


def one_by_one(workers, task, item):
    """The result of each asynchronous method, for a task and its only argument; submitted when it is asked for."""
    yield workers.apply_async(task, (item,))
    yield workers.map_async(task, [item])
    yield workers.starmap_async(task, [(item,)])


def ways(workers, task, item):
    """The same results, of tasks that are submitted at once."""
    return list(one_by_one(workers, task, item))


def check(mp):
    for each in ways(shared(mp), square, 2):
        assert isinstance(each, pool.AsyncResult), each


def main(method="fork", role="parent"):
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
