"""multiprocessing.pool.Pool: Waiting for the result of a task that cannot be pickled raises an
exception, and the pool remains usable.

Clause:   pool.task-unpicklable
Manual:   https://docs.python.org/3/library/multiprocessing.html#multiprocessing.pool.Pool
Observed: check() below does not come to an end: it waits forever
Seen on:  billiard and CPython 3.13.0, start method fork

Usage: python reproducer.py [fork|spawn|forkserver]    (default: fork)
Exit status: 1, the bug occurs; 0, it does not; any other, the script cannot tell.
"""

import billiard
import faulthandler
import os
import signal
import subprocess
import sys
import traceback
from contextlib import contextmanager, suppress
from functools import lru_cache


class Secret:
    def __call__(self, *args):
        pass

    def __reduce_ex__(self, protocol):
        raise TypeError("a secret stays where it is")


@contextmanager
def raises(expected):
    try:
        yield
    except expected:
        return
    raise AssertionError("%s was not raised" % expected.__name__)


UNLUCKY = 13  # tasks fail with this number


def square(number):
    if number == UNLUCKY:
        raise KeyError(number)
    return number * number


@lru_cache(maxsize=None)
def shared(mp, processes=2):
    """A pool for checks that only submit tasks; it ends with the script."""
    return mp.Pool(processes)


def secret(number=0):
    return Secret()


def check(mp):
    workers = shared(mp)
    for method, items in (workers.apply, (1,)), (workers.map, [1, 2]), (workers.starmap, [(1,)]):
        with raises(Exception):
            method(secret(), items)
    for method in workers.imap, workers.imap_unordered:
        with raises(Exception):
            next(method(square, [secret()]))
    got = workers.map(square, [1, 2, 3, 4])
    assert got == [1, 4, 9, 16], got


def main(method="fork", role="parent"):
    if role == "check":
        faulthandler.dump_traceback_later(9)
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
        status = process.wait(timeout=10)
        sys.exit(status)
    except subprocess.TimeoutExpired:
        sys.exit("check() has not returned after 10 seconds")
    finally:
        process.kill()
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)  # what it left; the resource tracker lives on and cleans up
        process.wait()


if __name__ == "__main__":
    main(*sys.argv[1:])
