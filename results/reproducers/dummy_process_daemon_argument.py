"""Process() takes the daemon flag as an argument, too.

That is what the documentation promises:
https://docs.python.org/3/library/multiprocessing.html#module-multiprocessing.dummy

With CPython 3.15.2 and the start method fork, instead:

    raised builtins.TypeError("DummyProcess.__init__() got an unexpected keyword argument 'daemon'")

Usage: python reproducer.py [fork|spawn|forkserver]    (default: fork)
It exits with 1 if the bug shows, with 0 if it does not.
"""

import multiprocessing
import os
import signal
import subprocess
import sys
import traceback
from contextlib import suppress
from multiprocessing import dummy


def check(mp):
    got = dummy.Process(daemon=True).daemon
    assert got is True, got


def main(method="fork", role="parent"):
    if role == "check":
        try:
            check(multiprocessing.get_context(method))
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)  # without waiting for what the check leaves behind
    try:
        multiprocessing.get_context(method)
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
