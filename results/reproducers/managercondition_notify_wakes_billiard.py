"""multiprocessing.managers.SyncManager.Condition: notify() wakes up n waiters, or all of them if
there are fewer, keeps the lock, and returns None; n is 1 by default.

Clause:   managercondition.notify.wakes
Manual:   https://docs.python.org/3/library/multiprocessing.html#multiprocessing.managers.SyncManager.Condition
Observed: notify(n=3) raised TypeError("ConditionProxy.notify() got an unexpected keyword argument 'n'")
Seen on:  billiard and CPython 3.13.0, start method fork

Usage: python reproducer.py [fork|spawn|forkserver]    (default: fork)
Exit status: 1, the bug occurs; 0, it does not; any other, the script cannot tell.
"""

import billiard
import os
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from contextlib import suppress


def acquire_and_wait(condition, ready):
    condition.acquire()
    open(ready, "w").close()
    condition.wait()


def check(mp):
    with tempfile.TemporaryDirectory() as directory:
        ready = os.path.join(directory, "ready")
        with mp.Manager() as manager:
            condition = manager.Condition()
            process = mp.Process(target=acquire_and_wait, args=(condition, ready), daemon=True)
            process.start()
            while not os.path.exists(ready):
                time.sleep(0.01)
            time.sleep(0.3)  # until it waits
            condition.acquire(blocking=True, timeout=3600.0)
            condition.notify(n=3)


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
