"""Managers: a process that holds objects for others, which use them through proxies.

Here are the lifetime of that process, who may connect to it, and which types a manager class
has; what proxies do is in ``proxies``, and the locks and queues of a manager have their own chapter.
"""

import copyreg
import gc
import operator
import os
import pickle
import signal
import tempfile
import threading
import time
import weakref
from contextlib import contextmanager
from functools import lru_cache

from conformance import Spec, arg, child, kill, module, program, raises, ticks

BASE = "multiprocessing.managers.BaseManager"
REGISTER, SHUTDOWN = BASE + ".register", BASE + ".shutdown"
PAGE = "library/multiprocessing"
KEY = b"a key of its own"

manager = Spec("manager", documents=BASE)


# ------------------------------------------------------------------ what the managers of this chapter share


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


mark = "as imported"
only_account = Account("everybody")
living = weakref.WeakSet()


def set_mark(*words):
    global mark
    mark = " ".join(words)


class Mark:
    """Tells what the module that defines it looks like in the manager's process."""

    def read(self):
        return mark


def get_the_account():
    return only_account


def squares(count):
    return (number * number for number in range(count))


def get_operators():
    return operator


class Tracked:
    """An object of whose life one hears even if nobody refers to it."""

    def __init__(self, name):
        self.name = name
        living.add(self)

    def call(self):
        return self.name


class Nursery:
    """An object with a method whose results are shared, too."""

    def bear(self, name):
        return Tracked(name)


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
    """A manager class with types of its own."""

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
    """A customized manager that is not started."""
    managers = module(mp, "managers")
    return customized(getattr(managers, base), managers.BaseProxy)(ctx=mp, **given)


def newcomer(mp, before):
    """The process of a manager that was made meanwhile; its main thread looks at a flag from time to time."""
    (server,) = [process for process in mp.active_children() if process not in before]
    ticks(server.pid)
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
def bank(mp):
    """A customized SyncManager, one for all scenarios of a stage, with which it ends."""
    kept, before = own(mp, "SyncManager"), mp.active_children()
    kept.start()
    newcomer(mp, before)
    return kept


# ------------------------------------------------------------------ the process of a manager


@manager.scenario("started", doc="multiprocessing.Manager")
def manager_is_started(mp):
    """Manager() returns a SyncManager, which is a BaseManager, whose objects live in one new child process."""
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
    """The process of a manager ends when its parent process exits, whoever still uses its objects."""
    mine, theirs = mp.Pipe()
    with child(mp, keep_until_told, mp, theirs):
        announced, pids = mine.recv()
        for pid in pids:
            ticks(pid)
        assert announced.is_set() is False
        mine.send("exit")
        with raises(Exception):
            announced.wait()
            announced.wait()  # a server that stops after it has answered may answer again, with None


@manager.scenario("start.serves", doc=BASE + ".start")
def start_serves(mp):
    """No process exists before start(), which starts one, and there the objects are made."""
    before = mp.active_children()
    made = own(mp)
    assert mp.active_children() == before
    with started(mp, made) as server:
        account = made.Account("me", balance=3)
        assert account.where() == server.pid
        assert account.deposit(4) == 7


@manager.scenario("start.initializer", doc=BASE + ".start", named=arg.one_of(True, False))
def start_initializes(mp, named):
    """start() has initializer(*initargs) called in the manager's process, and nowhere else."""
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
    """The process is started by the context that is given: a fork has what the parent has, another does not."""
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
    """A with statement starts the manager, binds the manager itself, and ends the process that it started."""
    before, made = mp.active_children(), own(mp)
    with made as entered:
        server = newcomer(mp, before)
        assert entered is made
        assert entered.Account().where() == server.pid
    assert not server.is_alive()


@manager.scenario("context.started")
def entering_starts_once(mp):
    """A with statement starts no second process for a manager that is started, and ends the first."""
    made = own(mp)
    with started(mp, made) as server:
        account = made.Account()
        with made as entered:
            assert entered is made
            assert account.where() == entered.Account().where() == server.pid
        assert not server.is_alive()


