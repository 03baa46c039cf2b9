"""multiprocessing.Process: repr() shows a process as initial, then as started, and finally as
stopped with its exit code, where a signal appears by name, as in -SIGTERM.

Clause:   process.repr
Manual:   https://docs.python.org/3/library/multiprocessing.html#multiprocessing.Process
Observed: <ForkProcess(ForkProcess-1, initial)>
Seen on:  billiard and CPython 3.13.0, start method fork

Usage: python reproducer.py [fork|spawn|forkserver]    (default: fork)
Exit status: 1, the bug occurs; 0, it does not; 2, it does not apply here; 3, it could not be tried.
"""

import os
import re
import signal
import subprocess
import sys
import traceback
from contextlib import contextmanager, suppress

try:
    import billiard
except ImportError as error:
    print(error, file=sys.stderr)
    sys.exit(2)


def kill(pid):
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


@contextmanager
def started(process):
    """As ``child()`` does, for a process that was made otherwise."""
    process.start()
    try:
        yield process
    except BaseException:
        kill(process.pid)
        process.join()
        raise
    process.join()


def wait_for_word(conn):
    return conn.recv()


def check(mp):
    receiver, sender = mp.Pipe(False)
    p = mp.Process(target=wait_for_word, args=(receiver,))
    assert re.fullmatch(r"<.*Process .*initial>", repr(p)), repr(p)
    with receiver, sender, started(p):
        assert re.fullmatch(r"<.*Process .*started>", repr(p)), repr(p)
        p.terminate()
        p.join()
        assert re.fullmatch(r"<.*Process .*stopped exitcode=-SIGTERM>", repr(p)), repr(p)


def status_of(error):
    """Returns 1 for the bug, 2 for what is not there on this system, and 3 for any other error."""
    if isinstance(error, AssertionError):
        return 1
    return 2 if isinstance(error, (ImportError, NotImplementedError)) else 3


def main(method="fork", role="parent"):
    try:
        context = billiard.get_context(method)
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
