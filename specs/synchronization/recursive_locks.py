"""Recursive locks: the owner of a lock may acquire it again.

The owner is a single thread of a single process. It has to release the lock as often as it acquired it.
Each actor makes its calls in a single thread, so the relation treats the process as the owner;
the scenarios distinguish threads.
"""

from __future__ import annotations

from conformance import Frozen, Spec, arg, blocks, call, child, expires, laws, raises, replace, returns


class RLock(Frozen):
    """A lock with an owner and a recursion level: how often the owner has yet to release it.

    made: RLock() creates a recursive lock that has no owner.
    inherited: A recursive lock passed as an argument to a new process refers to the same recursive lock in
        that process.
    """

    owner: int | None = None
    level: int = 0

    def up(self, me):
        return replace(self, owner=me, level=self.level + 1)

    def down(self):
        return replace(self, level=self.level - 1, owner=self.owner if self.level > 1 else None)


rlock = Spec("rlock", RLock, make=lambda mp: mp.RLock(), documents="multiprocessing.RLock", called="lock", light=True)


@rlock.op(block=arg.blocks, timeout=arg.timeouts, weight=3)
def acquire(state, me, block=True, timeout=None):
    """Acquires the lock, or acquires it once more for its owner.

    takes: acquire() makes the calling process the owner, at recursion level 1, and returns True if the lock
        has no owner.
    again: acquire() adds one to the recursion level and returns True without waiting if the calling process
        owns the lock.
    busy: acquire() returns False at once if another process owns the lock and block is false, whatever timeout is.
    waits: acquire() blocks while another process owns the lock, unless block is false; a lock released as
        often as it was acquired admits one waiter.
    expires: acquire() returns False once timeout seconds have elapsed without success, and no earlier; at
        once if timeout is zero or negative.
    """
    if state.owner is None:
        yield "takes", returns(True), state.up(me)
    elif state.owner == me:
        yield "again", returns(True), state.up(me)
    elif not block:
        yield "busy", returns(False)
    else:
        yield "waits", blocks
        yield "expires", expires(timeout, returns(False))


@rlock.op(weight=3)
def release(state, me):
    """Undoes one acquire() by the owner.

    lowers: release() subtracts one from the recursion level and returns None if the owner calls it above
        level 1; the lock keeps its owner.
    releases: release() leaves the lock without an owner and returns None if the owner calls it at recursion level 1.
    foreign: release() raises AssertionError if another process owns the lock, and the lock keeps its owner.
    unowned: release() raises AssertionError if the lock has no owner.
    """
    if state.owner is None:
        yield "unowned", raises(AssertionError)
    elif state.owner != me:
        yield "foreign", raises(AssertionError)
    elif state.level > 1:
        yield "lowers", returns(None), state.down()
    else:
        yield "releases", returns(None), state.down()


@rlock.op(since=(3, 14))
def locked(state, me):
    """Whether the lock is locked.

    tells: locked() returns True while any process owns the lock, including the calling process, and False otherwise.
    """
    yield "tells", returns(state.owner is not None)


def enter_block(lock):
    lock.__enter__()  # its return value is undocumented


def leave_block(lock):
    lock.__exit__(None, None, None)


@rlock.op(enter_block, doc="multiprocessing.RLock")
def enter(state, me):
    """The start of a with block.

    takes: A with statement adds one to the recursion level and enters its block if the lock has no owner or
        the calling process owns it.
    waits: A with statement waits until no other process owns the lock, and only then enters its block.
    """
    if state.owner in (None, me):
        yield "takes", returns(None), state.up(me)
    else:
        yield "waits", blocks


@rlock.op(leave_block, doc="multiprocessing.RLock", name="exit")
def leave(state, me):
    """The end of a with block.

    releases: A with block subtracts one from the recursion level at its end.
    foreign: A with block raises AssertionError at its end if the process does not own the lock.
    """
    if state.owner == me:
        yield "releases", returns(None), state.down()
    else:
        yield "foreign", raises(AssertionError)


TWICE, ONCE = [call("acquire"), call("acquire"), call("release")], [call("release")]
THRICE = [call("acquire")] * 3 + [call("release")] * 4
NESTED = [call("enter")] * 3 + [call("exit")] * 4

