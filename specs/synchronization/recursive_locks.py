"""Recursive locks: whoever owns one may acquire it again.

The owner is one thread of one process. It has to release the lock as often as it acquired it.
Each actor makes its calls in a single thread, so the relation takes a process for an owner;
the scenarios tell threads apart.
"""

from __future__ import annotations

from conformance import Frozen, Spec, arg, blocks, call, child, expires, laws, raises, replace, returns


class RLock(Frozen):
    """A lock with an owner, and a level: how often the owner has yet to release it.

    made: RLock() makes a lock that nobody owns.
    inherited: A lock that is passed to a process when that is created is the same lock there.
    """

    owner: int | None = None
    level: int = 0

    def up(self, me):
        return replace(self, owner=me, level=self.level + 1)

    def down(self):
        return replace(self, level=self.level - 1, owner=self.owner if self.level > 1 else None)


rlock = Spec("rlock", RLock, make=lambda mp: mp.RLock(), documents="multiprocessing.RLock")


@rlock.op(block=arg.blocks, timeout=arg.timeouts, weight=3)
def acquire(state, me, block=True, timeout=None):
    """Takes the lock or, for its owner, takes it once more.

    takes: With the lock unowned, the caller becomes its owner at level one, and the call returns True.
    again: The owner's level goes up by one and the call returns True, without waiting for anything.
    busy: With another owner, a call that does not block returns False at once, whatever timeout says.
    waits: With another owner, a call that blocks waits until that has released the lock as often
        as it acquired it; then one waiting call is let in.
    expires: A call that could not take the lock in timeout seconds returns False, then and never
        before; at once if timeout is zero or negative.
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
    """Takes back one acquire() of the owner.

    lowers: Above level one, the owner's level goes down by one, it stays the owner, and the call returns None.
    releases: At level one, the lock has no owner any more, and the call returns None.
    foreign: A process that is not the owner gets AssertionError, and the owner stays the owner.
    unowned: With the lock unowned, the call raises AssertionError.
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

    tells: The call returns True while anybody owns the lock, the caller included, and False otherwise.
    """
    yield "tells", returns(state.owner is not None)


def enter_block(lock):
    lock.__enter__()  # what it returns is not documented


def leave_block(lock):
    lock.__exit__(None, None, None)


@rlock.op(enter_block, doc="multiprocessing.RLock")
def enter(state, me):
    """The start of a with block.

    takes: With the lock unowned, or owned by the process already, the block starts, one level up.
    waits: With another owner, the block does not start before that has released the lock.
    """
    if state.owner in (None, me):
        yield "takes", returns(None), state.up(me)
    else:
        yield "waits", blocks


@rlock.op(leave_block, doc="multiprocessing.RLock", name="exit")
def leave(state, me):
    """The end of a with block.

    releases: The block ends, one level down.
    foreign: The end of the block raises AssertionError in a process that does not own the lock.
    """
    if state.owner == me:
        yield "releases", returns(None), state.down()
    else:
        yield "foreign", raises(AssertionError)


TWICE, ONCE = [call("acquire"), call("acquire"), call("release")], [call("release")]
THRICE = [call("acquire")] * 3 + [call("release")] * 4
NESTED = [call("enter")] * 3 + [call("exit")] * 4

rlock.rescue(call("release"))
rlock.pin({0: TWICE}, {1: [call("acquire")], 2: [call("acquire")]}, {0: ONCE})
rlock.pin({0: TWICE}, {1: [call("acquire", False), call("release")]}, {0: ONCE + ONCE}, {1: [call("acquire", False)]})
rlock.pin({0: THRICE}, {1: NESTED})


@rlock.stream(stuck="progress", actors=arg.integers(2, 3), rounds=arg.integers(30, 100), depth=arg.integers(1, 3))
def contention(actors, rounds, depth):
    """Processes acquire as often as they release, as fast as they can, with calls around a block."""
    turn = [call("acquire")] * depth + [call("enter"), call("exit")] + [call("release")] * depth
    return [turn * rounds for _ in range(actors)]


@rlock.law(contention, "exclusive")
def one_is_inside(history):
    """Of several processes that acquire and release at full speed, at most one owns the lock at any instant."""
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
    """While every owner releases the lock as often as it acquired it, every acquire() returns True in the end."""
    for step in laws.picked(history, "acquire"):
        if step.value != "True":
            return "acquire() by process %d ended with %s" % (step.actor, step.value)
    return None


def be_an_outsider(lock):
    """Fails unless this process is treated as one that does not own the lock."""
    assert lock.acquire(False) is False
    with raises(AssertionError):
        lock.release()


@rlock.scenario("inherited.unowned", depth=arg.integers(1, 2))
def ownership_is_not_inherited(mp, depth):
    """A process that is created by the lock's owner does not own the lock: it can neither acquire nor release it."""
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
    """The owner is one thread: to every other thread of its process the lock is taken, and not theirs to release."""
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
    """A thread that waits for the lock owns it once another thread of its process has released it fully."""
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
    """A with block that ends with an exception takes back its own level only, and the exception goes on."""
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
