"""multiprocessing (proxy objects): Objects can be nested even if their manager has an authkey of
its own.

Clause:   proxy.nested.own-key
Manual:   https://docs.python.org/3/library/multiprocessing.html#proxy-objects
Observed: raised multiprocessing.context.AuthenticationError('digest sent was rejected')
Seen on:  CPython 3.15.2, start method fork

Usage: python reproducer.py [fork|spawn|forkserver]    (default: fork)
Exit status: 1, the bug occurs; 0, it does not; 2, it does not apply here; 3, it could not be tried.
"""

import copyreg
import multiprocessing
import os
import signal
import subprocess
import sys
import traceback
from contextlib import contextmanager, suppress
from functools import lru_cache
from multiprocessing import managers


def kill(pid):
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


class Remade(type):
    """The type of classes with a base of the implementation under test: another interpreter makes them again."""


copyreg.pickle(Remade, lambda cls: (cls.maker, cls.made_of))


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


@lru_cache(maxsize=None)
def strangers(base):
    class Strangers(base, metaclass=Remade):
        maker, made_of = strangers, (base,)

    return Strangers


def check(mp):
    made = strangers(managers.SyncManager)(ctx=mp, authkey=b"a key of its own")
    with started(mp, made):
        outer = made.list([made.list(["inside"])])
        assert outer[0][0] == "inside", outer[0][0]


def status_of(error):
    """Returns 1 for the bug, 2 for what is not there on this system, and 3 for any other error."""
    if error.__class__.__name__ == "AuthenticationError":
        return 1
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
