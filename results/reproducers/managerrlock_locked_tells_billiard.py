"""multiprocessing.managers.SyncManager.RLock: locked() returns True while any process owns the
lock, even the calling process, and False otherwise.

Clause:   managerrlock.locked.tells
Manual:   https://docs.python.org/3/library/multiprocessing.html#multiprocessing.managers.SyncManager.RLock
Observed: locked() raised AttributeError("'AcquirerProxy' object has no attribute 'locked'")
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


def check(mp):
    with mp.Manager() as manager:
        rlock = manager.RLock()
        result = rlock.locked()
        assert result is False, f"rlock.locked() returned {result!r}"


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