@manager.scenario("context.exception")
def exceptions_leave(mp):
    """An exception leaves the with statement as it is, and the process is shut down."""
    made, before = own(mp), mp.active_children()  # one that nobody refers to is shut down anyway
    with raises(KeyError, "inside"), made:
        server = newcomer(mp, before)
        raise KeyError("inside")
    assert not server.is_alive()


# ------------------------------------------------------------------ the end of that process


@manager.scenario("shutdown.ends", doc=SHUTDOWN)
def shutdown_ends(mp):
    """The process has ended when shutdown() returns."""
    made = own(mp)
    with started(mp, made) as server:
        account = made.Account()
        account.deposit(1)
        made.shutdown()
        assert not server.is_alive()


@manager.scenario("shutdown.orderly", doc=SHUTDOWN, since=(3, 11))
def shutdown_is_orderly(mp):
    """A process that stops within shutdown_timeout seconds is not terminated: it exits with 0."""
    made = own(mp, shutdown_timeout=arg.LONG)
    with started(mp, made) as server:
        made.shutdown()
        assert server.exitcode == 0


@manager.scenario("shutdown.repeated", doc=SHUTDOWN)
def shutdown_again(mp):
    """shutdown() may be called several times, and after the end of a with block."""
    made, before = own(mp), mp.active_children()
    with made:
        server = newcomer(mp, before)
        made.shutdown()
        made.shutdown()
    made.shutdown()
    assert not server.is_alive()


@manager.scenario("shutdown.only-started", doc=SHUTDOWN)
def only_who_started(mp):
    """Without start(), as in a manager that was connected, there is no shutdown(), and the process goes on."""
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
    """When the process was shut down or killed, calls through proxies and new objects raise instead of waiting."""
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
    """Keeps the process from ending by itself, and from being terminated if asked to."""
    threading.Thread(target=threading.Event().wait).start()
    if ignore:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)


@manager.scenario("shutdown_timeout.terminates", since=(3, 11))
def slow_ones_are_terminated(mp):
    """A process that does not end within shutdown_timeout seconds is terminated then, and not before."""
    made = own(mp, shutdown_timeout=1.05)  # longer than the default
    with started(mp, made, go_on, (False,)) as server:
        began = time.monotonic()
        made.shutdown()
        assert time.monotonic() - began >= 1.049
        assert server.exitcode == -signal.SIGTERM


@manager.scenario("shutdown_timeout.kills", since=(3, 11))
def stubborn_ones_are_killed(mp):
    """A process that does not end either when it is terminated is killed after shutdown_timeout seconds more."""
    made = own(mp, shutdown_timeout=0.03)
    with started(mp, made, go_on, (True,)) as server:
        began = time.monotonic()
        made.shutdown()
        assert time.monotonic() - began >= 0.058
        assert server.exitcode == -signal.SIGKILL


# ------------------------------------------------------------------ who is let in


@manager.scenario("address.given", family=arg.one_of("AF_INET", "AF_UNIX"))
def an_address_of_ones_own(mp, family):
    """A manager listens at the address that it was given, whatever the family, and others connect there."""
    with tempfile.TemporaryDirectory() as directory:
        address = {"AF_INET": ("127.0.0.1", 0), "AF_UNIX": os.path.join(directory, "m")}[family]
        made = own(mp, address=address)
        with started(mp, made):
            if family == "AF_UNIX":
                assert made.address == address
            else:
                assert made.address[0] == "127.0.0.1"
            guest = own(mp, address=made.address)
            guest.connect()
            assert guest.Account("guest").described() == ("guest", 0)


@manager.scenario("address.again")
def an_address_is_free_again(mp):
    """A manager may use the address of one that was shut down, even if proxies of that are left."""
    with tempfile.TemporaryDirectory() as directory:
        address = os.path.join(directory, "m")
        first, second = own(mp, address=address), own(mp, address=address)
        with started(mp, first):
            left = first.Account()
            left.deposit(1)
            first.shutdown()
        with started(mp, second) as server:
            account = second.Account()
            assert account.where() == server.pid
            assert account.deposit(2) == 2
        del left


