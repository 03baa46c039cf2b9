"""multiprocessing.pool.Pool.map_async: The result of map_async() is an empty list if the iterable
is empty, and callback receives it.

Clause:   pool.map_async.callback-empty
Manual:   https://docs.python.org/3/library/multiprocessing.html#multiprocessing.pool.Pool.map_async
Observed: called_back_without_items(workers, workers.map_async) was [], expected [[]]
Seen on:  CPython 3.15.2, start method fork

Usage: python reproducer.py [fork|spawn|forkserver]    (default: fork)
Exit status: 1, the bug occurs; 0, it does not; any other, the script cannot tell.
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


def main(method="fork", role="parent"):
    if role == "check":
        try:
            check(multiprocessing.get_context(method))
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)  # without waiting for what the check leaves behind
    try:
        multiprocessing.get_context(method)
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
