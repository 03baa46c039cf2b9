"""multiprocessing.sharedctypes.RawArray: A raw array whose items are arrays is shared between
processes like any other.

Clause:   sharedctypes.raw_array.nested
Manual:   https://docs.python.org/3/library/multiprocessing.html#multiprocessing.sharedctypes.RawArray
Observed: raised pickle.PicklingError("Can't pickle <class '__main__.c_short_Array_2'>: it's not found as __main__.c_short_Array_2")
Seen on:  CPython 3.15.2, start method spawn

Usage: python reproducer.py [fork|spawn|forkserver]    (default: spawn)
Exit status: 1, the bug occurs; 0, it does not; 2, it does not apply here; 3, it could not be tried.
"""

import ctypes
import multiprocessing
import os
import signal
import subprocess
import sys
import traceback
from contextlib import contextmanager, suppress
from multiprocessing import sharedctypes


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


Pair, Chars = ctypes.c_short * 2, ctypes.c_char * 5


def change_raw_pair(pairs):
    pairs[1][0] = 7


def check(mp):
    pairs = sharedctypes.RawArray(Pair, 3)
    with child(mp, change_raw_pair, pairs):
        pass
    got = [pair[:] for pair in pairs]
    assert got == [[0, 0], [7, 0], [0, 0]], got


def status_of(error):
    """Returns 1 for the bug, 2 for what is not there on this system, and 3 for any other error."""
    if error.__class__.__name__ == "PicklingError":
        return 1
    if isinstance(error, AssertionError):
        return 1
    return 2 if isinstance(error, (ImportError, NotImplementedError)) else 3


def main(method="spawn", role="parent"):
    try:
        context = multiprocessing.get_context(method)
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