@manager.scenario("address.arbitrary")
def some_address(mp):
    """Without an address a manager finds one that no other has."""
    kept, made = bank(mp), own(mp)
    with started(mp, made) as server:
        assert made.address != kept.address
        assert made.Account().where() == server.pid
        assert kept.Account().where() != server.pid


@manager.scenario("address.tells", doc=BASE + ".address")
def the_address_is_told(mp):
    """The attribute address is where the manager listens, with the port that the system chose for port 0."""
    made = own(mp, address=("127.0.0.1", 0))
    with started(mp, made) as server:
        host, port = made.address
        assert (host, port > 0) == ("127.0.0.1", True)
        guest = own(mp, address=(host, port))
        guest.connect()
        assert guest.address == (host, port)
        assert guest.Account().where() == server.pid


@manager.scenario("address.read-only", doc=BASE + ".address")
def the_address_stays(mp):
    """The attribute address cannot be assigned to."""
    kept = bank(mp)
    address = kept.address
    with raises(AttributeError):
        kept.address = "elsewhere"
    assert kept.address == address


@manager.scenario("authkey.given")
def its_own_key(mp):
    """A manager that was given a key lets in those who have it; those with another get AuthenticationError."""
    made = own(mp, authkey=KEY)
    with started(mp, made):
        account = made.Account()
        assert account.deposit(1) == 1
        guest = own(mp, address=made.address, authkey=KEY)
        guest.connect()
        assert guest.Account().deposit(2) == 2
        for other in b"another key", KEY[:-1], KEY + b"s", None:
            stranger = own(mp, address=made.address, authkey=other)
            with raises("AuthenticationError"):
                stranger.connect()
                stranger.Account()
        assert account.deposit(3) == 4


@manager.scenario("authkey.default")
def the_key_of_the_process(mp):
    """Without a key, a manager and those who connect to it use the key of the current process."""
    kept = bank(mp)
    for key in None, mp.current_process().authkey, bytes(mp.current_process().authkey):
        guest = own(mp, address=kept.address, authkey=key)
        guest.connect()
        assert guest.Account("guest").described() == ("guest", 0)
    stranger = own(mp, address=kept.address, authkey=KEY)
    with raises("AuthenticationError"):
        stranger.connect()
        stranger.Account()


def deposit_there(account, amount):
    account.deposit(amount)


@manager.scenario("authkey.children", doc=PAGE + "#proxy-objects")
def children_get_in(mp):
    """A proxy that is passed to Process() works there even if its manager has a key of its own."""
    made = own(mp, authkey=KEY)
    with started(mp, made):
        account = made.Account()
        with child(mp, deposit_there, account, 8) as process:
            process.join()
        assert process.exitcode == 0
        assert account.deposit(1) == 9


@manager.scenario("serializer.xmlrpclib")
def serialized_as_xml(mp):
    """With serializer "xmlrpclib", objects are made and called with what xmlrpc.client carries."""
    made = own(mp, serializer="xmlrpclib")
    with started(mp, made) as server:
        account = made.Account("me")
        assert account.where() == server.pid
        assert account.deposit(2, times=3) == 6
        assert account.history() == [6]
        guest = own(mp, address=made.address, serializer="xmlrpclib")
        guest.connect()
        assert guest.Account("me", 1.5).deposit(1) == 2.5


def serve(mp, conn, **given):
    server = own(mp, **given).get_server()
    conn.send(server.address)
    server.serve_forever()


def serve_at(mp, conn, address, authkey):
    serve(mp, conn, address=address, authkey=authkey)


@contextmanager
def serving(mp, address, authkey=None):
    """A child process that becomes a manager's; the block gets its id, and the address that its server tells."""
    mine, theirs = mp.Pipe()
    with child(mp, serve_at, mp, theirs, address, authkey) as process:
        theirs.close()
        told = mine.recv()
        ticks(process.pid)
        yield process.pid, told
        end(process)


