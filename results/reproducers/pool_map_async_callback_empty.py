"""multiprocessing.pool.Pool.map_async: The result of map_async() is an empty list if the iterable
is empty, and callback receives it.

Clause:   pool.map_async.callback-empty
Manual:   https://docs.python.org/3/library/multiprocessing.html#multiprocessing.pool.Pool.map_async
Observed: called_back_without_items(workers, workers.map_async) was [], expected [[]]
Seen on:  CPython 3.15.2, start method fork

Usage: python reproducer.py [fork|spawn|forkserver]    (default: fork)
Exit status: 1, the bug occurs; 0, it does not; 2, it does not apply here; 3, it could not be tried.
"""

import multiprocessing
import os
import signal
import subprocess
import sys
import traceback
from contextlib import suppress
from functools import lru_cache
from queue import SimpleQueue

UNLUCKY = 13  # tasks fail with this number


def square(number):
    if number == UNLUCKY:
        raise KeyError(number)
    return number * number


@lru_cache(maxsize=None)
def shared(mp, processes=2):
    """A pool for checks that only submit tasks; it ends with the script."""
    return mp.Pool(processes)


def called_back_without_items(workers, method):
    """What is passed to the callback of an empty iterable."""
    called, later = [], SimpleQueue()
    got = method(square, [], callback=called.append).get()
    assert got == [], got
    workers.apply_async(square, (4,), callback=later.put)
    later.get()  # one thread handles the results, so the first callback is over
    return called


def check(mp):
    workers = shared(mp)
    got = called_back_without_items(workers, workers.map_async)
    assert got == [[]], got


def status_of(error):
    """Returns 1 for the bug, 2 for what is not there on this system, and 3 for any other error."""
    if isinstance(error, AssertionError):
        return 1
    return 2 if isinstance(error, (ImportError, NotImplementedError)) else 3


def main(method="fork", role="parent"):
    try:
        context = multiprocessing.get_context(method)
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
