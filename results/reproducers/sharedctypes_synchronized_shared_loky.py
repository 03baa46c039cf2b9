"""multiprocessing.sharedctypes.synchronized: A synchronized wrapper passed as an argument to a new
process refers to the same lock and the same object in that process.

Clause:   sharedctypes.synchronized.shared
Manual:   https://docs.python.org/3/library/multiprocessing.html#multiprocessing.sharedctypes.synchronized
Observed: raised TypeError("cannot pickle 'mmap.mmap' object")
Seen on:  loky and CPython 3.13.0, start method loky

Usage: python reproducer.py [loky|loky_init_main]    (default: loky)
Exit status: 1, the bug occurs; 0, it does not; any other, the script cannot tell.
"""

import ctypes
import loky.backend
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
