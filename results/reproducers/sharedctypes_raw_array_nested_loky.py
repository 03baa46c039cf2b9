"""multiprocessing.sharedctypes.RawArray: A raw array whose items are arrays is shared between
processes like any other.

Clause:   sharedctypes.raw_array.nested
Manual:   https://docs.python.org/3/library/multiprocessing.html#multiprocessing.sharedctypes.RawArray
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


Pair, Chars = ctypes.c_short * 2, ctypes.c_char * 5


def change_raw_pair(pairs):
    pairs[1][0] = 7


def check(mp):
    pairs = sharedctypes.RawArray(Pair, 3)
    with child(mp, change_raw_pair, pairs):
        pass
    got = [pair[:] for pair in pairs]
    assert got == [[0, 0], [7, 0], [0, 0]], got


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
