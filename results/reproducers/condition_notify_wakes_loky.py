"""multiprocessing.Condition.notify: notify() wakes up n waiters, or all of them if there are fewer,
keeps the lock, and returns None; n is 1 by default.

Clause:   condition.notify.wakes
Manual:   https://docs.python.org/3/library/threading.html#threading.Condition.notify
Observed: notify(n=1) raised TypeError("Condition.notify() got an unexpected keyword argument 'n'")
Seen on:  loky and CPython 3.13.0, start method loky

Usage: python reproducer.py [loky|loky_init_main]    (default: loky)
Exit status: 1, the bug occurs; 0, it does not; 2, it does not apply here; 3, it could not be tried.
"""

import os
import signal
import subprocess
import sys
import time
import traceback
from contextlib import suppress

try:
    import loky.backend
except ImportError as error:
    print(error, file=sys.stderr)
    sys.exit(2)

OBJECTS = 50
PAUSE = 0.01  # seconds from one object to the next


def wait_until(moment):
    """Spins, so that all processes go on at the same moment."""
    while time.monotonic() < moment:
        pass


def enter_and_wait(conditions, begin):
    for number, condition in enumerate(conditions):
        wait_until(begin + number * PAUSE)
        condition.__enter__()
        condition.wait(0.012)


def enter_and_notify(conditions, begin):
    for number, condition in enumerate(conditions):
        wait_until(begin + number * PAUSE)
        condition.__enter__()
        condition.notify(n=1)


def check(mp):
    conditions = [mp.Condition() for _ in range(OBJECTS)]
    begin = time.monotonic() + 1
    targets = (enter_and_wait, enter_and_notify)
    processes = [mp.Process(target=target, args=(conditions, begin), daemon=True) for target in targets]
    end = begin + OBJECTS * PAUSE + 5
    for process in processes:
        process.start()
    for process in processes:
        process.join(max(0, end - time.monotonic()))
    assert all(process.exitcode in (None, 0) for process in processes), "see what a process raised"


def status_of(error):
    """Returns 1 for the bug, 2 for what is not there on this system, and 3 for any other error."""
    if error.__class__.__name__ == "TypeError":
        return 1
    if isinstance(error, AssertionError):
        return 1
    return 2 if isinstance(error, (ImportError, NotImplementedError)) else 3


def main(method="loky", role="parent"):
    try:
        context = loky.backend.get_context(method)
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
