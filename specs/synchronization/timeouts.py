"""Endless timeouts of locks and their kin, which no process lives to see elapse: a call waits as if it had none."""

from contextlib import suppress
from threading import BrokenBarrierError

from conformance import child
from specs.synchronization.barriers import barrier
from specs.synchronization.conditions import condition
from specs.synchronization.events import event
from specs.synchronization.locks import lock
from specs.synchronization.recursive_locks import rlock
from specs.synchronization.semaphores import bounded, semaphore

ENDLESS = (1e10, float("inf"))  # seconds: three centuries, and infinity
HEAD_START = 0.2  # seconds for a process that is ready to begin to wait; one that is slower shows less
DOUBT = "a number of seconds may be meant that the clock of the system can show"


def report(conn, function, args):
    conn.send("ready")
    try:
        conn.send(function(*args))
    except Exception as error:
        conn.send(error)


def wait_elsewhere(mp, end, function, *args):
    """Calls the function in another process, calls end() once it may be waiting, and returns what it returns."""
    receiver, sender = mp.Pipe(False)
    with receiver, sender, child(mp, report, sender, function, args):
        assert receiver.recv() == "ready"
        if not receiver.poll(HEAD_START):
            end()
        return receiver.recv()


def acquire_within(lock, timeout):
    return lock.acquire(True, timeout)


@lock.scenario("acquire.endless", doc="multiprocessing.Lock.acquire", doubt=DOUBT)
def lock_with_an_endless_timeout(mp):
    """acquire() waits until the lock is released if timeout is as long as three centuries, or infinite."""
    for timeout in ENDLESS:
        held = mp.Lock()
        held.acquire()
        assert wait_elsewhere(mp, held.release, acquire_within, held, timeout) is True


@rlock.scenario("acquire.endless", doc="multiprocessing.RLock.acquire", doubt=DOUBT)
def recursive_lock_with_an_endless_timeout(mp):
    """acquire() waits until the owner releases the lock if timeout is as long as three centuries, or infinite."""
    for timeout in ENDLESS:
        owned = mp.RLock()
        owned.acquire()
        assert wait_elsewhere(mp, owned.release, acquire_within, owned, timeout) is True


@semaphore.scenario("acquire.endless", doubt=DOUBT)
def semaphore_with_an_endless_timeout(mp):
    """acquire() waits until the value is positive if timeout is as long as three centuries, or infinite."""
    for timeout in ENDLESS:
        exhausted = mp.Semaphore(0)
        assert wait_elsewhere(mp, exhausted.release, acquire_within, exhausted, timeout) is True


@bounded.scenario("acquire.endless", doubt=DOUBT)
def bounded_semaphore_with_an_endless_timeout(mp):
    """acquire() waits until the value is positive if timeout is as long as three centuries, or infinite."""
    for timeout in ENDLESS:
        exhausted = mp.BoundedSemaphore(1)
        exhausted.acquire()
        assert wait_elsewhere(mp, exhausted.release, acquire_within, exhausted, timeout) is True


def wait_within(awaited, timeout):
    return awaited.wait(timeout)


@event.scenario("wait.endless", doubt=DOUBT)
def event_with_an_endless_timeout(mp):
    """wait() waits until the flag is set if timeout is as long as three centuries, or infinite."""
    for timeout in ENDLESS:
        unset = mp.Event()
        assert wait_elsewhere(mp, unset.set, wait_within, unset, timeout) is True


def wait_for_flag(changed, flag, timeout):
    with changed:
        return changed.wait_for(flag.is_set, timeout)


@condition.scenario("wait_for.endless", doubt=DOUBT)
def condition_with_an_endless_timeout(mp):
    """wait_for() waits until the predicate is true if timeout is as long as three centuries, or infinite."""
    for timeout in ENDLESS:
        changed, flag = mp.Condition(), mp.Event()

        def change(changed=changed, flag=flag):
            with changed:
                flag.set()
                changed.notify_all()

        assert wait_elsewhere(mp, change, wait_for_flag, changed, flag, timeout) is True


def pass_through(gate, timeout):
    return gate.wait(timeout) in (0, 1)


@barrier.scenario("wait.endless", doubt=DOUBT)
def barrier_with_an_endless_timeout(mp):
    """wait() waits until all parties have arrived if timeout is as long as three centuries, or infinite."""
    for timeout in ENDLESS:
        gate = mp.Barrier(2)

        def arrive(gate=gate):
            with suppress(BrokenBarrierError):  # if the other call has failed
                gate.wait()

        assert wait_elsewhere(mp, arrive, pass_through, gate, timeout) is True
