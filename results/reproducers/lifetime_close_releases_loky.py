"""multiprocessing.Process.close: Process.close() releases all resources that the Process object
holds, and leaves no file descriptor open.

Clause:   lifetime.close.releases
Manual:   https://docs.python.org/3/library/multiprocessing.html#multiprocessing.Process.close
Observed: raised AttributeError("'Popen' object has no attribute 'close'")
Seen on:  loky and CPython 3.13.0, start method loky

Usage: python reproducer.py [loky|loky_init_main]    (default: loky)
Exit status: 1, the bug occurs; 0, it does not; any other, the script cannot tell.
"""

import gc
import loky.backend
import os
import signal
import subprocess
import sys
import traceback
from contextlib import contextmanager, suppress


@contextmanager
def child(mp, target, *args):
    process = mp.Process(target=target, args=args)
    process.start()
    try:
        yield process
    except BaseException:
        process.kill()
        raise
    finally:
        process.join()


def nothing():
    """What a process does that is only to end."""


def descriptors():
    """How many descriptors this process has open."""
    return len(os.listdir("/dev/fd"))


def check(mp):
    closed, counts = [], []
    for _ in range(2):  # a tracker of resources, or a fork server, may start with the first, and stay
        with child(mp, nothing) as p:
            pass
        p.close()
        closed.append(p)
        gc.collect()
        counts.append(descriptors())
    got = max(counts)
    assert got == counts[0], (got, counts[0])


def main(method="loky", role="parent"):
    if role == "check":
        try:
            check(loky.backend.get_context(method))
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)  # without waiting for what the check leaves behind
    try:
        loky.backend.get_context(method)
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
