"""Managers: a manager has a process that holds objects for other processes, which use them through proxies.

This module covers how that process starts, and ``shutdown`` how it ends. ``connections`` covers connecting to it,
``types`` the types of a manager class, ``cleanup`` the deletion of objects, and ``specs.proxies`` the proxies; the
locks and queues of a manager have modules of their own. The scenarios use the manager class of ``customized``.
"""

from conformance import Spec, arg, child, module, raises, ticks
from specs.managers.customized import Mark, collect, end, newcomer, own, set_mark, started

BASE = "multiprocessing.managers.BaseManager"
PAGE = "library/multiprocessing"

manager = Spec("manager", documents=BASE)


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
        assert Mark().read() == "as imported"


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
