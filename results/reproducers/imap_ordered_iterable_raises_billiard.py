"""multiprocessing.pool.Pool.imap: The iterator of imap() raises an exception that the iterable
itself raises, after the results of all items before it, and then ends.

Clause:   imap.ordered.iterable-raises
Manual:   https://docs.python.org/3/library/multiprocessing.html#multiprocessing.pool.Pool.imap
Observed: raised StopIteration()
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
from contextlib import contextmanager, suppress
from functools import lru_cache


@contextmanager
def raises(expected, *args):
    try:
        yield
    except expected as error:
        assert not args or error.args == args, error.args
    else:
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


def three_and_an_error():
    yield from [1, 2, 3]
    raise LookupError("no more")


def check(mp):
    it = shared(mp).imap(square, three_and_an_error())
    got = [next(it), next(it), next(it)]
    assert got == [1, 4, 9], got
    with raises(LookupError, "no more"):
        next(it)
    with raises(StopIteration):
        next(it)


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