@manager.scenario("get_server.serves", doc=BASE + ".get_server")
def any_process_serves(mp):
    """serve_forever() of what get_server() returns makes the calling process that of the manager."""
    with tempfile.TemporaryDirectory() as directory:
        address = os.path.join(directory, "m")
        with serving(mp, address, KEY) as (pid, _):
            for number in range(2):  # it goes on when a client is gone
                guest = own(mp, address=address, authkey=KEY)
                guest.connect()
                account = guest.the_account()
                assert account.where() == pid
                assert account.deposit(1) == number + 1
                del account, guest
                collect()


@manager.scenario("get_server.address", doc=BASE + ".get_server")
def a_server_tells_its_address(mp):
    """What get_server() returns has the attribute address, where it listens."""
    with serving(mp, ("127.0.0.1", 0)) as (pid, told):
        guest = own(mp, address=told)
        guest.connect()
        assert guest.Account().where() == pid


@manager.scenario("connect.shares", doc=BASE + ".connect")
def connected_managers_share(mp):
    """connect() makes a manager use the process that listens at its address: no other process, the same objects."""
    kept, before = bank(mp), mp.active_children()
    guest = own(mp, address=kept.address)
    guest.connect()
    assert mp.active_children() == before
    mine, theirs = kept.the_account(), guest.the_account()
    balance = mine.deposit(1)
    assert theirs.deposit(2) == balance + 2
    assert mine.where() == theirs.where() != os.getpid()


@manager.scenario("connect.nobody", doc=BASE + ".connect")
def nobody_is_there(mp):
    """connect() raises an exception if nobody listens at the address."""
    with tempfile.TemporaryDirectory() as directory:
        guest = own(mp, address=os.path.join(directory, "m"))
        with raises(Exception):
            guest.connect()


REMOTE = """
import importlib, sys
managers = getattr(mp, "managers", None) or importlib.import_module(mp.__name__ + ".managers")

class Remote(managers.BaseManager):
    pass

Remote.register("the_account")
Remote.register("Account")

if __name__ == "__main__":
    host, port, key = sys.argv[1:]
    remote = Remote(address=(host, int(port)), authkey=key.encode())
    remote.connect()
    print(remote.the_account().deposit(amount=20))
    print(remote.Account("remote", balance=5).described())
"""


@manager.scenario("connect.remote", doc=PAGE + "#using-a-remote-manager")
def another_program_connects(mp):
    """Another program shares the objects by address and key, and need not know how they are made."""
    made = own(mp, address=("127.0.0.1", 0), authkey=KEY)
    with started(mp, made):
        account = made.the_account()
        account.deposit(3)
        host, port = made.address
        ended = program(REMOTE, host, str(port), KEY.decode())
        assert (ended.status, ended.output.split("\n")[:2], ended.errors) == (0, ["23", "('remote', 5)"], "")
        assert account.deposit(1) == 24


# ------------------------------------------------------------------ the types of a manager class


@manager.scenario("register.method", doc=REGISTER)
def typeids_are_methods(mp):
    """A manager has a method for each typeid, which has the callable called in its process, and returns a proxy."""
    kept = bank(mp)
    assert kept.Account().described() == ("nobody", 0)
    assert kept.Account("me", balance=5).described() == ("me", 5)
    assert kept.Account(balance=1, owner="you").described() == ("you", 1)
    first, second = kept.Account(), kept.Account()
    assert first.where() != os.getpid()
    assert (first.deposit(1), second.deposit(2), first.deposit(3)) == (1, 2, 4)


@manager.scenario("register.same-referent", doc=PAGE + "#proxy-objects")
def one_object_for_many(mp):
    """If the callable returns one object again and again, all proxies refer to it, and it outlives each of them."""
    kept = bank(mp)
    first, second = kept.the_account(), kept.the_account()
    balance = first.deposit(1)
    assert second.deposit(1) == balance + 1
    del first
    collect()
    assert second.deposit(1) == balance + 2
    del second
    collect()
    assert kept.the_account().deposit(1) == balance + 3


@manager.scenario("register.any-object", doc=PAGE + "#examples")
def any_object_is_shared(mp):
    """Any callable may make the object, and any object may be made: a module is shared with its public functions."""
    operators = bank(mp).operators()
    assert operators.add(23, 45) == 68
    assert operators.itemgetter(1)("ab") == "b"
    assert operators.mul("ab", 2) == "abab"
    assert not hasattr(operators, "__add__")


