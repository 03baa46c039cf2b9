"""Locks: one process or thread at a time holds the lock.

A ``Lock`` has no owner. The process that acquired it last is remembered below only to distinguish
promises about the holder from promises about other processes: the lock treats them all alike.
"""

from __future__ import annotations

import os
import tempfile

from conformance import Frozen, Spec, arg, blocks, call, child, expires, laws, raises, replace, returns


class Lock(Frozen):
    """A lock that does not count how often it is acquired.

    made: Lock() creates a lock that is unlocked.
    inherited: A lock passed as an argument to a new process refers to the same lock in that process.
    """

    holder: int | None = None


lock = Spec("lock", Lock, make=lambda mp: mp.Lock(), documents="multiprocessing.Lock", light=True)


@lock.op(block=arg.blocks, timeout=arg.timeouts, weight=3)
def acquire(state, me, block=True, timeout=None):
    """Locks the lock; by default, waits until the lock is unlocked.

    takes: acquire() locks the lock and returns True if the lock is unlocked, whatever block and timeout are.
    busy: acquire() returns False at once if the lock is locked and block is false, whatever timeout is.
    again: acquire() blocks even in the process that holds the lock, unless block is false.
    waits: acquire() blocks while another process holds the lock, unless block is false; each release admits one waiter.
    expires: acquire() returns False once timeout seconds have elapsed without success, and no earlier; at
        once if timeout is zero or negative.
    """
    if state.holder is None:
        yield "takes", returns(True), replace(state, holder=me)
    elif not block:
        yield "busy", returns(False)
    else:
        if state.holder == me:
            yield "again", blocks
        else:
            yield "waits", blocks
        yield "expires", expires(timeout, returns(False))


@lock.op(weight=3)
def release(state, me):
    """Unlocks the lock.

    releases: release() unlocks the lock and returns None if the same process acquired it.
    foreign: release() unlocks the lock and returns None even if another process acquired it.
    unlocked: release() raises ValueError if the lock is unlocked, and the lock stays unlocked.
    """
    if state.holder is None:
        yield "unlocked", raises(ValueError)
    elif state.holder == me:
        yield "releases", returns(None), replace(state, holder=None)
    else:
        yield "foreign", returns(None), replace(state, holder=None)


@lock.op(since=(3, 14))
def locked(state, me):
    """Whether the lock is locked.

    tells: locked() returns True while any process holds the lock, and False otherwise.
    """
    yield "tells", returns(state.holder is not None)


def enter_block(mutex):
    mutex.__enter__()  # its return value is undocumented


def leave_block(mutex):
    mutex.__exit__(None, None, None)


@lock.op(enter_block, doc="multiprocessing.Lock")
def enter(state, me):
    """The start of a with block.

    takes: A with statement locks the lock and enters its block if the lock is unlocked.
    waits: A with statement waits until the lock is unlocked, and only then enters its block.
    """
    if state.holder is None:
        yield "takes", returns(None), replace(state, holder=me)
    else:
        yield "waits", blocks


@lock.op(leave_block, doc="multiprocessing.Lock", name="exit")
def leave(state, me):
    """The end of a with block.

    releases: A with block releases the lock at its end.
    unlocked: A with block raises ValueError at its end if the lock has already been released.
    """
    if state.holder is None:
        yield "unlocked", raises(ValueError)
    else:
        yield "releases", returns(None), replace(state, holder=None)


lock.rescue(call("release"))
lock.pin(
    "two processes wait for a lock that is released only once",
    {0: [call("acquire")]},
    {1: [call("acquire")], 2: [call("acquire")]},
    {0: [call("release")]},
)
lock.pin(
    "a process releases a lock that another process acquired",
    {0: [call("acquire")]},
    {1: [call("release")]},
    {2: [call("acquire", False)]},
)
lock.pin(
    "two processes release a lock at once that was acquired once: one of them must be refused",
    *[{0: [call("acquire", False)]}, {1: [call("release")], 2: [call("release")]}] * 8,
)


@lock.stream(stuck="progress", actors=arg.integers(2, 3), rounds=arg.integers(30, 150))
def contention(actors, rounds):
    """Processes lock and unlock as fast as they can, alternating between calls and with blocks."""
    turn = [call("acquire"), call("release"), call("enter"), call("exit")]
    return [turn * rounds for _ in range(actors)]


