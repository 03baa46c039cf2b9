"""multiprocessing.pool.Pool.starmap_async: starmap_async() passes the list of all results to
callback, or the exception to error_callback, once.

Clause:   pool.starmap_async.callbacks
Manual:   https://docs.python.org/3/library/multiprocessing.html#multiprocessing.pool.Pool.starmap_async
Observed: called.get() was (6409, <class 'billiard.einfo.ExceptionInfo'>, None), expected (6409, <class 'KeyError'>, (13))
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
from queue import SimpleQueue

try:
    import billiard
except ImportError as error:
    print(error, file=sys.stderr)
    sys.exit(2)

UNLUCKY = 13  # tasks fail with this number


def square(number):
    if number == UNLUCKY:
        raise KeyError(number)
    return number * number


def product(number, factor):
    return square(number) * factor


@lru_cache(maxsize=None)
def shared(mp, processes=2):
    """A pool for checks that only submit tasks; it ends with the script."""
    return mp.Pool(processes)


def calls_back(mp, submit, result):
    """Has a method call back once it has a result and once it has failed, and says what came in this process."""
    workers, called, wrong = shared(mp), SimpleQueue(), []

    def good(value):
        called.put((os.getpid(), value))

    def bad(error):
        called.put((os.getpid(), type(error), getattr(error, "args", None)))

    submit(workers, 2, good, wrong.append)
    got = called.get()
    assert got == (os.getpid(), result), got
    submit(workers, UNLUCKY, wrong.append, bad)
    got = called.get()
    assert got == (os.getpid(), KeyError, (UNLUCKY,)), got
    workers.apply_async(square, (4,), {}, good)  # one thread handles the results: whatever came twice is here
    got = called.get()
    assert got == (os.getpid(), 16), got
    got = (wrong, called.empty())
    assert got == ([], True), got


def check(mp):
    calls_back(mp, lambda workers, n, good, bad: workers.starmap_async(product, [(n, 5)], 1, good, bad), [20])
    calls_back(
        mp, lambda workers, n, good, bad: workers.starmap_async(square, [[n]], callback=good, error_callback=bad), [4]
    )


def status_of(error):
    """Returns 1 for the bug, 2 for what is not there on this system, and 3 for any other error."""
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
