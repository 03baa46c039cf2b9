"""multiprocessing.Process.interrupt: Process.interrupt() raises KeyboardInterrupt in the process,
which runs its finally clauses and ends with exit code 1 if the exception propagates.

Clause:   lifetime.interrupt.raises
Manual:   https://docs.python.org/3/library/multiprocessing.html#multiprocessing.Process.interrupt
Observed: raised AttributeError("'Popen' object has no attribute 'interrupt'")
Seen on:  loky 3.7.0 on CPython 3.15.2, start method loky

Usage: python reproducer.py [loky|loky_init_main]    (default: loky)
Exit status: 1, the bug occurs; 0, it does not; 2, it does not apply here; 3, it could not be tried.
"""

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
    """All messages up to the end of the pipe."""
    messages = []
    try:
        while True:
            messages.append(receiver.recv())
    except EOFError:
        return messages


def be_interrupted(ignored, receiver, sender, reaction):
    """Waits, and reports its reaction to the KeyboardInterrupt that comes before the loop is over."""
    if ignored:  # by the shell that started all of this in the background
        signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        sender.send("ready")
        receiver.recv()
        for _ in range(1000):
            pass
    except KeyboardInterrupt:
        sender.send("interrupted")
        if reaction == "exit":
            sys.exit(42)
        if reaction == "raise":
            raise
    finally:
        sender.send("finally")


def interrupted(mp, reaction):
    """The messages of a process that is interrupted while it waits, and its exit code."""
    held, holder = mp.Pipe(False)
    receiver, sender = mp.Pipe(False)
    ignored = signal.getsignal(signal.SIGINT) == signal.SIG_IGN
    with held, holder, receiver:
        with sender, child(mp, be_interrupted, ignored, held, sender, reaction) as p:
            sender.close()
            got = receiver.recv()
            assert got == "ready", got
            p.interrupt()
            holder.send("go")  # for the reason given above
            p.join()
        return heard(receiver), p.exitcode


def check(mp):
    got = interrupted(mp, "raise")
    assert got == (["interrupted", "finally"], 1), got


def status_of(error):
    """Returns 1 for the bug, 2 for what is not there on this system, and 3 for any other error."""
    if error.__class__.__name__ == "AttributeError":
        return 1
    if isinstance(error, AssertionError):
        return 1
    return 2 if isinstance(error, (ImportError, NotImplementedError)) else 3


def main(method="loky", role="parent"):
    if sys.version_info < (3, 14):
        print("does not apply here: it is promised from Python 3.14 on", file=sys.stderr)
        sys.exit(2)
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
