"""multiprocessing.Process.daemon: Process.start() raises an exception in a daemonic process,
whether the new process would be daemonic or not.

Clause:   lifetime.daemon.childless
Manual:   https://docs.python.org/3/library/multiprocessing.html#multiprocessing.Process.daemon
Observed: heard(receiver) was ['started'], expected ['refused']
Seen on:  billiard and CPython 3.13.0, start method fork

Usage: python reproducer.py [fork|spawn|forkserver]    (default: fork)
Exit status: 1, the bug occurs; 0, it does not; 2, it does not apply here; 3, it could not be tried.
"""

import os
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


def heard(receiver):
    """All messages until the end of the pipe."""
    messages = []
    try:
        while True:
            messages.append(receiver.recv())
    except EOFError:
        return messages


def say(conn, word):
    conn.send(word)


def try_to_start(mp, conn, options):
    p = mp.Process(target=say, args=(conn, "started"), **options)
    try:
        p.start()
    except Exception:
        conn.send("refused")
    else:
        p.join()


def check(mp, explicit=False):
    receiver, sender = mp.Pipe(False)
    options = {"daemon": False} if explicit else {}
    with receiver:
        with sender, started(mp.Process(target=try_to_start, args=(mp, sender, options), daemon=True)):
            pass
        got = heard(receiver)
        assert got == ["refused"], got


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
