"""multiprocessing (sharing state between processes): What a child process writes to a Value or an
Array passed to it as an argument is visible to its parent.

Clause:   context.introduction.shared-state
Manual:   https://docs.python.org/3/library/multiprocessing.html#sharing-state-between-processes
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


def change_examples(n, a):
    n.value = 3.1415927
    for i in range(len(a)):
        a[i] = -a[i]


def check(mp):
    number, array = mp.Value("d", 0.0), mp.Array("i", range(10))
    with child(mp, change_examples, number, array):
        pass
    assert number.value == 3.1415927, number.value
    assert array[:] == [0, -1, -2, -3, -4, -5, -6, -7, -8, -9], array[:]


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
