"""The exit code of a process whose target has raised is 1.

That is what the documentation promises:
https://docs.python.org/3/library/multiprocessing.html#module-multiprocessing.dummy

With CPython 3.15.2 and the start method forkserver, instead:

    ended.exitcode is 0, not 1

Usage: python reproducer.py [fork|spawn|forkserver]    (default: forkserver)
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


def run(mpd, target, *args):
    """Runs a process of the module from its start to its end, and returns it."""
    process = mpd.Process(target=target, args=args)
    process.start()
    process.join()
    return process


def check(mp):
    ended = run(dummy, lambda: sys.exit("told to nobody"))
    assert ended.exitcode == 1, ended.exitcode


def main(method="forkserver", role="parent"):
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
