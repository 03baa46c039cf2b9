"""Managers: a manager has a process that holds objects for other processes, which use them through proxies.

This module covers how that process starts, and ``shutdown`` how it ends. ``connections`` covers connecting to it,
``types`` the types of a manager class, ``cleanup`` the deletion of objects, and ``specs.proxies`` the proxies; the
locks and queues of a manager have modules of their own.
"""

import copyreg
import gc
import operator
import os
import signal
import weakref
from contextlib import contextmanager
from functools import lru_cache

from conformance import Spec, arg, child, kill, module, raises, ticks

BASE = "multiprocessing.managers.BaseManager"
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


copyreg.pickle(Remade, lambda cls: (vars(cls)["maker"], vars(cls)["made_of"]))


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


kept = []  # connections that live as long as their process


def start_and_vanish(mp, made, conn, how):
    made.start(kept.append, (conn,))
    conn.send([process.pid for process in mp.active_children()])
    if how == "os._exit":
        os._exit(0)
    os.kill(os.getpid(), getattr(signal, how))


@manager.scenario("parent-gone", doc="multiprocessing.Manager", how=arg.one_of("os._exit", "SIGKILL"))
def the_parent_is_killed(mp, how):
    """The process of a manager ends when its parent process ends, even if that was killed or called os._exit()."""
    receiver, sender = mp.Pipe(False)
    with receiver:
        with sender, child(mp, start_and_vanish, mp, own(mp), sender, how):
            for pid in receiver.recv():
                ticks(pid)
        with raises(EOFError):
            receiver.recv()  # until the manager's process, which holds the other end, has ended


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
