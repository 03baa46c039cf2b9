"""A copy of an object that is not shared is shared: a process to which it is passed has the same
copy.

That is what the documentation promises:
https://docs.python.org/3/library/multiprocessing.html#multiprocessing.sharedctypes.copy

With loky and CPython 3.13.0 and the start method loky, instead:

    raised builtins.TypeError("cannot pickle 'mmap.mmap' object")

Usage: python reproducer.py [loky|loky_init_main]    (default: loky)
It exits with 1 if the bug shows, with 0 if it does not.
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


def fields(point):
    return point.x, point.y


def change_copies(point, number):
    got = (fields(point), number.value)
    assert got == ((1.5, 2.5), 5), got
    point.x, number.value = 3.5, 6


def check(mp):
    made = sharedctypes
    point, number = Point(1.5, 2.5), ctypes.c_int(5)
    copied, copied_number = made.copy(point), made.copy(number)
    with child(mp, change_copies, copied, copied_number) as process:
        pass
    got = (process.exitcode, fields(copied), copied_number.value)
    assert got == (0, (3.5, 2.5), 6), got
    got = (fields(point), number.value)
    assert got == ((1.5, 2.5), 5), got


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
