"""multiprocessing.BoundedSemaphore: release() raises ValueError if the value is at its initial
value, and does not change the value.

Clause:   boundedsemaphore.release.too-many
Manual:   https://docs.python.org/3/library/threading.html#threading.BoundedSemaphore
Observed: release() returned None
Seen on:  PyPy 3.11.17, start method fork

Usage: python reproducer.py [fork|spawn|forkserver]    (default: fork)
Exit status: 1, the bug occurs; 0, it does not; any other, the script cannot tell.
"""

import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from contextlib import suppress

OBJECTS = 2000
PAUSE = 0.001  # seconds from one object to the next


def wait_until(moment):
    """Spins, so that all processes go on at the same moment."""
    while time.monotonic() < moment:
        pass


def outcome(function):
    """What a function returns or raises, in words."""
    try:
        return f"returned {function()!r}"
    except Exception as error:
        return f"raised {type(error).__name__}"


def release(semaphores, begin, path):
    with open(path, "w", buffering=1) as file:
        for number, semaphore in enumerate(semaphores):
            wait_until(begin + number * PAUSE)
            print(outcome(lambda: semaphore.release()), file=file)


def check(mp):
    semaphores = [mp.BoundedSemaphore(value=1) for _ in range(OBJECTS)]
    for semaphore in semaphores:
        semaphore.acquire(False)
    begin = time.monotonic() + 1
    with tempfile.TemporaryDirectory() as directory:
        processes = [
            mp.Process(target=release, args=(semaphores, begin, os.path.join(directory, "first")), daemon=True),
            mp.Process(target=release, args=(semaphores, begin, os.path.join(directory, "second")), daemon=True),
        ]
        end = begin + OBJECTS * PAUSE + 5
        for process in processes:
            process.start()
        for process in processes:
            process.join(max(0, end - time.monotonic()))
        for first, second in zip(open(os.path.join(directory, "first")), open(os.path.join(directory, "second"))):
            together = first.strip() == "returned None" and second.strip() == "returned None"
            assert not together, f"semaphore.release() {first.strip()}, semaphore.release() {second.strip()}"


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
