"""Locks that live in a manager's process: every process has a proxy for the same lock of ``threading``.

The promises are those that ``threading`` makes about its locks, where each thread of each process counts
as a thread of its own. The argument is named ``blocking``, and releasing an unlocked lock raises RuntimeError,
where the locks of ``multiprocessing`` itself raise other exceptions.
"""

from __future__ import annotations

import gc

from conformance import Frozen, Spec, arg, blocks, call, child, expires, laws, raises, replace, returns, unspecified
from specs.managers.queues import manager
from specs.synchronization.locks import enter_block, leave_block

LOCK = "multiprocessing.managers.SyncManager.Lock"
RLOCK = "multiprocessing.managers.SyncManager.RLock"
BLOCKING = arg.one_of(True, True, False)
TIMEOUTS = arg.one_of(-1, arg.SHORT, arg.LONG)  # the manual is silent about other values
COST = 8


class ManagerLock(Frozen):
    """A lock that does not count how often it is acquired.

    made: Lock() creates a lock that is unlocked.
    inherited: A lock proxy passed as an argument to a new process refers to the same lock in that process.
    """

    holder: int | None = None


lock = Spec(
    "managerlock",
    ManagerLock,
    make=lambda mp: manager(mp).Lock(),
    documents=LOCK,
    cost=COST,
    called="lock",
    manager=manager,
)


def limit(timeout):
    """Returns how many seconds a call may wait: a timeout of -1 means without limit."""
    return None if timeout == -1 else timeout


@lock.op(doc=LOCK, blocking=BLOCKING, timeout=TIMEOUTS, weight=3)
def acquire(state, me, blocking=True, timeout=-1):
    """Locks the lock; by default, waits until the lock is unlocked.

    takes: acquire() locks the lock and returns True if the lock is unlocked.
    busy: acquire() returns False at once if the lock is locked, even by the calling process, and blocking is false.
    waits: acquire() blocks while any process holds the lock, even the calling process, if blocking is true;
        each release admits one waiter.
    expires: acquire() returns False once timeout seconds have elapsed without success, and no earlier.
    """
    if state.holder is None:
        yield "takes", returns(True), replace(state, holder=me)
    elif blocking:
        yield "waits", blocks
        yield "expires", expires(limit(timeout), returns(False))
    else:
        yield "busy", returns(False)
    if not blocking and timeout != -1:
        yield unspecified  # the manual forbids a timeout here


@lock.op(doc=LOCK, weight=3)
def release(state, me):
    """Unlocks the lock.

    releases: release() unlocks the lock and returns None, even in a process that did not acquire the lock.
    unlocked: release() raises RuntimeError if the lock is unlocked, and leaves the lock unlocked.
    """
    if state.holder is None:
        yield "unlocked", raises(RuntimeError)
    else:
        yield "releases", returns(None), replace(state, holder=None)


@lock.op(doc=LOCK, since=(3, 14))
def locked(state, me):
    """Returns whether the lock is locked.

    tells: locked() returns True while any process holds the lock, and False otherwise.
    """
    yield "tells", returns(state.holder is not None)


@lock.op(enter_block, doc=LOCK)
def enter(state, me):
    """The start of a with block.

    takes: A with statement locks the lock and starts its block if the lock is unlocked.
    waits: A with statement does not start its block until the lock is released if the lock is locked.
    """
    if state.holder is None:
        yield "takes", returns(None), replace(state, holder=me)
    else:
        yield "waits", blocks


@lock.op(leave_block, doc=LOCK, name="exit")
def leave(state, me):
    """The end of a with block.

    releases: A with block releases the lock at its end.
    unlocked: A with block raises RuntimeError at its end if the lock has already been released.
    """
    yield from release(state, me)


PATIENT, IMPATIENT = [call("acquire", timeout=arg.LONG)], [call("acquire", True, arg.SHORT)]
ATTEMPT = [call("acquire", blocking=False)]

lock.rescue(call("release"))
lock.pin(
    "two processes wait for a lock, one of them with a timeout, and its release admits one",
    {0: [call("acquire")]},
    {1: PATIENT, 2: [call("acquire")]},
    {0: [call("release")]},
    {0: ATTEMPT},
)
lock.pin(
    "a with block keeps out an acquire() with a timeout, one that does not wait, and a with statement",
    {0: [call("enter")]},
    {1: IMPATIENT},
    {1: ATTEMPT, 2: [call("enter")]},
    {0: [call("exit"), call("release")]},
)
lock.pin(
    "a process releases the lock of another one, and again although it is unlocked",
    {0: ATTEMPT},
    {1: [call("release"), call("release"), call("exit")]},
    {2: ATTEMPT + ATTEMPT},
)
lock.pin(
    "a process waits for a lock that it holds, until another process releases it",
    {0: [call("acquire"), call("acquire")]},
    {1: [call("release")]},
)
lock.pin(
    "two processes release a lock at once that was acquired once: one of them must be refused",
    *[{0: ATTEMPT}, {1: [call("release")], 2: [call("release")]}] * 4,
)


@lock.stream(stuck="progress", actors=arg.integers(2, 3), rounds=arg.integers(10, 30))
def contention(actors, rounds):
    """Processes lock and unlock as fast as they can, alternating between calls and with blocks."""
    turn = [call("acquire"), call("release"), call("enter"), call("exit")]
    return [turn * rounds for _ in range(actors)]


@lock.law(contention, "exclusive")
def one_is_inside(history):
    """At most one process holds the lock at any instant while several lock and unlock it at full speed."""
    enters, leaves = laws.picked(history, "acquire", "enter"), laws.picked(history, "release", "exit")
    return laws.never_above(1, enters, leaves)


@lock.law(contention, "progress")
def everybody_gets_in(history):
    """Every acquire() without a timeout eventually returns True if every holder releases the lock."""
    for step in laws.picked(history, "acquire"):
        if step.value != "True":
            return "acquire() by process %d ended with %s" % (step.actor, step.value)
    return None


@lock.scenario("with.raises")
def block_that_raises(mp):
    """A with block that raises an exception releases the lock, and the exception propagates."""
    mutex = manager(mp).Lock()
    with raises(KeyError), mutex:
        assert mutex.acquire(False) is False
        raise KeyError("inside")
    assert mutex.acquire(False) is True


@lock.scenario("threads.exclude")
def threads_exclude_each_other(mp):
    """A lock that a thread holds cannot be acquired by other threads of its process, but any of them may release it."""
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
    """A lock stays locked after the process that locked it has ended, and another process may release it."""
    mutex = manager(mp).Lock()
    with child(mp, acquire_it, mutex) as process:
        pass
    assert process.exitcode == 0
    assert mutex.acquire(False) is False
    assert mutex.release() is None
    assert mutex.acquire(False) is True


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
