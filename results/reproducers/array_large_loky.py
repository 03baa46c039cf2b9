"""multiprocessing.Array: A shared array of any size is shared from its first item to its last, and
does not overlap in memory with other arrays.

Clause:   array.large
Manual:   https://docs.python.org/3/library/multiprocessing.html#multiprocessing.Array
Observed: raised TypeError("cannot pickle 'mmap.mmap' object")
Seen on:  loky and CPython 3.13.0, start method loky

Usage: python reproducer.py [loky|loky_init_main]    (default: loky)
Exit status: 1, the bug occurs; 0, it does not; any other, the script cannot tell.
"""

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


def store_at(a, *indexes):
    for index in indexes:
        a[index] = index % 100


def check(mp, size=5000):
    before, a, after = (mp.Array("b", b"\x7f" * 9), mp.Array("b", size), mp.Array("b", b"\x7f" * 9))
    with child(mp, store_at, a, 0, 1, size // 2, size - 1):
        pass
    got = [a[0], a[1], a[size // 2], a[size - 1]]
    assert got == [0, 1, size // 2 % 100, 99], got
    assert before[:] == after[:] == [127] * 9


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
