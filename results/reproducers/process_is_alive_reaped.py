"""multiprocessing.Process.is_alive: Process.is_alive() returns False after join(), even if other
code has reaped the process: os.waitpid(), a handler of SIGCHLD, or the system because SIGCHLD is
ignored.

Clause:   process.is_alive.reaped
Manual:   https://docs.python.org/3/library/multiprocessing.html#multiprocessing.Process.is_alive
Observed: ask_about_reaped(mp, how, "is_alive") was True, expected False
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


def nothing():
    """A target that does nothing."""


def reap_all(signum, frame):
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def start_and_let_reap(mp, how):
    """Starts a process that ends at once, and is reaped by code that knows nothing of it; returns it once joined."""
    if how == "ignored":
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    elif how == "handled":
        signal.signal(signal.SIGCHLD, reap_all)
    p = mp.Process(target=nothing)
    p.start()
    if how == "waited for":
        try:
            os.waitpid(p.pid, 0)
        except ChildProcessError:
            pass  # a fork server reaps it
    p.join()
    return p


def report_reaped(mp, how, question, conn):
    p = start_and_let_reap(mp, how)
    try:
        conn.send({"is_alive": p.is_alive, "exitcode": lambda: p.exitcode, "close": p.close}[question]())
    except ValueError as error:
        conn.send(error)


def ask_about_reaped(mp, how, question):
    """Answers a question about a process that its creator has joined and other code of the creator has reaped."""
    receiver, sender = mp.Pipe(False)
    with receiver, sender, child(mp, report_reaped, mp, how, question, sender):
        return receiver.recv()


def check(mp, how="waited for"):
    got = ask_about_reaped(mp, how, "is_alive")
    assert got is False, got


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
