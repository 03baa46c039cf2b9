"""multiprocessing.managers.SyncManager.set: An augmented assignment to the proxy of a set raises
TypeError if the operand is not a set.

Clause:   proxy.set.refuses
Manual:   https://docs.python.org/3/library/multiprocessing.html#multiprocessing.managers.SyncManager.set
Observed: (code, observed) was ('it |= [1]', None), expected ('it |= [1]', (<class 'TypeError'>, None))
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


def newcomer(mp, before):
    """The process of a manager that was made meanwhile; its main thread looks at a flag from time to time."""
    (server,) = [process for process in mp.active_children() if process not in before]
    return server


@lru_cache(maxsize=None)
def shared(mp):
    """One manager for all checks of a script, with which it ends."""
    kept = mp.Manager()
    return kept


def outcome(code, subject):
    """What an expression or a statement about ``it`` ends with."""
    names = {"it": subject}
    try:
        try:
            compiled = compile(code, code, "eval")
        except SyntaxError:
            compiled = compile(code, code, "exec")
        result = eval(compiled, names)
    except Exception as error:
        return type(error), None if isinstance(error, TypeError) else error.args  # those may tell the operand's type
    assert names["it"] is subject, "%s binds the name to another object" % code
    return result


def like(subject, plain, codes):
    """Demands that a proxy behaves as a plain object does, line by line."""
    for code in codes.strip().splitlines():
        promised, observed = outcome(code, plain), outcome(code, subject)
        got = (code, observed)
        assert got == (code, promised), got


def check(mp):
    for change in "it |= [1]", "it &= [1]", "it -= [1]", "it ^= [1]":
        like(shared(mp).set([1]), {1}, change)


def status_of(error):
    """Returns 1 for the bug, 2 for what is not there on this system, and 3 for any other error."""
    if isinstance(error, AssertionError):
        return 1
    return 2 if isinstance(error, (ImportError, NotImplementedError)) else 3


def main(method="fork", role="parent"):
    if sys.version_info < (3, 14):
        print("does not apply here: it is promised from Python 3.14 on", file=sys.stderr)
        sys.exit(2)
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
