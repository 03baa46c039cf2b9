"""multiprocessing.managers.SyncManager.list: The proxy of a list has the methods clear() and
copy(), and copy() returns a plain list.

Clause:   proxy.list.clears-and-copies
Manual:   https://docs.python.org/3/library/multiprocessing.html#multiprocessing.managers.SyncManager.list
Observed: raised AttributeError("'ListProxy' object has no attribute 'copy'")
Seen on:  billiard 4.3.2 on CPython 3.15.2, start method spawn

Usage: python reproducer.py [fork|spawn|forkserver]    (default: spawn)
Exit status: 1, the bug occurs; 0, it does not; 2, it does not apply here; 3, it could not be tried.
"""

import os
import signal
import subprocess
import sys
import traceback
from contextlib import suppress
from functools import lru_cache

try:
    import billiard
except ImportError as error:
    print(error, file=sys.stderr)
    sys.exit(2)


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


def status_of(error):
    """Returns 1 for the bug, 2 for what is not there on this system, and 3 for any other error."""
    if error.__class__.__name__ == "AttributeError":
        return 1
    if isinstance(error, AssertionError):
        return 1
    return 2 if isinstance(error, (ImportError, NotImplementedError)) else 3


def main(method="spawn", role="parent"):
    if sys.version_info < (3, 14):
        print("does not apply here: it is promised from Python 3.14 on", file=sys.stderr)
        sys.exit(2)
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
