"""multiprocessing.sharedctypes.synchronized: A synchronized wrapper passed as an argument to a new
process refers to the same lock and the same object in that process.

Clause:   sharedctypes.synchronized.shared
Manual:   https://docs.python.org/3/library/multiprocessing.html#multiprocessing.sharedctypes.synchronized
Observed: raised TypeError("cannot pickle 'mmap.mmap' object")
Seen on:  loky and CPython 3.13.0, start method loky

Usage: python reproducer.py [loky|loky_init_main]    (default: loky)
Exit status: 1, the bug occurs; 0, it does not; 2, it does not apply here; 3, it could not be tried.
"""

import ctypes
import os
import signal
import subprocess
import sys
import traceback
from contextlib import contextmanager, suppress
from multiprocessing import sharedctypes

try:
    import loky.backend
except ImportError as error:
    print(error, file=sys.stderr)
    sys.exit(2)


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


class Point(ctypes.Structure):
    _fields_ = [("x", ctypes.c_double), ("y", ctypes.c_double)]


Pair, Chars = ctypes.c_short * 2, ctypes.c_char * 5


def fields(point):
    return point.x, point.y


RAW = (ctypes.c_int, 5), (Pair, 1, 2), (Point, 3.5, 4.5), (Chars, *b"chars")  # of the four kinds of wrappers


def find_locked(*wrappers):
    got = [w.get_lock().acquire(False) for w in wrappers]
    assert got == [False] * len(wrappers), got
    number, pair, point, chars = (w.get_obj() for w in wrappers)
    got = (number.value, pair[:], fields(point), chars.raw)
    assert got == (5, [1, 2], (3.5, 4.5), b"chars"), got
    number.value, pair[1], point.y, chars.value = 6, 7, 8.5, b"new"


def check(mp):
    made = sharedctypes
    number, pair, point, chars = wrappers = [made.synchronized(made.RawValue(*args), ctx=mp) for args in RAW]
    with number, pair, point, chars, child(mp, find_locked, *wrappers) as process:
        pass
    assert process.exitcode == 0, process.exitcode
    got = (number.value, pair[:], fields(point), chars.raw)
    assert got == (6, [1, 7], (3.5, 8.5), b"new\0s"), got


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
