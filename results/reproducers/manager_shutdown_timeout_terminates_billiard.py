"""multiprocessing.managers.BaseManager: shutdown() terminates a process that has not ended once
shutdown_timeout seconds have elapsed, and no earlier.

Clause:   manager.shutdown_timeout.terminates
Manual:   https://docs.python.org/3/library/multiprocessing.html#multiprocessing.managers.BaseManager
Observed: raised TypeError("BaseManager.__init__() got an unexpected keyword argument 'shutdown_timeout'")
Seen on:  billiard and CPython 3.13.0, start method fork

Usage: python reproducer.py [fork|spawn|forkserver]    (default: fork)
Exit status: 1, the bug occurs; 0, it does not; 2, it does not apply here; 3, it could not be tried.
"""

import copyreg
import os
import signal
import subprocess
import sys
import threading
import time
import traceback
from contextlib import contextmanager, suppress
from functools import lru_cache

try:
    import billiard
    from billiard import managers
except ImportError as error:
    print(error, file=sys.stderr)
    sys.exit(2)


def kill(pid):
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


class Remade(type):
    """The type of classes with a base of the implementation under test: another interpreter makes them again."""


copyreg.pickle(Remade, lambda cls: (cls.maker, cls.made_of))


@lru_cache(maxsize=None)
def customized(base, base_proxy):
    """A manager class with types of its own."""

    class Customized(base, metaclass=Remade):
        maker, made_of = customized, (base, base_proxy)

    return Customized


def own(mp, base="BaseManager", **given):
    """A customized manager that is not started."""
    return customized(getattr(managers, base), managers.BaseProxy)(ctx=mp, **given)


def newcomer(mp, before):
    """The process of a manager that was made meanwhile; its main thread looks at a flag from time to time."""
    (server,) = [process for process in mp.active_children() if process not in before]
    return server


def end(server):
    """Ends the process of a manager, if it is there."""
    if server.is_alive():
        kill(server.pid)
        server.join()


@contextmanager
def started(mp, made, *args):
    """Starts a manager for a block, which gets its process and does not leave it behind."""
    before = mp.active_children()
    made.start(*args)
    server = newcomer(mp, before)
    try:
        yield server
    finally:
        end(server)


def go_on(ignore):
    """Keeps the process from ending by itself, and from being terminated if asked to."""
    threading.Thread(target=threading.Event().wait).start()
    if ignore:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)


def check(mp):
    made = own(mp, shutdown_timeout=1.05)  # longer than the default
    with started(mp, made, go_on, (False,)) as server:
        began = time.monotonic()
        made.shutdown()
        got = time.monotonic() - began
        assert got >= 1.049, got
        assert server.exitcode == -signal.SIGTERM, server.exitcode


def status_of(error):
    """Returns 1 for the bug, 2 for what is not there on this system, and 3 for any other error."""
    if error.__class__.__name__ == "TypeError":
        return 1
    if isinstance(error, AssertionError):
        return 1
    return 2 if isinstance(error, (ImportError, NotImplementedError)) else 3


def main(method="fork", role="parent"):
    if sys.version_info < (3, 11):
        print("does not apply here: it is promised from Python 3.11 on", file=sys.stderr)
        sys.exit(2)
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
