"""Managers: a manager has a process that holds objects for other processes, which use them through proxies.

This module covers the lifetime of that process. ``connections`` covers connecting to it, ``types`` the types of a
manager class, ``cleanup`` the deletion of objects, and ``specs.proxies`` the proxies; the locks and queues of a
manager have modules of their own.
"""

import copyreg
import gc
import operator
import os
import signal
import threading
import time
import weakref
from contextlib import contextmanager
from functools import lru_cache

from conformance import Spec, arg, child, kill, module, raises, ticks

BASE = "multiprocessing.managers.BaseManager"
SHUTDOWN = BASE + ".shutdown"
PAGE = "library/multiprocessing"

manager = Spec("manager", documents=BASE)


# ------------------------------------------------------------------ what the modules of this chapter share


class Account:
    """A type with public methods, a hidden method, and a callable attribute."""

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


mark = "as imported"
only_account = Account("everybody")
living = weakref.WeakSet()


def set_mark(*words):
    global mark
    mark = " ".join(words)


class Mark:
    """Reports what this module looks like in the manager's process."""

    def read(self):
        return mark


def get_the_account():
    return only_account


def squares(count):
    return (number * number for number in range(count))


def get_operators():
    return operator


class Tracked:
    """An object whose lifetime can be observed without a reference to it."""

    def __init__(self, name):
        self.name = name
        living.add(self)

    def call(self):
        return self.name


class Nursery:
    """An object with a method whose results are shared as well."""

    def bear(self, name):
        return Tracked(name)


class Census:
    """Counts the tracked objects that are alive in the manager's process."""

    def count(self, name):
        collect()
        return sum(tracked.name == name for tracked in living)


def collect():
    """Collects garbage; without reference counting, a finalizer may need another round."""
    for _ in range(3):
        gc.collect()


class Remade(type):
    """The type of classes whose base belongs to the implementation under test: another interpreter recreates them."""


copyreg.pickle(Remade, lambda cls: (cls.maker, cls.made_of))


@lru_cache(maxsize=None)
def squares_proxy(base_proxy):
    class SquaresProxy(base_proxy, metaclass=Remade):
        maker, made_of = squares_proxy, (base_proxy,)
        _exposed_ = ("__next__",)

        def __iter__(self):
            return self

        def __next__(self):
            return self._callmethod("__next__")

    return SquaresProxy


@lru_cache(maxsize=None)
def account_proxy(base_proxy):
    class AccountProxy(base_proxy, metaclass=Remade):
        maker, made_of = account_proxy, (base_proxy,)
        _exposed_ = ("deposit", "partner", "_audit")
        _method_to_typeid_ = {"partner": "Unmade"}

        def partner(self):
            return self._callmethod("partner")

        def twice(self, amount):
            return self._callmethod("deposit", (amount,), {"times": 2})

    return AccountProxy


@lru_cache(maxsize=None)
def customized(base, base_proxy):
    """Returns a manager class with types of its own."""

    class Customized(base, metaclass=Remade):
        maker, made_of = customized, (base, base_proxy)

    typed = account_proxy(base_proxy)
    Customized.register("Account", Account)
    Customized.register("the_account", callable=get_the_account)
    Customized.register("Mark", Mark)
    Customized.register("operators", get_operators)
    Customized.register("Audited", Account, exposed=("deposit", "_audit"))
    Customized.register("Listed", Account, exposed=["history"])
    Customized.register("Typed", Account, proxytype=typed)
    Customized.register("TypedListed", Account, proxytype=typed, exposed=("history",))
    Customized.register("Partnered", Account, method_to_typeid={"partner": "Unmade"})
    Customized.register("Positional", Account, typed, ("history", "partner"), {"partner": "Unmade"}, True)
    Customized.register("Unmade", exposed=("deposit",), create_method=False)
    Customized.register("squares", squares, squares_proxy(base_proxy))
    Customized.register("Tracked", Tracked)
    Customized.register("Census", Census)
    Customized.register("Nursery", Nursery, method_to_typeid={"bear": "Born"})
    Customized.register("Born", exposed=("call",), create_method=False)
    return Customized


