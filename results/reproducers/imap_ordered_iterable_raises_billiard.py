"""multiprocessing.pool.Pool.imap: The iterator of imap() raises an exception that the iterable
itself raises, after the results of all items before it, and then ends.

Clause:   imap.ordered.iterable-raises
Manual:   https://docs.python.org/3/library/multiprocessing.html#multiprocessing.pool.Pool.imap
Observed: raised StopIteration()
Seen on:  billiard and CPython 3.13.0, start method fork

Usage: python reproducer.py [fork|spawn|forkserver]    (default: fork)
Exit status: 1, the bug occurs; 0, it does not; 2, it does not apply here; 3, it could not be tried.
"""

import os
import signal
import subprocess
import sys
import traceback
from contextlib import contextmanager, suppress
from functools import lru_cache

try:
    import billiard
except ImportError as error:
    print(error, file=sys.stderr)
    sys.exit(2)


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


def status_of(error):
    """Returns 1 for the bug, 2 for what is not there on this system, and 3 for any other error."""
    if error.__class__.__name__ == "StopIteration":
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
