"""multiprocessing (proxy objects): Iterating over the proxy of a dict yields its keys in order, and
several iterations at once do not interfere.

Clause:   proxy.dict.iterates
Manual:   https://docs.python.org/3/library/multiprocessing.html#proxy-objects
Observed: raised KeyError(0)
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
def raises(expected):
    try:
        yield
    except expected:
        return
    raise AssertionError("%s was not raised" % expected.__name__)


def newcomer(mp, before):
    """The process of a manager that was made meanwhile; its main thread looks at a flag from time to time."""
    (server,) = [process for process in mp.active_children() if process not in before]
    return server


@lru_cache(maxsize=None)
def shared(mp):
    """One manager for all checks of a script, with which it ends."""
    kept = mp.Manager()
    return kept


def check(mp):
    words = shared(mp).dict({"one": 1, "two": 2, 3: "three"})
    got = list(words)
    assert got == ["one", "two", 3], got
    first, second = iter(words), iter(words)
    got = [next(each) for each in (first, first, second, first, second)]
    assert got == ["one", "two", "one", 3, "two"], got
    with raises(StopIteration):
        next(first)
    got = list(shared(mp).dict())
    assert got == [], got


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
