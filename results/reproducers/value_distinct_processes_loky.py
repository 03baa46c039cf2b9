"""multiprocessing (shared ctypes objects): An object that a process creates does not overlap in
memory with any that another process has or creates meanwhile.

Clause:   value.distinct.processes
Manual:   https://docs.python.org/3/library/multiprocessing.html#shared-ctypes-objects
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


def make_and_keep(make, inherited, told, more):
    mine = [make("i", 77, lock=False) for _ in range(20)]
    told.send("made")
    more.recv()
    got = [v.value for v in inherited + mine]
    assert got == [5] * 20 + [77] * 20, got


def check(mp):
    inherited = [mp.Value("i", 5, lock=False) for _ in range(20)]
    reports, told = mp.Pipe(False)
    orders, more = mp.Pipe(False)
    with child(mp, make_and_keep, mp.Value, inherited, told, orders) as process:
        got = reports.recv()
        assert got == "made", got
        mine = [mp.Value("i", -1, lock=False) for _ in range(20)]
        more.send("go on")
    assert process.exitcode == 0, process.exitcode
    got = [v.value for v in inherited + mine]
    assert got == [5] * 20 + [-1] * 20, got


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
