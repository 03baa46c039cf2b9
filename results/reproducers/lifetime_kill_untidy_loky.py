"""multiprocessing.Process.kill: A process ended by Process.kill() runs neither its finally clauses
nor its exit handlers.

Clause:   lifetime.kill.untidy
Manual:   https://docs.python.org/3/library/multiprocessing.html#multiprocessing.Process.kill
Observed: raised AttributeError("'Popen' object has no attribute 'kill'")
Seen on:  loky and CPython 3.13.0, start method loky

Usage: python reproducer.py [loky|loky_init_main]    (default: loky)
Exit status: 1, the bug occurs; 0, it does not; 2, it does not apply here; 3, it could not be tried.
"""

import atexit
import os
import signal
import subprocess
import sys
import traceback
from contextlib import contextmanager, suppress

try:
    import loky.backend
except ImportError as error:
    print(error, file=sys.stderr)
    sys.exit(2)


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
    words, _ = words_of_the_ended(mp, lambda p: p.kill())
    assert words == [], words


def status_of(error):
    """Returns 1 for the bug, 2 for what is not there on this system, and 3 for any other error."""
    if error.__class__.__name__ == "AttributeError":
        return 1
    if isinstance(error, AssertionError):
        return 1
    return 2 if isinstance(error, (ImportError, NotImplementedError)) else 3


def main(method="loky", role="parent"):
    try:
        context = loky.backend.get_context(method)
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
