"""multiprocessing (cleanup): A shared object is deleted when its last proxy is removed from another
shared object.

Clause:   manager.cleanup.removed
Manual:   https://docs.python.org/3/library/multiprocessing.html#cleanup
Observed: census.count("removed") was 1, expected 0
Seen on:  CPython 3.15.2, start method fork

Usage: python reproducer.py [fork|spawn|forkserver]    (default: fork)
Exit status: 1, the bug occurs; 0, it does not; 2, it does not apply here; 3, it could not be tried.
"""

import copyreg
import gc
import multiprocessing
import os
import signal
import subprocess
import sys
import traceback
import weakref
from contextlib import suppress
from functools import lru_cache
from multiprocessing import managers

living = weakref.WeakSet()


class Tracked:
    """An object of whose life one hears even if nobody refers to it."""

    def __init__(self, name):
        self.name = name
        living.add(self)

    def call(self):
        return self.name


class Census:
    """Counts what is alive in the manager's process."""

    def count(self, name):
        collect()
        return sum(tracked.name == name for tracked in living)


def collect():
    """Collects garbage; without reference counts, a finalizer may need another round."""
    for _ in range(3):
        gc.collect()


class Remade(type):
    """The type of classes with a base of the implementation under test: another interpreter makes them again."""


copyreg.pickle(Remade, lambda cls: (cls.maker, cls.made_of))


@lru_cache(maxsize=None)
def customized(base, base_proxy):
    """A manager class with types of its own."""

    class Customized(base, metaclass=Remade):
        maker, made_of = customized, (base, base_proxy)

    Customized.register("Tracked", Tracked)
    Customized.register("Census", Census)
    return Customized


def own(mp, base="BaseManager", **given):
    """A customized manager that is not started."""
    return customized(getattr(managers, base), managers.BaseProxy)(ctx=mp, **given)


def newcomer(mp, before):
    """The process of a manager that was made meanwhile; its main thread looks at a flag from time to time."""
    (server,) = [process for process in mp.active_children() if process not in before]
    return server


@lru_cache(maxsize=None)
def bank(mp):
    """A customized SyncManager, one for all checks of a script, with which it ends."""
    kept = own(mp, "SyncManager")
    kept.start()
    return kept


def check(mp):
    kept = bank(mp)
    census, tracked, container = kept.Census(), kept.Tracked("removed"), kept.list()
    container.append(tracked)
    del tracked
    collect()
    del container[0]
    got = census.count("removed")
    assert got == 0, got


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