def own(mp, base="BaseManager", **given):
    """Returns a customized manager that is not started."""
    managers = module(mp, "managers")
    return customized(getattr(managers, base), managers.BaseProxy)(ctx=mp, **given)


def newcomer(mp, before):
    """Returns the process of a manager that is not in ``before``; its main thread polls a flag from time to time."""
    (server,) = [process for process in mp.active_children() if process not in before]
    ticks(server.pid)
    return server


def end(server):
    """Ends the process of a manager if it is still alive."""
    if server.is_alive():
        kill(server.pid)
        server.join()


@contextmanager
def started(mp, made, *args):
    """Starts a manager for a with block, yields its process, and ends the process afterward."""
    before = mp.active_children()
    made.start(*args)
    server = newcomer(mp, before)
    try:
        yield server
    finally:
        end(server)


@lru_cache(maxsize=None)
def bank(mp):
    """Returns the customized SyncManager that all scenarios of a stage share; it ends with the stage."""
    kept, before = own(mp, "SyncManager"), mp.active_children()
    kept.start()
    newcomer(mp, before)
    return kept


# ------------------------------------------------------------------ the process of a manager


@manager.scenario("started", doc="multiprocessing.Manager")
def manager_is_started(mp):
    """Manager() starts one child process and returns a SyncManager, a kind of BaseManager, whose objects
    live in that process."""
    managers, before = module(mp, "managers"), mp.active_children()
    made = mp.Manager()
    server = newcomer(mp, before)
    try:
        assert isinstance(made, managers.SyncManager)
        assert issubclass(managers.SyncManager, managers.BaseManager)
        shared = made.list(["an object"])
        assert shared[0] == "an object"
    finally:
        end(server)
    with raises(Exception):
        shared[0]


@manager.scenario("garbage", doc="multiprocessing.Manager")
def garbage_is_shut_down(mp):
    """The process of a manager ends when the manager is garbage collected."""
    before = mp.active_children()
    made = mp.Manager()
    server = newcomer(mp, before)
    del made
    collect()
    server.join()
    assert not server.is_alive()


survivors = []  # nothing in it is garbage when the process exits


def keep_until_told(mp, conn):
    survivors.append(mp.Manager())
    announced = survivors[0].Event()
    conn.send((announced, [process.pid for process in mp.active_children()]))
    conn.recv()


@manager.scenario("parent-exit", doc="multiprocessing.Manager")
def the_parent_exits(mp):
    """The process of a manager ends when its parent process exits, even if another process still uses its objects."""
    mine, theirs = mp.Pipe()
    with child(mp, keep_until_told, mp, theirs):
        announced, pids = mine.recv()
        for pid in pids:
            ticks(pid)
        assert announced.is_set() is False
        mine.send("exit")
        with raises(Exception):
            announced.wait()
            announced.wait()  # a server that stops after it has answered may answer once more, with None


@manager.scenario("start.serves", doc=BASE + ".start")
def start_serves(mp):
    """start() starts the manager's process, in which objects are created. Before start(), there is no such process."""
    before = mp.active_children()
    made = own(mp)
    assert mp.active_children() == before
    with started(mp, made) as server:
        account = made.Account("me", balance=3)
        assert account.where() == server.pid
        assert account.deposit(4) == 7


@manager.scenario("start.initializer", doc=BASE + ".start", named=arg.one_of(True, False))
def start_initializes(mp, named):
    """start() calls initializer(*initargs) in the manager's process, and in no other process."""
    made, before = own(mp), mp.active_children()
    if named:
        made.start(initializer=set_mark, initargs=("set", "there"))
    else:
        made.start(set_mark, ["set", "there"])
    with made:
        newcomer(mp, before)
        assert made.Mark().read() == "set there"
        assert mark == "as imported"


@manager.scenario("ctx", doc=BASE)
def the_context_counts(mp):
    """The context passed as ctx starts the manager's process: only a forked process inherits its parent's state."""
    made = own(mp)
    set_mark("set", "by", "the", "parent")
    try:
        with started(mp, made):
            forked = mp.get_start_method() == "fork"
            assert made.Mark().read() == ("set by the parent" if forked else "as imported")
    finally:
        set_mark("as", "imported")


