"""multiprocessing.pool.Pool.map: map() and starmap() return a result for each item of the iterable
even if its length says that there are more.

Clause:   pool.map.lying-length
Manual:   https://docs.python.org/3/library/multiprocessing.html#multiprocessing.pool.Pool.map
Observed: check() below does not come to an end: it waits forever
Seen on:  multiprocessing 3.13.0 on CPython 3.13.0, start method spawn

Usage: python reproducer.py [fork|spawn|forkserver]    (default: spawn)
Exit status: 1, the bug occurs; 0, it does not; 2, it does not apply here; 3, it could not be tried.
"""

import faulthandler
import glob
import multiprocessing
import os
import signal
import subprocess
import sys
import time
import traceback
from collections import deque
from contextlib import suppress


class Liar(list):
    """A list that claims to be longer than it is."""

    def __len__(self):
        return 4


def check(mp, method="map"):
    with mp.Pool(1) as workers:
        got = getattr(workers, method)(str, Liar(["a", "b", "c"]), 1)
        assert got == ["a", "b", "c"], got


def status_of(error):
    """Returns 1 for the bug, 2 for what is not there on this system, and 3 for any other error."""
    if isinstance(error, AssertionError):
        return 1
    return 2 if isinstance(error, (ImportError, NotImplementedError)) else 3


def activity(session):
    """What the threads of a session have used of the processors: the same again while all of them sleep."""
    found = []
    for path in glob.glob("/proc/[0-9]*/task/*/stat"):
        with suppress(OSError), open(path) as file:
            fields = file.read().rpartition(")")[2].split()
            if fields[3] == str(session):
                found.append((path, fields[11:13], fields[0] in "RD" and time.monotonic()))
    return found


def await_end(process):
    """The status of the check; 1 if it waits forever: its threads sleep for 10 seconds, not just for long."""
    before, busy = None, deque(maxlen=50)
    for _ in range(300):
        with suppress(subprocess.TimeoutExpired):
            return process.wait(timeout=0.2)
        now = activity(process.pid)
        busy.append(now != before)
        before = now
        if len(busy) == busy.maxlen and sum(busy) <= len(busy) // 10:  # a server may look at a flag each second
            print("check() has not returned, and nothing has happened for 10 seconds", file=sys.stderr)
            return 1
    print("check() is not over after 60 seconds, and still works", file=sys.stderr)
    return 3


def main(method="spawn", role="parent"):
    try:
        context = multiprocessing.get_context(method)
    except ValueError as error:
        print("does not apply here:", error, file=sys.stderr)
        sys.exit(2)
    if role == "check":
        faulthandler.dump_traceback_later(10)
        try:
            check(context)
        except BaseException as error:
            traceback.print_exc()
            os._exit(status_of(error))
        os._exit(0)  # without waiting for what the check leaves behind
    # The check has a session of its own, so that whatever hangs can be ended with its children.
    process = subprocess.Popen([sys.executable, __file__, method, "check"], start_new_session=True)
    try:
        sys.exit(await_end(process))
    finally:
        process.kill()
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)  # what it left; the resource tracker lives on and cleans up
        process.wait()


if __name__ == "__main__":
    main(*sys.argv[1:])
