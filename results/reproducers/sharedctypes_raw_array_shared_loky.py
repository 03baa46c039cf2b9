"""multiprocessing.sharedctypes.RawArray: A raw array passed as an argument to a new process refers
to the same raw array in that process.

Clause:   sharedctypes.raw_array.shared
Manual:   https://docs.python.org/3/library/multiprocessing.html#multiprocessing.sharedctypes.RawArray
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


def fields(point):
    return point.x, point.y


def change_raw_arrays(items, points, chars):
    got = (items[:], len(points), chars.raw)
    assert got == ([1, 2, 3], 2, b"word"), got
    items[1], points[1].y, chars.value = 5, 2.5, b"new"


def check(mp):
    raw_array = sharedctypes.RawArray
    items, points, chars = raw_array("i", [1, 2, 3]), raw_array(Point, 2), raw_array(ctypes.c_char, b"word")
    with child(mp, change_raw_arrays, items, points, chars) as process:
        pass
    assert process.exitcode == 0, process.exitcode
    got = (items[:], chars.raw)
    assert got == ([1, 5, 3], b"new\0"), got
    got = [fields(point) for point in points]
    assert got == [(0.0, 0.0), (0.0, 2.5)], got


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
