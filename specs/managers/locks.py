"""Locks that live in a manager's process: every process has a proxy for the same lock of ``threading``.

The promises are those that ``threading`` makes about its locks, where each thread of each process counts
as a thread of its own. The argument is named ``blocking``, and releasing an unlocked lock raises RuntimeError,
where the locks of ``multiprocessing`` itself raise other exceptions.
"""

from __future__ import annotations

from conformance import Frozen, Spec, arg, blocks, call, child, expires, laws, raises, replace, returns, unspecified
from specs.managers.queues import manager
from specs.synchronization.locks import enter_block, leave_block

LOCK = "multiprocessing.managers.SyncManager.Lock"
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
