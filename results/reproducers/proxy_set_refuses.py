"""multiprocessing.managers.SyncManager.set: An augmented assignment to the proxy of a set raises
TypeError if the operand is not a set.

Clause:   proxy.set.refuses
Manual:   https://docs.python.org/3/library/multiprocessing.html#multiprocessing.managers.SyncManager.set
Observed: (code, observed) was ('it |= [1]', None), expected ('it |= [1]', (<class 'TypeError'>, None))
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