@manager.scenario("context.starts")
def entering_starts(mp):
    """A with statement starts the manager, binds the manager itself, and ends the manager's process
    at the end of its block."""
    before, made = mp.active_children(), own(mp)
    with made as entered:
        server = newcomer(mp, before)
        assert entered is made
        assert entered.Account().where() == server.pid
    assert not server.is_alive()


@manager.scenario("context.started")
def entering_starts_once(mp):
    """A with statement starts no second process if the manager has already been started, and ends the
    existing process at the end of its block."""
    made = own(mp)
    with started(mp, made) as server:
        account = made.Account()
        with made as entered:
            assert entered is made
            assert account.where() == entered.Account().where() == server.pid
        assert not server.is_alive()


@manager.scenario("context.exception")
def exceptions_leave(mp):
    """A with block that raises an exception shuts down the manager's process, and the exception propagates."""
    made, before = own(mp), mp.active_children()  # an unreferenced manager is shut down anyway
    with raises(KeyError, "inside"), made:
        server = newcomer(mp, before)
        raise KeyError("inside")
    assert not server.is_alive()


# ------------------------------------------------------------------ the end of that process


@manager.scenario("shutdown.ends", doc=SHUTDOWN)
def shutdown_ends(mp):
    """shutdown() returns once the manager's process has ended."""
    made = own(mp)
    with started(mp, made) as server:
        account = made.Account()
        account.deposit(1)
        made.shutdown()
        assert not server.is_alive()


@manager.scenario("shutdown.orderly", doc=SHUTDOWN, since=(3, 11))
def shutdown_is_orderly(mp):
    """shutdown() does not terminate a process that stops within shutdown_timeout seconds: its exit code is 0."""
    made = own(mp, shutdown_timeout=arg.LONG)
    with started(mp, made) as server:
        made.shutdown()
        assert server.exitcode == 0


@manager.scenario("shutdown.repeated", doc=SHUTDOWN)
def shutdown_again(mp):
    """shutdown() can be called several times, even after the end of a with block."""
    made, before = own(mp), mp.active_children()
    with made:
        server = newcomer(mp, before)
        made.shutdown()
        made.shutdown()
    made.shutdown()
    assert not server.is_alive()


@manager.scenario("shutdown.only-started", doc=SHUTDOWN)
def only_who_started(mp):
    """shutdown() raises an exception if start() was not called, even if connect() was, and the connected process
    continues."""
    with raises(Exception):
        own(mp).shutdown()
    kept = bank(mp)
    guest = own(mp, address=kept.address)
    guest.connect()
    with raises(Exception):
        guest.shutdown()
    assert kept.Account().deposit(5) == 5


@manager.scenario("shutdown.unreachable", doc=PAGE + "#proxy-objects", killed=arg.one_of(False, True))
def calls_after_the_end(mp, killed):
    """Calling a method of a proxy or creating an object raises an exception, instead of waiting,
    once the manager's process has been shut down or killed."""
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


def go_on(ignore):
    """Keeps the process from ending by itself and, if ignore is true, from being terminated."""
    threading.Thread(target=threading.Event().wait).start()
    if ignore:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)


@manager.scenario("shutdown_timeout.terminates", since=(3, 11))
def slow_ones_are_terminated(mp):
    """shutdown() terminates a process that has not ended once shutdown_timeout seconds have elapsed, and no earlier."""
    made = own(mp, shutdown_timeout=1.05)  # longer than the default
    with started(mp, made, go_on, (False,)) as server:
        began = time.monotonic()
        made.shutdown()
        assert time.monotonic() - began >= 1.049
        assert server.exitcode == -signal.SIGTERM


@manager.scenario("shutdown_timeout.kills", since=(3, 11))
def stubborn_ones_are_killed(mp):
    """shutdown() kills a process that still has not ended once shutdown_timeout seconds have elapsed
    since it was terminated, and no earlier."""
    made = own(mp, shutdown_timeout=0.03)
    with started(mp, made, go_on, (True,)) as server:
        began = time.monotonic()
        made.shutdown()
        assert time.monotonic() - began >= 0.058
        assert server.exitcode == -signal.SIGKILL
