"""By forkserver, processes that several threads start and join at once have the exit codes that
they ended with.

That is what the documentation promises:
https://docs.python.org/3/library/multiprocessing.html#multiprocessing.Process.exitcode

With billiard and CPython 3.13.0 and the start method forkserver, instead:

    [(status, found) for status, found in sorted(exitcodes) if found != status] == [] is not so: both are [(44, 255), (67, 255)]

Usage: python reproducer.py [fork|spawn|forkserver]    (default: forkserver)
It exits with 1 if the bug shows, with 0 if it does not.
"""

import billiard
import os
import signal
import subprocess
import sys
import threading
import traceback
from contextlib import suppress


def count_up(ctx, first, exitcodes):
    """Starts processes one after the other; each ends with a status of its own."""
    for status in range(first, first + 8):
        process = ctx.Process(target=sys.exit, args=(status,))
        process.start()
        process.join()
        exitcodes.append((status, process.exitcode))


def check(mp):
    ctx, exitcodes = mp.get_context("forkserver"), []
    threads = [threading.Thread(target=count_up, args=(ctx, first, exitcodes)) for first in (1, 21, 41, 61)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    got = [(status, found) for status, found in sorted(exitcodes) if found != status]
    assert got == [], got


def main(method="forkserver", role="parent"):
    if role == "check":
        try:
            check(billiard.get_context(method))
        except BaseException:
            traceback.print_exc()
            os._exit(1)  # without waiting for what the check leaves behind
        return
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