@manager.scenario("register.public", doc=REGISTER)
def public_methods_are_exposed(mp):
    """Unless told otherwise, whatever can be called and has no leading underscore is exposed, and nothing else."""
    account = bank(mp).Account("me", 2)
    assert account.deposit(1, times=3) == 5
    assert account._callmethod("deposit", (1,)) == 6
    assert account.described() == account._callmethod("described") == ("me", 6)
    assert account.initial("letters") == "l"
    for hidden in "_audit", "__init__", "__getattribute__", "balance":
        with raises(Exception):
            account._callmethod(hidden)
    assert not hasattr(account, "_audit")


@manager.scenario("register.exposed", doc=REGISTER)
def the_exposed_are_exposed(mp):
    """The methods in exposed are all that can be called, whatever their names and the kind of sequence."""
    kept = bank(mp)
    audited, listed = kept.Audited(), kept.Listed()
    assert audited.deposit(2) == 2
    assert audited._audit() == audited._callmethod("_audit") == "audited"
    assert listed.history() == [0]
    assert not hasattr(audited, "history")
    for proxy, hidden in (audited, "history"), (audited, "described"), (listed, "deposit"), (listed, "_audit"):
        with raises(Exception):
            proxy._callmethod(hidden, (1,) if hidden == "deposit" else ())
    assert audited.deposit(2) == 4


@manager.scenario("register.proxytype", doc=REGISTER)
def proxytypes_are_used(mp):
    """Proxies are of the given proxytype, and without one of an automatic type that has the exposed methods."""
    kept, base = bank(mp), module(mp, "managers").BaseProxy
    typed, automatic = kept.Typed(), kept.Account()
    assert type(typed) is account_proxy(base)
    assert typed.twice(4) == 8
    assert type(automatic) is not base
    assert isinstance(automatic, base)
    assert automatic.deposit(4) == 4
    assert list(kept.squares(4)) == [0, 1, 4, 9]


@manager.scenario("register.proxytype-exposes", doc=REGISTER)
def proxytypes_expose(mp):
    """Without exposed, the _exposed_ of the proxytype counts; with it, exposed does."""
    kept = bank(mp)
    typed, listed = kept.Typed(), kept.TypedListed()
    assert typed._callmethod("_audit") == "audited"
    with raises(Exception):
        typed._callmethod("history")
    assert listed._callmethod("history") == [0]
    with raises(Exception):
        listed._callmethod("_audit")


@manager.scenario("register.method-to-typeid", doc=REGISTER)
def some_methods_return_proxies(mp):
    """A method in method_to_typeid returns a proxy of that type for its result; others return a copy."""
    kept = bank(mp)
    account = kept.Partnered("me")
    first, second = account.partner(), account.partner()
    assert isinstance(first, module(mp, "managers").BaseProxy)
    assert first.deposit(1) == 8
    assert second.deposit(1) == 9
    assert not hasattr(first, "partner")  # the other typeid exposes less
    with raises(Exception):
        first._callmethod("partner")
    history = account.history()
    assert type(history) is list
    history.append("not there")
    assert account.history() == [0]


@manager.scenario("register.proxytype-maps", doc=REGISTER)
def proxytypes_map_methods(mp):
    """Without method_to_typeid, the _method_to_typeid_ of the proxytype counts; arguments may be positional."""
    kept, base = bank(mp), module(mp, "managers").BaseProxy
    typed, by_position = kept.Typed(), kept.Positional()
    for account in typed, by_position:
        assert isinstance(account.partner(), base)
        assert account.partner().deposit(2) == 9
    assert by_position._callmethod("history") == [0]
    assert type(by_position) is type(typed)


@manager.scenario("register.create-method", doc=REGISTER)
def types_without_a_method(mp):
    """With create_method false the manager has no method of that name, though results can be of the type."""
    kept = bank(mp)
    assert not hasattr(kept, "Unmade")
    assert hasattr(kept, "Audited")
    assert kept.Partnered().partner()._callmethod("deposit", (3,)) == 10


