"""multiprocessing.managers.BaseManager.shutdown: shutdown() does not terminate a process that stops
within shutdown_timeout seconds: its exit code is 0.

Clause:   manager.shutdown.orderly
Manual:   https://docs.python.org/3/library/multiprocessing.html#multiprocessing.managers.BaseManager.shutdown
Observed: raised TypeError("BaseManager.__init__() got an unexpected keyword argument 'shutdown_timeout'")
Seen on:  billiard and CPython 3.13.0, start method fork

Usage: python reproducer.py [fork|spawn|forkserver]    (default: fork)
Exit status: 1, the bug occurs; 0, it does not; any other, the script cannot tell.
"""

import billiard
import copyreg
import os
import signal
import subprocess
import sys
import traceback
from billiard import managers
from contextlib import contextmanager, suppress
from functools import lru_cache


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


def check(mp):
    made = own(mp, shutdown_timeout=3600.0)
    with started(mp, made) as server:
        made.shutdown()
        assert server.exitcode == 0, server.exitcode


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
