"""multiprocessing.Process.exitcode: Process.exitcode is -N if signal N terminates the process.

Clause:   process.exitcode.signal
Manual:   https://docs.python.org/3/library/multiprocessing.html#multiprocessing.Process.exitcode
Observed: (p.exitcode, p.exitcode) was (255, 255), expected (-15, -15)
Seen on:  billiard and CPython 3.13.0, start method forkserver

Usage: python reproducer.py [fork|spawn|forkserver]    (default: forkserver)
Exit status: 1, the bug occurs; 0, it does not; any other, the script cannot tell.
"""

import billiard
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
        with suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGKILL)  # whatever is wrong with process.kill()
        raise
    finally:
        process.join()


def wait_for_word(conn):
    return conn.recv()


def check(mp, signum="SIGTERM"):
    receiver, sender = mp.Pipe(False)
    with receiver, sender, child(mp, wait_for_word, receiver) as p:
        os.kill(p.pid, getattr(signal, signum))
        p.join()
        got = (p.exitcode, p.exitcode)
        assert got == (-getattr(signal, signum),) * 2, got


def main(method="forkserver", role="parent"):
    if role == "check":
        try:
            check(billiard.get_context(method))
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)  # without waiting for what the check leaves behind
    try:
        billiard.get_context(method)
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
