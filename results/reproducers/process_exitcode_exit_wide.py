"""multiprocessing.Process.exitcode: A process that calls sys.exit(N) ends, and never returns from
start(), even if the operating system has no exit status N.

Clause:   process.exitcode.exit-wide
Manual:   https://docs.python.org/3/library/multiprocessing.html#multiprocessing.Process.exitcode
Observed: p.exitcode not in (None, 99)
Seen on:  multiprocessing 3.13.0 on CPython 3.13.0, start method fork

Usage: python reproducer.py [fork|spawn|forkserver]    (default: fork)
Exit status: 1, the bug occurs; 0, it does not; 2, it does not apply here; 3, it could not be tried.
"""

import multiprocessing
import os
import reprlib
import signal
import subprocess
import sys
import traceback
from contextlib import suppress


def check(mp, status=1099511627776):
    creator, p = os.getpid(), mp.Process(target=sys.exit, args=(status,))
    try:
        p.start()
    finally:
        if os.getpid() != creator:
            os._exit(99)
    p.join()
    got = p.is_alive()
    assert got is False, reprlib.repr(got)
    assert p.exitcode not in (None, 99), reprlib.repr(p.exitcode)


def status_of(error):
    """Returns 1 for the bug, 2 for what is not there on this system, and 3 for any other error."""
    if isinstance(error, AssertionError):
        return 1
    return 2 if isinstance(error, (ImportError, NotImplementedError)) else 3


def main(method="fork", role="parent"):
    try:
        context = multiprocessing.get_context(method)
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