@lock.law(contention, "exclusive")
def one_is_inside(history):
    """At most one process holds the lock at any instant while several lock and unlock it at full speed."""
    enters, leaves = laws.picked(history, "acquire", "enter"), laws.picked(history, "release", "exit")
    return laws.never_above(1, enters, leaves)


@lock.law(contention, "progress", doc="multiprocessing.Lock.acquire")
def everybody_gets_in(history):
    """Every acquire() without a timeout eventually returns True if every holder releases the lock."""
    for step in laws.picked(history, "acquire"):
        if step.value != "True":
            return "acquire() by process %d ended with %s" % (step.actor, step.value)
    return None


def count_up(mutex, path, times):
    """Increments the number in a file, in separate steps that only the lock makes atomic."""
    for _ in range(times):
        with mutex:
            with open(path) as file:
                count = int(file.read())
            with open(path, "w") as file:
                file.write(str(count + 1))


@lock.scenario("protects", times=arg.one_of(50, 200))
def protects_what_is_shared(mp, times):
    """A value that is read and written only while the lock is held loses no update by any process."""
    mutex = mp.Lock()
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "count")
        with open(path, "w") as file:
            file.write("0")
        with child(mp, count_up, mutex, path, times), child(mp, count_up, mutex, path, times):
            pass
        with open(path) as file:
            assert int(file.read()) == 2 * times


@lock.scenario("acquire.ignores", doc="multiprocessing.Lock.acquire", timeout=arg.one_of(1e300, -1e300, arg.LONG))
def timeout_is_ignored_without_blocking(mp, timeout):
    """acquire() ignores timeout if block is false, even if timeout makes no sense."""
    mutex = mp.Lock()
    assert mutex.acquire(False, timeout) is True
    assert mutex.acquire(False, timeout) is False


@lock.scenario("with.raises")
def block_that_raises(mp):
    """A with block that raises an exception releases the lock, and the exception propagates."""
    mutex = mp.Lock()
    with raises(KeyError), mutex:
        assert mutex.acquire(False) is False
        raise KeyError("inside")
    assert mutex.acquire(False) is True


@lock.scenario("threads.exclude")
def threads_exclude_each_other(mp):
    """A lock that a thread holds cannot be acquired by other threads of its process, but any of them may release it."""
    from concurrent.futures import ThreadPoolExecutor

    mutex = mp.Lock()
    assert mutex.acquire() is True
    with ThreadPoolExecutor(1) as thread:
        assert thread.submit(mutex.acquire, False).result() is False
        assert thread.submit(mutex.release).result() is None
    assert mutex.acquire(False) is True


@lock.scenario("threads.wait", doc="multiprocessing.Lock.acquire")
def threads_wait_for_each_other(mp):
    """acquire() in a waiting thread returns True once another thread of the same process releases the lock."""
    from concurrent.futures import ThreadPoolExecutor

    mutex = mp.Lock()
    mutex.acquire()
    with ThreadPoolExecutor(1) as thread:
        waiting = thread.submit(mutex.acquire)
        mutex.release()
        assert waiting.result() is True
    assert mutex.acquire(False) is False


def be_refused(mutex):
    """Fails unless the unlocked lock refuses to be released, and stays unlocked."""
    with raises(ValueError):
        mutex.release()
    with raises(ValueError), mutex:
        mutex.release()
    assert [mutex.acquire(False), mutex.acquire(False), mutex.release()] == [True, False, None]


# The relation says the same, but there a known race of two releases would mask a lock that refuses none.
@lock.scenario("release.refused", doc="multiprocessing.Lock.release")
def unlocked_lock_refuses_release(mp):
    """release() and the end of a with block raise ValueError if the lock is unlocked and no other process uses it."""
    mutex = mp.Lock()
    be_refused(mutex)
    with child(mp, be_refused, mutex) as process:
        pass
    assert process.exitcode == 0
    be_refused(mutex)


def release_it(mutex):
    mutex.release()


def pass_on(process_class, mutex):
    process = process_class(target=release_it, args=(mutex,))
    process.start()
    process.join()


@lock.scenario("inherited.onward")
def passed_on_to_a_grandchild(mp):
    """A lock that a child passes on to a new process of its own refers to the same lock in that process."""
    mutex = mp.Lock()
    mutex.acquire()
    with child(mp, pass_on, mp.Process, mutex):
        pass
    assert mutex.acquire(False) is True