@manager.scenario("register.subclass", doc=PAGE + "#customized-managers")
def subclasses_keep_to_themselves(mp):
    """A subclass has the types of its base and those registered with it, which its base and siblings do not get."""
    base = module(mp, "managers").SyncManager
    customized_one = type(bank(mp))

    class Sibling(base):
        pass

    class Grandchild(customized_one):
        pass

    Grandchild.register("Another", Account)
    for kind, has in (base, ""), (Sibling, ""), (customized_one, "Account"), (Grandchild, "Account Another"):
        assert " ".join(name for name in ("Account", "Another") if hasattr(kind, name)) == has
    guest = Grandchild(address=bank(mp).address, ctx=mp)
    guest.connect()
    assert guest.Account().deposit(1) == 1
    assert len(guest.list([1, 2])) == 2
    with raises(Exception):  # the process has been started without knowing it
        guest.Another()


@manager.scenario("register.own-types", doc=REGISTER)
def typeids_belong_to_a_class(mp):
    """The same typeid may stand for different types in different manager classes."""
    made = own(mp)

    class Sibling(module(mp, "managers").BaseManager):
        pass

    Sibling.register("Account", Mark)
    with started(mp, made):
        assert made.Account("me").described() == ("me", 0)


# ------------------------------------------------------------------ the end of shared objects


@manager.scenario("cleanup.deleted", doc=PAGE + "#cleanup")
def unused_objects_are_deleted(mp):
    """An object is deleted in the manager's process when its last proxy is garbage collected, and not before."""
    kept = bank(mp)
    census, tracked = kept.Census(), kept.Tracked("deleted")
    copy = pickle.loads(pickle.dumps(tracked))
    assert tracked.call() == copy.call() == "deleted"
    assert census.count("deleted") == 1
    del tracked
    collect()
    assert census.count("deleted") == 1
    assert copy.call() == "deleted"
    del copy
    collect()
    assert census.count("deleted") == 0


@manager.scenario("cleanup.results", doc=PAGE + "#cleanup")
def results_are_deleted(mp):
    """An object that a method has returned by a proxy is deleted with its last proxy, too."""
    kept = bank(mp)
    census, nursery = kept.Census(), kept.Nursery()
    born = nursery.bear("born")
    assert (born.call(), census.count("born")) == ("born", 1)
    del born
    collect()
    assert census.count("born") == 0


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
        assert mine.recv() == name
        given.clear()
        del tracked
        collect()
        mine.send("go on")
        assert mine.recv() == (name, 1)
        mine.send("end")
    assert census.count(name) == 0


@manager.scenario("cleanup.elsewhere", doc=PAGE + "#cleanup")
def proxies_elsewhere_count(mp):
    """An object lives as long as some other process has a proxy that was sent to it, and no longer."""
    in_another_process(mp, "elsewhere", inherits=False)


@manager.scenario("cleanup.inherited", doc=PAGE + "#cleanup")
def inherited_proxies_count(mp):
    """An object lives as long as some other process has a proxy that it was started with, and no longer."""
    in_another_process(mp, "inherited", inherits=True)


@manager.scenario("cleanup.contained", doc=PAGE + "#proxy-objects")
def contained_objects_live(mp):
    """An object lives as long as another shared object contains a proxy of it."""
    kept = bank(mp)
    census, tracked, container = kept.Census(), kept.Tracked("contained"), kept.list()
    container.append(tracked)
    del tracked
    collect()
    assert census.count("contained") == 1
    assert container[0].call() == "contained"
    collect()
    assert container[0].call() == "contained"


@manager.scenario("cleanup.removed", doc=PAGE + "#cleanup")
def removed_objects_are_deleted(mp):
    """An object is deleted when the proxy in another shared object was the last one, and is removed."""
    kept = bank(mp)
    census, tracked, container = kept.Census(), kept.Tracked("removed"), kept.list()
    container.append(tracked)
    del tracked
    collect()
    del container[0]
    assert census.count("removed") == 0
