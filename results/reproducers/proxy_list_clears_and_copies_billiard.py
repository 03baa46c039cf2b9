"""multiprocessing.managers.SyncManager.list: The proxy of a list has the methods clear() and
copy(), and copy() returns a plain list.

Clause:   proxy.list.clears-and-copies
Manual:   https://docs.python.org/3/library/multiprocessing.html#multiprocessing.managers.SyncManager.list
Observed: raised AttributeError("'ListProxy' object has no attribute 'copy'")
Seen on:  billiard and CPython 3.15.2, start method spawn

Usage: python reproducer.py [fork|spawn|forkserver]    (default: spawn)
Exit status: 1, the bug occurs; 0, it does not; any other, the script cannot tell.
"""

import billiard
import os
import signal
import subprocess
import sys
import traceback
from contextlib import suppress
from functools import lru_cache


def newcomer(mp, before):
    """Returns the process of a manager that is not in ``before``; its main thread polls a flag from time to time."""
    (server,) = [process for process in mp.active_children() if process not in before]
    return server


@lru_cache(maxsize=None)
def shared(mp):
    """Returns the one manager of all checks of a script, which ends with the script."""
    kept = mp.Manager()
    return kept


def check(mp):
    made = shared(mp).list([1, 2])
    copied = made.copy()
    made.clear()
    assert copied == [1, 2], copied
    got = made._getvalue()
    assert got == [], got


def main(method="spawn", role="parent"):
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
