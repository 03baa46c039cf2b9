"""multiprocessing.dummy: Processes, pools, queues, locks, values, and managers have the same names
in multiprocessing.dummy as in multiprocessing.

Clause:   dummy.names
Manual:   https://docs.python.org/3/library/multiprocessing.html#module-multiprocessing.dummy
Observed: [name for name in NAMES if not callable(getattr(mpd, name, None))] was ['Barrier'], expected []
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
from billiard import dummy
from contextlib import suppress

MAKERS = ("Barrier", "BoundedSemaphore", "Condition", "Event", "JoinableQueue", "Lock", "Queue", "RLock", "Semaphore")
NAMES = MAKERS + ("Array", "Manager", "Pipe", "Pool", "Process", "Value", "active_children", "current_process")


def check(mp):
    mpd = dummy
    got = [name for name in NAMES if not callable(getattr(mpd, name, None))]
    assert got == [], got
    got = mpd.freeze_support()
    assert got is None, got


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
