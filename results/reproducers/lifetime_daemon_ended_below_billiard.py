"""multiprocessing.Process.daemon: A child process terminates its own daemonic child processes when
it exits.

Clause:   lifetime.daemon.ended-below
Manual:   https://docs.python.org/3/library/multiprocessing.html#multiprocessing.Process.daemon
Observed: check() below does not come to an end: it waits forever
Seen on:  billiard and CPython 3.13.0, start method fork

Usage: python reproducer.py [fork|spawn|forkserver]    (default: fork)
Exit status: 1, the bug occurs; 0, it does not; any other, the script cannot tell.
"""

import billiard
import faulthandler
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


def heard(receiver):
    """All messages until the end of the pipe."""
    messages = []
    try:
        while True:
            messages.append(receiver.recv())
    except EOFError:
        return messages


def pause(sender):
    sender.send("ready")
    signal.pause()


def leave_a_daemon(mp, sender, held):
    mp.Process(target=pause, args=(sender,), daemon=True).start()
    held.recv()


def check(mp):
    receiver, sender = mp.Pipe(False)
    held, holder = mp.Pipe(False)
    with receiver, held, holder:
        with sender, child(mp, leave_a_daemon, mp, sender, held) as p:
            sender.close()
            got = receiver.recv()
            assert got == "ready", got
            holder.send("go")
        got = heard(receiver)
        assert got == [], got
    assert p.exitcode == 0, p.exitcode


def main(method="fork", role="parent"):
    if role == "check":
        faulthandler.dump_traceback_later(9)
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
        status = process.wait(timeout=10)
        sys.exit(status)
    except subprocess.TimeoutExpired:
        sys.exit("check() has not returned after 10 seconds")
    finally:
        process.kill()
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)  # what it left; the resource tracker lives on and cleans up
        process.wait()


if __name__ == "__main__":
    main(*sys.argv[1:])
