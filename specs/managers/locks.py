"""Locks that live in a manager's process: every process has a proxy of the same lock of ``threading``.

What is promised is what ``threading`` promises of its locks, where each thread of each process counts
as a thread of its own; the argument is named ``blocking``, and a lock that is not locked refuses to be
released with RuntimeError, where the locks of ``multiprocessing`` itself raise other exceptions.
"""

from __future__ import annotations

import gc

from conformance import Frozen, Spec, arg, blocks, call, child, expires, laws, raises, replace, returns, unspecified
from specs.managers.queues import manager
from specs.synchronization.locks import enter_block, leave_block

LOCK = "multiprocessing.managers.SyncManager.Lock"
RLOCK = "multiprocessing.managers.SyncManager.RLock"
BLOCKING = arg.one_of(True, True, False)
TIMEOUTS = arg.one_of(-1, arg.SHORT, arg.LONG)  # about others, the manual is silent
COST = 8


class ManagerLock(Frozen):
    """A lock that does not count how often it is acquired.

    made: Lock() makes a lock that is not locked.
    inherited: A proxy that is passed to a process when that is created refers to the same lock there.
    """

    holder: int | None = None


lock = Spec("managerlock", ManagerLock, make=lambda mp: manager(mp).Lock(), documents=LOCK, cost=COST)


def limit(timeout):
    """How many seconds a call may wait: a timeout of -1 says without an end."""
    return None if timeout == -1 else timeout


@lock.op(doc=LOCK, blocking=BLOCKING, timeout=TIMEOUTS, weight=3)
def acquire(state, me, blocking=True, timeout=-1):
    """Locks the lock, waiting until it is unlocked if asked to.

    takes: With the lock unlocked, the call locks it and returns True.
    busy: With the lock locked, by the caller or by others, a call that does not block returns False at once.
    waits: With the lock locked, by the caller or by others, a call that blocks waits until it is released;
        each release lets one waiting call in.
    expires: A call that could not lock the lock in timeout seconds returns False, then and never before.
    """
    if state.holder is None:
        yield "takes", returns(True), replace(state, holder=me)
    elif blocking:
        yield "waits", blocks
        yield "expires", expires(limit(timeout), returns(False))
    else:
        yield "busy", returns(False)
    if not blocking and timeout != -1:
        yield unspecified  # the manual forbids it


@lock.op(doc=LOCK, weight=3)
def release(state, me):
    """Unlocks the lock.

    releases: Whoever locked it, the call unlocks the lock and returns None.
    unlocked: With the lock unlocked, the call raises RuntimeError, and the lock stays as it is.
    """
    if state.holder is None:
        yield "unlocked", raises(RuntimeError)
    else:
        yield "releases", returns(None), replace(state, holder=None)


@lock.op(doc=LOCK, since=(3, 14))
def locked(state, me):
    """Whether the lock is locked.

    tells: The call returns True while anybody holds the lock, and False otherwise.
    """
    yield "tells", returns(state.holder is not None)


@lock.op(enter_block, doc=LOCK)
def enter(state, me):
    """The start of a with block.

    takes: With the lock unlocked, the block starts, and holds the lock.
    waits: With the lock locked, the block does not start before it is released.
    """
    if state.holder is None:
        yield "takes", returns(None), replace(state, holder=me)
    else:
        yield "waits", blocks


@lock.op(leave_block, doc=LOCK, name="exit")
def leave(state, me):
    """The end of a with block.

    releases: The block ends, and the lock is released.
    unlocked: When the block has released the lock itself, its end raises RuntimeError.
    """
    yield from release(state, me)


PATIENT, IMPATIENT = [call("acquire", timeout=arg.LONG)], [call("acquire", True, arg.SHORT)]
ATTEMPT = [call("acquire", blocking=False)]

lock.rescue(call("release"))
lock.pin({0: [call("acquire")]}, {1: PATIENT, 2: [call("acquire")]}, {0: [call("release")]}, {0: ATTEMPT})
lock.pin({0: [call("enter")]}, {1: IMPATIENT}, {1: ATTEMPT, 2: [call("enter")]}, {0: [call("exit"), call("release")]})
lock.pin({0: ATTEMPT}, {1: [call("release"), call("release"), call("exit")]}, {2: ATTEMPT + ATTEMPT})
lock.pin({0: [call("acquire"), call("acquire")]}, {1: [call("release")]})
# Two releases for one acquire, at once: one of them must be refused.
lock.pin(*[{0: ATTEMPT}, {1: [call("release")], 2: [call("release")]}] * 4)


@lock.stream(stuck="progress", actors=arg.integers(2, 3), rounds=arg.integers(10, 30))
def contention(actors, rounds):
    """Processes lock and unlock as fast as they can, with calls and with blocks in turn."""
    turn = [call("acquire"), call("release"), call("enter"), call("exit")]
    return [turn * rounds for _ in range(actors)]


@lock.law(contention, "exclusive")
def one_is_inside(history):
    """Of several processes that lock and unlock at full speed, at most one holds the lock at any instant."""
    enters, leaves = laws.picked(history, "acquire", "enter"), laws.picked(history, "release", "exit")
    return laws.never_above(1, enters, leaves)


@lock.law(contention, "progress")
def everybody_gets_in(history):
    """While every holder releases the lock, every acquire() without a timeout returns True in the end."""
    for step in laws.picked(history, "acquire"):
        if step.value != "True":
            return "acquire() by process %d ended with %s" % (step.actor, step.value)
    return None


@lock.scenario("with.raises")
def block_that_raises(mp):
    """A with block that ends with an exception releases the lock, and the exception goes on."""
    mutex = manager(mp).Lock()
    with raises(KeyError), mutex:
        assert mutex.acquire(False) is False
        raise KeyError("inside")
    assert mutex.acquire(False) is True


