"""multiprocessing.dummy: Process() accepts daemon as an argument, which sets the attribute of the
same name.

Clause:   dummy.process.daemon-argument
Manual:   https://docs.python.org/3/library/multiprocessing.html#module-multiprocessing.dummy
Observed: raised TypeError("DummyProcess.__init__() got an unexpected keyword argument 'daemon'")
Seen on:  CPython 3.15.2, start method fork

Usage: python reproducer.py [fork|spawn|forkserver]    (default: fork)
Exit status: 1, the bug occurs; 0, it does not; any other, the script cannot tell.
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