rlock.rescue(call("release"))
rlock.pin(
    "two processes wait for a lock that its owner has acquired twice and released once",
    {0: TWICE},
    {1: [call("acquire")], 2: [call("acquire")]},
    {0: ONCE},
)
rlock.pin(
    "a process that does not own the lock tries to acquire and to release it",
    {0: TWICE},
    {1: [call("acquire", False), call("release")]},
    {0: ONCE + ONCE},
    {1: [call("acquire", False)]},
)
rlock.pin("three levels are acquired and four released, by calls and then by with blocks", {0: THRICE}, {1: NESTED})


@rlock.stream(stuck="progress", actors=arg.integers(2, 3), rounds=arg.integers(30, 100), depth=arg.integers(1, 3))
def contention(actors, rounds, depth):
    """Processes acquire as often as they release, as fast as they can, with calls around a with block."""
    turn = [call("acquire")] * depth + [call("enter"), call("exit")] + [call("release")] * depth
    return [turn * rounds for _ in range(actors)]


@rlock.law(contention, "exclusive")
def one_is_inside(history):
    """At most one process owns the lock at any instant while several acquire and release it at full speed."""
    enters, leaves, level = [], [], {}
    for step in laws.picked(history, "acquire", "enter", "release", "exit"):
        change = 1 if step.op in ("acquire", "enter") else -1
        level[step.actor] = level.get(step.actor, 0) + change
        if change == 1 == level[step.actor]:
            enters.append(step)
        elif change == -1 and level[step.actor] == 0:
            leaves.append(step)
    return laws.never_above(1, enters, leaves)


@rlock.law(contention, "progress", doc="multiprocessing.RLock.acquire")
def everybody_gets_in(history):
    """Every acquire() eventually returns True if every owner releases the lock as often as it acquired it."""
    for step in laws.picked(history, "acquire"):
        if step.value != "True":
            return "acquire() by process %d ended with %s" % (step.actor, step.value)
    return None


def be_an_outsider(lock):
    """Fails unless the lock treats this process as one that does not own it."""
    assert lock.acquire(False) is False
    with raises(AssertionError):
        lock.release()


@rlock.scenario("inherited.unowned", depth=arg.integers(1, 2))
def ownership_is_not_inherited(mp, depth):
    """A process created by the owner of the lock does not own it, and can neither acquire nor release it."""
    lock = mp.RLock()
    for _ in range(depth):
        lock.acquire()
    with child(mp, be_an_outsider, lock) as outsider:
        pass
    assert outsider.exitcode == 0
    for _ in range(depth):
        lock.release()
    with raises(AssertionError):
        lock.release()


@rlock.scenario("threads.own")
def threads_own(mp):
    """The owner is a single thread: no other thread of its process can acquire or release the lock."""
    from concurrent.futures import ThreadPoolExecutor

    lock = mp.RLock()
    lock.acquire()
    with ThreadPoolExecutor(1) as thread:
        assert thread.submit(lock.acquire, False).result() is False
        with raises(AssertionError):
            thread.submit(lock.release).result()
    assert lock.acquire(False) is True
    assert [lock.release(), lock.release()] == [None, None]


@rlock.scenario("threads.wait", doc="multiprocessing.RLock.acquire")
def threads_wait_for_each_other(mp):
    """acquire() makes a waiting thread the owner once another thread of its process has fully released the lock."""
    from concurrent.futures import ThreadPoolExecutor

    lock = mp.RLock()
    assert [lock.acquire(), lock.acquire()] == [True, True]
    with ThreadPoolExecutor(1) as thread:
        waiting = thread.submit(lock.acquire)
        lock.release()
        lock.release()
        assert waiting.result() is True
        with raises(AssertionError):
            lock.release()
        assert thread.submit(lock.release).result() is None
    assert lock.acquire(False) is True


@rlock.scenario("with.raises")
def block_that_raises(mp):
    """A with block that raises an exception undoes only its own acquisition, and the exception propagates."""
    lock = mp.RLock()
    with raises(KeyError), lock:
        with raises(ValueError), lock:
            raise ValueError("inner")
        with child(mp, be_an_outsider, lock) as outsider:
            pass
        assert outsider.exitcode == 0
        raise KeyError("outer")
    with raises(AssertionError):
        lock.release()
