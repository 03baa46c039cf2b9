"""multiprocessing (cleanup): A shared object exists as long as a proxy passed as an argument to a
new process exists there, and no longer.

Clause:   manager.cleanup.inherited
Manual:   https://docs.python.org/3/library/multiprocessing.html#cleanup
Observed: mine.recv() was RemoteError(...), expected ('inherited', 1)
Seen on:  CPython 3.15.2, start method spawn

Usage: python reproducer.py [fork|spawn|forkserver]    (default: spawn)
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
from contextlib import contextmanager, suppress
from functools import lru_cache
from multiprocessing import managers


@contextmanager
def child(mp, target, *args):
    process = mp.Process(target=target, args=args)
    process.start()
    try:
        yield process
    except BaseException:
        process.kill()
        raise
    finally:
        process.join()


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


def call_and_count(inherited, conn):
    tracked, census = inherited or conn.recv()
    conn.send(tracked.call())
    conn.recv()
    try:
        conn.send((tracked.call(), census.count(tracked.call())))  # the server keeps what was called last
    except Exception as error:
        conn.send(repr(error))
    conn.recv()


def in_another_process(mp, name, inherits):
    """Demands that an object lives as long as another process has a proxy for it, and the caller has none."""
    kept = bank(mp)
    census, tracked = kept.Census(), kept.Tracked(name)
    mine, theirs = mp.Pipe()
    given = [tracked, census] if inherits else []
    with child(mp, call_and_count, given, theirs):
        if not inherits:
            mine.send((tracked, census))
        got = mine.recv()
        assert got == name, (got, name)
        given.clear()
        del tracked
        collect()
        mine.send("go on")
        got = mine.recv()
        assert got == (name, 1), got
        mine.send("end")
    got = census.count(name)
    assert got == 0, got


def check(mp):
    in_another_process(mp, "inherited", inherits=True)


def status_of(error):
    """Returns 1 for the bug, 2 for what is not there on this system, and 3 for any other error."""
    if isinstance(error, AssertionError):
        return 1
    return 2 if isinstance(error, (ImportError, NotImplementedError)) else 3


def main(method="spawn", role="parent"):
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
