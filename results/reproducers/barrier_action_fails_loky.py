"""multiprocessing.Barrier.wait: An action that raises an exception breaks the barrier: wait() fails
in every process, and so do later calls.

Clause:   barrier.action.fails
Manual:   https://docs.python.org/3/library/threading.html#threading.Barrier.wait
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
from threading import BrokenBarrierError


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


@contextmanager
def raises(expected):
    try:
        yield
    except expected:
        return
    raise AssertionError("%s was not raised" % expected.__name__)


def fail():
    raise LookupError("the action failed")


def fail_to_meet(meeting):
    """Waits, and demands that the wait fails: because of the action, or because the barrier is broken."""
    try:
        number = meeting.wait()
    except (LookupError, BrokenBarrierError):
        return
    raise AssertionError("wait() returned %r" % number)


def check(mp):
    meeting = mp.Barrier(2, action=fail)
    with child(mp, fail_to_meet, meeting) as other:
        fail_to_meet(meeting)
    assert other.exitcode == 0, other.exitcode
    assert meeting.broken is True, meeting.broken
    with raises(BrokenBarrierError):
        meeting.wait()


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
