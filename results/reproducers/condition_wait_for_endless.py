"""multiprocessing.Condition: wait_for() waits until the predicate is true if timeout is as long as
three centuries, or infinite.

Clause:   condition.wait_for.endless
Manual:   https://docs.python.org/3/library/multiprocessing.html#multiprocessing.Condition
Observed: wait_elsewhere(mp, change, wait_for_flag, changed, flag, timeout) was OSError(22, 'Invalid argument'), expected True
Seen on:  multiprocessing 3.13.0 on CPython 3.13.0, start method fork

Usage: python reproducer.py [fork|spawn|forkserver]    (default: fork)
Exit status: 1, the bug occurs; 0, it does not; 2, it does not apply here; 3, it could not be tried.
"""

import multiprocessing
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


ENDLESS = (1e10, float("inf"))  # seconds: three centuries, and infinity
HEAD_START = 0.2  # seconds for a process that is ready to begin to wait; one that is slower shows less


def report(conn, function, args):
    conn.send("ready")
    try:
        conn.send(function(*args))
    except Exception as error:
        conn.send(error)


def wait_elsewhere(mp, end, function, *args):
    """Calls the function in another process, calls end() once it may be waiting, and returns what it returns."""
    receiver, sender = mp.Pipe(False)
    with receiver, sender, child(mp, report, sender, function, args):
        got = receiver.recv()
        assert got == "ready", got
        if not receiver.poll(HEAD_START):
            end()
        return receiver.recv()


def wait_for_flag(changed, flag, timeout):
    with changed:
        return changed.wait_for(flag.is_set, timeout)


def check(mp):
    for timeout in ENDLESS:
        changed, flag = mp.Condition(), mp.Event()

        def change(changed=changed, flag=flag):
            with changed:
                flag.set()
                changed.notify_all()

        got = wait_elsewhere(mp, change, wait_for_flag, changed, flag, timeout)
        assert got is True, got


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
