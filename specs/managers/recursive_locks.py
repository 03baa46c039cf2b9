"""Recursive locks that live in a manager's process: every process has a proxy for the same one of ``threading``."""

from __future__ import annotations

import gc

from conformance import Frozen, Spec, arg, blocks, call, child, expires, raises, replace, returns, unspecified
from specs.managers.locks import ATTEMPT, BLOCKING, COST, IMPATIENT, PATIENT, TIMEOUTS, limit
from specs.managers.queues import manager
from specs.synchronization.locks import enter_block, leave_block

RLOCK = "multiprocessing.managers.SyncManager.RLock"


class ManagerRLock(Frozen):
    """A lock with an owner and a recursion level: how often the owner has yet to release it.

    made: RLock() creates a recursive lock that has no owner.
    inherited: A recursive lock proxy passed as an argument to a new process refers to the same recursive lock
        in that process.
    """

    owner: int | None = None
    level: int = 0

    def up(self, me):
        return replace(self, owner=me, level=self.level + 1)

    def down(self):
        return replace(self, level=self.level - 1) if self.level > 1 else ManagerRLock()


rlock = Spec(
    "managerrlock",
    ManagerRLock,
    make=lambda mp: manager(mp).RLock(),
    documents=RLOCK,
    cost=COST,
    called="rlock",
    manager=manager,
)


@rlock.op(doc=RLOCK, name="acquire", blocking=BLOCKING, timeout=TIMEOUTS, weight=3)
def take(state, me, blocking=True, timeout=-1):
    """Acquires the lock, or acquires it once more for its owner.

    takes: acquire() makes the process the owner, at recursion level 1, and returns True if the lock has no owner.
    again: acquire() adds one to the recursion level and returns True without waiting if the process owns the lock.
    busy: acquire() returns False at once if another process owns the lock and blocking is false.
    waits: acquire() blocks while another process owns the lock, if blocking is true; once the owner has released
        the lock as often as it acquired it, one waiter is admitted.
    expires: acquire() returns False once timeout seconds have elapsed without success, and no earlier.
    """
    if state.owner is None:
        yield "takes", returns(True), state.up(me)
    elif state.owner == me:
        yield "again", returns(True), state.up(me)
    elif blocking:
        yield "waits", blocks
        yield "expires", expires(limit(timeout), returns(False))
    else:
        yield "busy", returns(False)
    if not blocking and timeout != -1:
        yield unspecified


@rlock.op(doc=RLOCK, name="release", weight=3)
def give_back(state, me):
    """Undoes one acquire() of the owner.

    lowers: release() subtracts one from the recursion level, keeps the owner, and returns None if the owner calls it
        at a level above 1.
    releases: release() leaves the lock without an owner and returns None if the owner calls it at recursion level 1.
    foreign: release() raises an exception if another process owns the lock, and the owner stays the same.
    unowned: release() raises RuntimeError if the lock has no owner.
    """
    if state.owner is None:
        yield "unowned", raises(RuntimeError)
    elif state.owner != me:
        yield "foreign", raises(Exception)
    elif state.level > 1:
        yield "lowers", returns(None), state.down()
    else:
        yield "releases", returns(None), state.down()


@rlock.op(doc=RLOCK, name="locked", since=(3, 14))
def owned(state, me):
    """Returns whether the lock is locked.

    tells: locked() returns True while any process owns the lock, even the calling process, and False otherwise.
    """
    yield "tells", returns(state.owner is not None)


@rlock.op(enter_block, doc=RLOCK, name="enter")
def enter_again(state, me):
    """The start of a with block.

    takes: A with statement adds one to the recursion level and starts its block if the lock has no owner or the
        process owns it.
    waits: A with statement does not start its block until the lock is released if another process owns the lock.
    """
    if state.owner in (None, me):
        yield "takes", returns(None), state.up(me)
    else:
        yield "waits", blocks


@rlock.op(leave_block, doc=RLOCK, name="exit")
def leave_again(state, me):
    """The end of a with block.

    releases: A with block subtracts one from the recursion level at its end.
    refused: A with block raises an exception at its end if the process does not own the lock.
    """
    if state.owner == me:
        yield "releases", returns(None), state.down()
    else:
        yield "refused", raises(Exception)


TWICE, ONCE = [call("acquire"), call("acquire", False), call("release")], [call("release")]

rlock.rescue(call("release"))
rlock.pin(
    "two processes wait for a lock that its owner has acquired twice and released once",
    {0: TWICE},
    {1: PATIENT, 2: [call("enter")]},
    {0: ONCE},
    {0: ATTEMPT},
)
rlock.pin(
    "a process that does not own the lock tries to acquire and to release it",
    {0: TWICE},
    {1: IMPATIENT},
    {1: ATTEMPT + [call("release"), call("exit")]},
    {0: ONCE + ONCE},
    {1: ATTEMPT},
)
rlock.pin(
    "three levels are acquired and four released, by with blocks and then by calls",
    {0: [call("enter")] * 3 + [call("exit")] * 4},
    {1: [call("acquire")] * 3 + [call("release")] * 4},
)
rlock.pin(
    "the owner acquires its lock again at once, and another process waits until both levels are released",
    {0: [call("enter"), call("acquire", timeout=arg.LONG)]},
    {1: [call("acquire")]},
    {0: [call("exit")] * 2},
)


def be_an_outsider(mutex):
    """Fails unless the lock treats the caller as one that does not own it."""
    assert mutex.acquire(False) is False
    with raises(Exception):
        mutex.release()


@rlock.scenario("inherited.unowned")
def ownership_is_not_inherited(mp):
    """A process created by the owner of the lock does not own it, and can neither acquire nor release it."""
    mutex = manager(mp).RLock()
    mutex.acquire()
    with child(mp, be_an_outsider, mutex) as outsider:
        pass
    assert outsider.exitcode == 0
    assert mutex.release() is None
    with raises(RuntimeError):
        mutex.release()


@rlock.scenario("threads.own")
def threads_own(mp):
    """The owner is a single thread: no other thread of its process can acquire or release the lock."""
    from concurrent.futures import ThreadPoolExecutor

    mutex = manager(mp).RLock()
    mutex.acquire()
    with ThreadPoolExecutor(1) as thread:
        assert thread.submit(be_an_outsider, mutex).result() is None
    assert mutex.acquire(False) is True
    assert [mutex.release(), mutex.release()] == [None, None]


@rlock.scenario("acquire.keeps")
def owner_stays_owner(mp):
    """The owner of the lock stays the owner when it drops its proxy for another object of the same manager."""
    mutex, other = manager(mp).RLock(), manager(mp).Lock()
    assert [mutex.acquire(), other.acquire()] == [True, True]
    del other
    for _ in range(3):  # without reference counting, a finalizer may need another round
        gc.collect()
    assert mutex.acquire(False) is True
    assert [mutex.release(), mutex.release()] == [None, None]


@rlock.scenario("with.raises")
def inner_block_that_raises(mp):
    """A with block that raises an exception undoes only its own acquisition, and the exception propagates."""
    from concurrent.futures import ThreadPoolExecutor

    mutex = manager(mp).RLock()
    with ThreadPoolExecutor(1) as thread:
        with raises(KeyError), mutex:
            with raises(ValueError), mutex:
                raise ValueError("inner")
            thread.submit(be_an_outsider, mutex).result()
            raise KeyError("outer")
        assert thread.submit(mutex.acquire, False).result() is True
        assert thread.submit(mutex.release).result() is None
