"""multiprocessing.pool.AsyncResult: apply_async(), map_async() and starmap_async() return an
AsyncResult.

Clause:   asyncresult.class
Manual:   https://docs.python.org/3/library/multiprocessing.html#multiprocessing.pool.AsyncResult
Observed: raised AttributeError("module 'billiard.pool' has no attribute 'AsyncResult'")
Seen on:  billiard and CPython 3.13.0, start method fork

Usage: python reproducer.py [fork|spawn|forkserver]    (default: fork)
Exit status: 1, the bug occurs; 0, it does not; 2, it does not apply here; 3, it could not be tried.
"""

import os
import signal
import subprocess
import sys
import traceback
from contextlib import suppress
from functools import lru_cache

try:
    import billiard
    from billiard import pool
except ImportError as error:
    print(error, file=sys.stderr)
    sys.exit(2)

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


def status_of(error):
    """Returns 1 for the bug, 2 for what is not there on this system, and 3 for any other error."""
    if error.__class__.__name__ == "AttributeError":
        return 1
    if isinstance(error, AssertionError):
        return 1
    return 2 if isinstance(error, (ImportError, NotImplementedError)) else 3


def main(method="fork", role="parent"):
    try:
        context = billiard.get_context(method)
    except ValueError as error:
        print("does not apply here:", error, file=sys.stderr)
        sys.exit(2)
    if role == "check":
        try:
            check(context)
        except BaseException as error:
            traceback.print_exc()
            os._exit(status_of(error))
        os._exit(0)  # without waiting for what the check leaves behind
    # The check has a session of its own, so that whatever hangs can be ended with its children.
    process = subprocess.Popen([sys.executable, __file__, method, "check"], start_new_session=True)
    try:
        status = process.wait(timeout=60)
        sys.exit(status if status in (0, 1, 2) else 3)
    except subprocess.TimeoutExpired:
        print("check() is not over after 60 seconds", file=sys.stderr)
        sys.exit(3)
    finally:
        process.kill()
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)  # what it left; the resource tracker lives on and cleans up
        process.wait()


if __name__ == "__main__":
    main(*sys.argv[1:])
