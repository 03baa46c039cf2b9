"""multiprocessing.Process.interrupt: Process.interrupt() sends SIGINT, which the process may
handle.

Clause:   lifetime.interrupt.signal
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


def handle(name, status, receiver, sender):
    """Waits with a handler that ends the process; a signal reaches the handler before the loop is over."""
    signal.signal(getattr(signal, name), lambda signum, frame: sys.exit(status))
    sender.send("ready")
    receiver.recv()
    for _ in range(1000):
        pass


def exitcode_of_a_handler(mp, name, end):
    """The exit code of a process whose handler of the signal exits with 42; 0 if the handler is not called.

    The message follows the signal: without it, a signal that arrives just before the process
    begins to wait would be handled only after the wait.
    """
    held, holder = mp.Pipe(False)
    receiver, sender = mp.Pipe(False)
    with held, holder, receiver, sender, child(mp, handle, name, 42, held, sender) as p:
        got = receiver.recv()
        assert got == "ready", got
        end(p)
        holder.send("go")
        p.join()
        return p.exitcode


def check(mp):
    got = exitcode_of_a_handler(mp, "SIGINT", lambda p: p.interrupt())
    assert got == 42, got


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
