"""multiprocessing.Event.wait: wait() returns False once timeout seconds have elapsed with the flag
still false, and no earlier; at once if timeout is zero or negative.

Clause:   event.wait.expires
Manual:   https://docs.python.org/3/library/threading.html#threading.Event.wait
Observed: wait(timeout=3600.0) returned False
Seen on:  CPython 3.15.2, start method fork

Usage: python reproducer.py [fork|spawn|forkserver]    (default: fork)
Exit status: 1, the bug occurs; 0, it does not; any other, the script cannot tell.
"""

import multiprocessing
import os
import signal
import subprocess
import sys
import time
import traceback
from contextlib import suppress


def wait(event):
    event.wait(timeout=3600.0)


def wait_again(event):
    result = event.wait(timeout=3600.0)
    assert result is True, f"event.wait(timeout=3600.0) returned {result!r}"


def check(mp):
    event = mp.Event()
    first = mp.Process(target=wait, args=(event,), daemon=True)
    first.start()
    time.sleep(0.3)  # until it waits
    second = mp.Process(target=wait_again, args=(event,), daemon=True)
    second.start()
    time.sleep(0.3)  # until it waits
    event.set()
    event.clear()
    second.join(1)
    assert second.exitcode in (None, 0), "see what the other process raised"


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
