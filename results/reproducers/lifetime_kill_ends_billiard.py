"""multiprocessing.Process.kill: Process.kill() ends a process that ignores SIGTERM, SIGINT and
SIGHUP, and its exitcode is then -SIGKILL.

Clause:   lifetime.kill.ends
Manual:   https://docs.python.org/3/library/multiprocessing.html#multiprocessing.Process.kill
Observed: raised AttributeError("'ForkProcess' object has no attribute 'kill'")
Seen on:  billiard and CPython 3.13.0, start method fork

Usage: python reproducer.py [fork|spawn|forkserver]    (default: fork)
Exit status: 1, the bug occurs; 0, it does not; any other, the script cannot tell.
"""

import atexit
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


def heard(receiver):
    """All messages until the end of the pipe."""
    messages = []
    try:
        while True:
            messages.append(receiver.recv())
    except EOFError:
        return messages


def end_tidily(receiver, sender, ignored):
    """Waits, and tells of every kind of tidying up at the end."""
    for name in ignored:
        signal.signal(getattr(signal, name), signal.SIG_IGN)
    atexit.register(sender.send, "exit handler")
    try:
        sender.send("ready")
        receiver.recv()
    finally:
        sender.send("finally")


def words_of_the_ended(mp, end, *ignored):
    """What a process says that ``end`` ends while it waits, and its exit code."""
    receiver, sender = mp.Pipe(False)
    held, holder = mp.Pipe(False)
    with receiver, held, holder:
        with sender, child(mp, end_tidily, held, sender, ignored) as p:
            sender.close()
            got = receiver.recv()
            assert got == "ready", got
            assert p.exitcode is None, p.exitcode
            end(p)
            p.join()
        return heard(receiver), p.exitcode


def check(mp):
    _, exitcode = words_of_the_ended(mp, lambda p: p.kill(), "SIGTERM", "SIGINT", "SIGHUP")
    assert exitcode == -signal.SIGKILL, exitcode


def main(method="fork", role="parent"):
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
