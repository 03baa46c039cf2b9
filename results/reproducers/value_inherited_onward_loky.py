"""multiprocessing (shared ctypes objects): A shared object received as an argument can be passed on
to a new process, and refers to the same object in that process.

Clause:   value.inherited.onward
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


def store(v, a):
    with v.get_lock():
        v.value += 1
        a[:] = [v.value] * len(a)


def pass_on(process_class, *objects):
    store(*objects)
    process = process_class(target=store, args=objects)
    process.start()
    process.join()


def check(mp):
    v, a = mp.Value("i", 5), mp.Array("i", 2, lock=False)
    with child(mp, pass_on, mp.Process, v, a):
        pass
    got = (v.value, a[:])
    assert got == (7, [7, 7]), got


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
