"""multiprocessing.sharedctypes.RawValue: A raw object passed as an argument to a new process refers
to the same raw object in that process.

Clause:   sharedctypes.raw_value.shared
Manual:   https://docs.python.org/3/library/multiprocessing.html#multiprocessing.sharedctypes.RawValue
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


class Record(ctypes.Structure):
    _fields_ = [("flag", ctypes.c_bool), ("name", ctypes.c_char * 8), ("at", Point), ("counts", ctypes.c_int * 3)]


Pair, Chars = ctypes.c_short * 2, ctypes.c_char * 5


def fields(point):
    return point.x, point.y


def change_raw(number, point, record, pair):
    got = (number.value, fields(point), record.name, pair[:])
    assert got == (5, (1.5, 2.5), b"first", [1, 2]), got
    number.value, point.y, record.name, record.at.x, pair[1] = 6, 3.5, b"second", 4.5, 7


def check(mp):
    raw_value = sharedctypes.RawValue
    number, point, pair = raw_value("i", 5), raw_value(Point, 1.5, 2.5), raw_value(Pair, 1, 2)
    record = raw_value(Record, True, b"first")
    with child(mp, change_raw, number, point, record, pair) as process:
        pass
    assert process.exitcode == 0, process.exitcode
    got = (number.value, fields(point), pair[:])
    assert got == (6, (1.5, 3.5), [1, 7]), got
    got = (record.flag, record.name, fields(record.at))
    assert got == (True, b"second", (4.5, 0.0)), got


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
