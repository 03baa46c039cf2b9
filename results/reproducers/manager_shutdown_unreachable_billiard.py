"""multiprocessing (proxy objects): Calling a method of a proxy or creating an object raises an
exception, instead of waiting, once the manager's process has been shut down or killed.

Clause:   manager.shutdown.unreachable
Manual:   https://docs.python.org/3/library/multiprocessing.html#proxy-objects
Observed: Exception was promised, and nothing was raised
Seen on:  billiard and CPython 3.13.0, start method forkserver

Usage: python reproducer.py [fork|spawn|forkserver]    (default: forkserver)
Exit status: 1, the bug occurs; 0, it does not; 2, it does not apply here; 3, it could not be tried.
"""

import copyreg
import operator
import os
import signal
import subprocess
import sys
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


@contextmanager
def raises(expected):
    try:
        yield
    except expected:
        return
    raise AssertionError("%s was not raised" % expected.__name__)


class Account:
    """A type with public methods, a hidden one, and an attribute that can be called."""

    initial = operator.itemgetter(0)

    def __init__(self, owner="nobody", balance=0):
        self.owner, self.balance = owner, balance

    def deposit(self, amount, *, times=1):
        self.balance += amount * times
        return self.balance

    def described(self):
        return self.owner, self.balance

    def history(self):
        return [self.balance]

    def partner(self):
        return self.__dict__.setdefault("other", Account("partner", 7))

    def where(self):
        return os.getpid()

    def _audit(self):
        return "audited"


class Remade(type):
    """The type of classes with a base of the implementation under test: another interpreter makes them again."""


copyreg.pickle(Remade, lambda cls: (cls.maker, cls.made_of))


@lru_cache(maxsize=None)
def customized(base, base_proxy):
    """A manager class with types of its own."""

    class Customized(base, metaclass=Remade):
        maker, made_of = customized, (base, base_proxy)

    Customized.register("Account", Account)
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


def check(mp, killed=False):
    made = own(mp)
    with started(mp, made) as server:
        used, unused = made.Account(), made.Account()
        used.deposit(1)
        if killed:
            end(server)
        else:
            made.shutdown()
        for use in used.where, unused.where, made.Account:
            with raises(Exception):
                use()


def status_of(error):
    """Returns 1 for the bug, 2 for what is not there on this system, and 3 for any other error."""
    if isinstance(error, AssertionError):
        return 1
    return 2 if isinstance(error, (ImportError, NotImplementedError)) else 3


def main(method="forkserver", role="parent"):
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
