"""A manager class with types of its own, and managers of this class: what the scenarios of managers are made with."""

import copyreg
import gc
import operator
import os
import weakref
from contextlib import contextmanager
from functools import lru_cache

from conformance import kill, module, ticks


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
