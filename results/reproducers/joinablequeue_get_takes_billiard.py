"""multiprocessing.Queue.get: get() removes and returns an object if the queue is not empty: the
oldest of those that one process has put.

Clause:   joinablequeue.get.takes
Manual:   https://docs.python.org/3/library/multiprocessing.html#multiprocessing.Queue.get
Observed: get(timeout=-1) raised queue.Empty()
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
from contextlib import suppress


def put_and_empty_and_get(queue):
    queue.put(1)
    while queue.empty():  # until the thread of the queue has written the object
        pass
    result = queue.get(timeout=-1)
    assert result == 1, f"queue.get(timeout=-1) returned {result!r}"


def check(mp):
    queue = mp.JoinableQueue(maxsize=2)
    process = mp.Process(target=put_and_empty_and_get, args=(queue,), daemon=True)
    process.start()
    process.join()
    assert process.exitcode == 0, "see what the other process raised"


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