@lock.scenario("threads.exclude")
def threads_exclude_each_other(mp):
    """Once a thread has acquired the lock, no other thread of its process can, and any of them may release it."""
    from concurrent.futures import ThreadPoolExecutor

    mutex = manager(mp).Lock()
    assert mutex.acquire() is True
    with ThreadPoolExecutor(1) as thread:
        assert thread.submit(mutex.acquire, False).result() is False
        waiting = thread.submit(mutex.acquire)
        assert mutex.release() is None
        assert waiting.result() is True
    assert mutex.acquire(False) is False
    assert mutex.release() is None


def acquire_it(mutex):
    mutex.acquire()


@lock.scenario("acquire.outlives")
def stays_locked(mp):
    """A lock stays locked when the process that locked it has ended, and others may release it."""
    mutex = manager(mp).Lock()
    with child(mp, acquire_it, mutex) as process:
        pass
    assert process.exitcode == 0
    assert mutex.acquire(False) is False
    assert mutex.release() is None
    assert mutex.acquire(False) is True


class ManagerRLock(Frozen):
    """A lock with an owner, and a level: how often the owner has yet to release it.

    made: RLock() makes a lock that nobody owns.
    inherited: A proxy that is passed to a process when that is created refers to the same lock there.
    """

    owner: int | None = None
    level: int = 0

    def up(self, me):
        return replace(self, owner=me, level=self.level + 1)

    def down(self):
        return replace(self, level=self.level - 1) if self.level > 1 else ManagerRLock()


rlock = Spec("managerrlock", ManagerRLock, make=lambda mp: manager(mp).RLock(), documents=RLOCK, cost=COST)


@rlock.op(doc=RLOCK, name="acquire", blocking=BLOCKING, timeout=TIMEOUTS, weight=3)
def take(state, me, blocking=True, timeout=-1):
    """Takes the lock or, for its owner, takes it once more.

    takes: With the lock unowned, the caller becomes its owner at level one, and the call returns True.
    again: The owner's level goes up by one and the call returns True, without waiting for anything.
    busy: With another owner, a call that does not block returns False at once.
    waits: With another owner, a call that blocks waits until that has released the lock as often
        as it acquired it; then one waiting call is let in.
    expires: A call that could not take the lock in timeout seconds returns False, then and never before.
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
    """Takes back one acquire() of the owner.

    lowers: Above level one, the owner's level goes down by one, it stays the owner, and the call returns None.
    releases: At level one, the lock has no owner any more, and the call returns None.
    foreign: A process that is not the owner is refused with an exception, and the owner stays the owner.
    unowned: With the lock unowned, the call raises RuntimeError.
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
    """Whether the lock is locked.

    tells: The call returns True while anybody owns the lock, the caller included, and False otherwise.
    """
    yield "tells", returns(state.owner is not None)


@rlock.op(enter_block, doc=RLOCK, name="enter")
def enter_again(state, me):
    """The start of a with block.

    takes: With the lock unowned, or owned by the process already, the block starts, one level up.
    waits: With another owner, the block does not start before that has released the lock.
    """
    if state.owner in (None, me):
        yield "takes", returns(None), state.up(me)
    else:
        yield "waits", blocks


@rlock.op(leave_block, doc=RLOCK, name="exit")
def leave_again(state, me):
    """The end of a with block.

    releases: The block ends, one level down.
    refused: The end of the block raises an exception in a process that does not own the lock.
    """
    if state.owner == me:
        yield "releases", returns(None), state.down()
    else:
        yield "refused", raises(Exception)


TWICE, ONCE = [call("acquire"), call("acquire", False), call("release")], [call("release")]

rlock.rescue(call("release"))
rlock.pin({0: TWICE}, {1: PATIENT, 2: [call("enter")]}, {0: ONCE}, {0: ATTEMPT})
rlock.pin({0: TWICE}, {1: IMPATIENT}, {1: ATTEMPT + [call("release"), call("exit")]}, {0: ONCE + ONCE}, {1: ATTEMPT})
rlock.pin({0: [call("enter")] * 3 + [call("exit")] * 4}, {1: [call("acquire")] * 3 + [call("release")] * 4})
rlock.pin({0: [call("enter"), call("acquire", timeout=arg.LONG)]}, {1: [call("acquire")]}, {0: [call("exit")] * 2})


def be_an_outsider(mutex):
    """Fails unless this process is treated as one that does not own the lock."""
    assert mutex.acquire(False) is False
    with raises(Exception):
        mutex.release()


@rlock.scenario("inherited.unowned")
def ownership_is_not_inherited(mp):
    """A process that is created by the lock's owner does not own the lock: it can neither acquire nor release it."""
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
    """The owner is one thread: to every other thread of its process the lock is taken, and not theirs to release."""
    from concurrent.futures import ThreadPoolExecutor

    mutex = manager(mp).RLock()
    mutex.acquire()
    with ThreadPoolExecutor(1) as thread:
        assert thread.submit(be_an_outsider, mutex).result() is None
    assert mutex.acquire(False) is True
    assert [mutex.release(), mutex.release()] == [None, None]


@rlock.scenario("acquire.keeps")
def owner_stays_owner(mp):
    """The owner stays the owner when it drops its proxy of another object of the same manager."""
    mutex, other = manager(mp).RLock(), manager(mp).Lock()
    assert [mutex.acquire(), other.acquire()] == [True, True]
    del other
    for _ in range(3):  # where there are no reference counts, a finalizer may need another round
        gc.collect()
    assert mutex.acquire(False) is True
    assert [mutex.release(), mutex.release()] == [None, None]


@rlock.scenario("with.raises")
def inner_block_that_raises(mp):
    """A with block that ends with an exception takes back its own level only, and the exception goes on."""
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
