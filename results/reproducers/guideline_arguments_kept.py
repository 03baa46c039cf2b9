"""multiprocessing (all start methods): An argument of a child process is not garbage collected in
the parent while the child is alive.

Clause:   guideline.arguments.kept
Manual:   https://docs.python.org/3/library/multiprocessing.html#all-start-methods
Observed: freed() is not None is not so: both are None
Seen on:  CPython 3.15.2, start method fork

Usage: python reproducer.py [fork|spawn|forkserver]    (default: fork)
Exit status: 1, the bug occurs; 0, it does not; any other, the script cannot tell.
"""

import gc
import multiprocessing
import os
import signal
import subprocess
import sys
import traceback
import weakref
from contextlib import suppress


class Resource:
    """Something that is freed when it is garbage collected."""


def wait_for_go(conn, resource):
    conn.recv()


def check(mp):
    receiver, sender = mp.Pipe(False)
    resource = Resource()
    freed = weakref.ref(resource)
    process = mp.Process(target=wait_for_go, args=(receiver, resource))
    del resource
    process.start()
    try:
        for _ in range(3):  # where there are no reference counts
            gc.collect()
        got = freed()
        assert got is not None, got
    finally:
        sender.send("go")
        process.join()


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
