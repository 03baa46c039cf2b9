"""multiprocessing.Array: Array() creates a separate lock for each array, which works across
processes, if lock is true, which is the default.

Clause:   array.lock.new
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
from concurrent.futures import ThreadPoolExecutor
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


def is_free(lock):
    """Whether somebody else, a thread of its own, can have the lock at this instant."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: lock.acquire(False) and lock.release() is None).result()


def hold(a, told, more):
    with a.get_lock():
        told.send("held")
        more.recv()


def check(mp):
    first, second = mp.Array("i", 1), mp.Array("i", 1, lock=True)
    reports, told = mp.Pipe(False)
    orders, more = mp.Pipe(False)
    with child(mp, hold, first, told, orders):
        got = reports.recv()
        assert got == "held", got
        got = [is_free(a.get_lock()) for a in (first, second)]
        assert got == [False, True], got
        more.send("go on")
    assert is_free(first.get_lock())


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
