"""Conditions: processes wait until another process that holds the same lock notifies them.

The manual refers to ``threading`` for what a ``Condition`` does. A wait takes several steps: it
releases the lock, sleeps until it is notified or times out, and reacquires the lock at the recursion
level that it had. Each step is a phase of the relation.
"""

from __future__ import annotations

from itertools import combinations, cycle

from conformance import Spec, arg, blocks, call, child, expires, laws, raises, replace, returns, then, unspecified
from specs.synchronization import recursive_locks
from specs.synchronization.recursive_locks import RLock


class Condition(RLock):
    """A recursive lock, and the processes that have released it and sleep.

    ``levels`` holds the recursion level at which each waiter will reacquire the lock.

    made: Condition() creates a condition that has a recursive lock of its own and no waiters.
    inherited: A condition passed as an argument to a new process refers to the same condition in that process.
    """

    waiting: frozenset[int] = frozenset()
    notified: frozenset[int] = frozenset()
    levels: tuple[tuple[int, int], ...] = ()

    def sleep(self, me):
        levels = tuple(sorted((*self.levels, (me, self.level))))
        return replace(self, owner=None, level=0, waiting=self.waiting | {me}, levels=levels)

    def wake(self, chosen):
        return replace(self, waiting=self.waiting - chosen, notified=self.notified | chosen)

    def get_up(self, me):
        return replace(self, waiting=self.waiting - {me}, notified=self.notified - {me})

    def take_back(self, me):
        levels = dict(self.levels)
        return replace(self, owner=me, level=levels.pop(me), levels=tuple(sorted(levels.items())))


condition = Spec(
    "condition",
    Condition,
    make=lambda mp: mp.Condition(),
    documents="multiprocessing.Condition",
    cost=2,  # four semaphores each
)
condition.adopt(recursive_locks.rlock, "acquire", "release", "enter", "exit", documents="threading.Condition")


@condition.op(doc="threading.Condition.wait", timeout=arg.unsigned_timeouts, weight=3)
def wait(c, me, timeout=None, *, phase=None):
    """Releases the lock, sleeps until it is notified, and reacquires the lock.

    unowned: wait() raises RuntimeError if the process does not own the lock.
    waits: wait() releases the lock completely, however often it was acquired, and blocks until it is notified.
    returns: wait() reacquires the lock, at its previous recursion level, and returns True if it is notified
        before it times out.
    held: wait() does not return while another process owns the lock, not even after a notification or a timeout.
    expires: wait() reacquires the lock and returns False once timeout seconds have elapsed without a
        notification, and no earlier; at once if timeout is zero.
    """
    if phase is None and c.owner != me:
        yield "unowned", raises(RuntimeError)
    elif phase is None:
        yield "waits", then("asleep"), c.sleep(me)
    elif phase == "asleep":
        if me in c.notified:
            yield then("notified", returns(True)), c.get_up(me)
        else:
            yield "waits", blocks
        # Even if it was notified meanwhile: a waiter that is late need not notice.
        yield "expires", expires(timeout, then("late", returns(False))), c.get_up(me)
    elif c.owner is not None:
        yield "held", blocks
    elif phase == "notified":
        yield "returns", returns(True), c.take_back(me)
    else:
        yield "expires", returns(False), c.take_back(me)


def wait_for_constant(cond, result, timeout=None):
    return cond.wait_for(lambda: result, timeout)


@condition.op(
    wait_for_constant,
    doc="threading.Condition.wait_for",
    result=arg.one_of(0, "", 1, "yes"),
    timeout=arg.one_of(arg.SHORT, arg.SHORT, 0),  # nothing makes a constant true
)
def wait_for(c, me, result, timeout, *, phase=None):
    """Waits until a predicate is true; here, the predicate always has the same result.

    true: wait_for() returns the result of the predicate and keeps the lock if the result is true.
    unowned: wait_for() raises RuntimeError if it has to wait for the predicate and the process does not own the lock.
    waits: wait_for() releases the lock and blocks while the predicate is false; when notified, it reacquires
        the lock before it calls the predicate again.
    expires: wait_for() reacquires the lock and returns the last result of the predicate once timeout seconds
        have elapsed with the predicate still false, and no earlier.
    """
    if phase is None and c.owner != me:
        if result or timeout <= 0:
            yield unspecified  # whether the lock is needed if there is no need to wait
        else:
            yield "unowned", raises(RuntimeError)
    elif phase is None and result:
        yield "true", returns(result)
    elif phase is None:
        yield "waits", then("asleep"), c.sleep(me)
    elif phase == "asleep":
        if me in c.notified:
            yield then("notified"), c.get_up(me)
        else:
            yield "waits", blocks
        yield "expires", expires(timeout, then("late", returns(result))), c.get_up(me)
    elif phase == "looks":
        yield "waits", then("asleep"), c.sleep(me)
        yield "expires", expires(timeout, returns(result))
    elif c.owner is not None:
        yield "waits", blocks
        if phase == "notified":
            yield "expires", expires(timeout, then("late", returns(result)))
    elif phase == "notified":
        yield then("looks"), c.take_back(me)
    else:
        yield "expires", returns(result), c.take_back(me)


@condition.op(doc="threading.Condition.notify", n=arg.one_of(1, 2, 3), weight=2)
def notify(c, me, n=1):
    """Wakes up some waiters.

    unowned: notify() raises RuntimeError and wakes up no process if the calling process does not own the lock.
    nobody: notify() returns None and has no effect on later waiters if no process is waiting.
    wakes: notify() wakes up n waiters, or all of them if there are fewer, keeps the lock, and returns None; n
        is 1 by default.
    """
    if c.owner != me:
        yield "unowned", raises(RuntimeError)
    elif not c.waiting:
        yield "nobody", returns(None)
    else:
        for chosen in combinations(sorted(c.waiting), min(n, len(c.waiting))):
            yield "wakes", returns(None), c.wake(frozenset(chosen))


@condition.op(doc="threading.Condition.notify_all", weight=2)
def notify_all(c, me):
    """Wakes up all waiters.

    unowned: notify_all() raises RuntimeError and wakes up no process if the calling process does not own the lock.
    nobody: notify_all() returns None and has no effect on later waiters if no process is waiting.
    wakes: notify_all() wakes up every waiter, keeps the lock, and returns None.
    """
    if c.owner != me:
        yield "unowned", raises(RuntimeError)
    else:
        yield "wakes" if c.waiting else "nobody", returns(None), c.wake(c.waiting)


def round_of(*calls):
    return [call("acquire"), *calls, call("release")]


SLEEPERS = {1: round_of(call("wait")), 2: round_of(call("wait"))}
FALSE = call("wait_for", 0, arg.SHORT)

for unowned in "wait", "notify", "notify_all":
    condition.pin("%s() by a process that does not own the lock" % unowned, {0: [call(unowned)]})
condition.pin("wait_for() with a false predicate, by a process that does not own the lock", {0: [FALSE]})
condition.rescue(call("acquire"), call("notify_all"), call("release"))
condition.pin(
    "two processes wait, and each of two calls of notify() wakes one",
    SLEEPERS,
    {0: round_of(call("notify"))},
    {0: round_of(call("notify"))},
)
condition.pin(
    "notify(2) wakes two waiters, and another notify() finds nobody",
    SLEEPERS,
    {0: round_of(call("notify", 2), call("notify"))},
    {0: [call("acquire", False)]},
)
condition.pin(
    "notify_all() wakes two waiters, which have to wait until the lock is released",
    SLEEPERS,
    {0: [call("acquire"), call("notify_all")]},
    {0: [call("release")]},
)
condition.pin(
    "notify() without waiters has no effect on a later wait, which times out",
    {0: round_of(call("notify"))},
    {1: round_of(call("wait", arg.SHORT))},
    {1: [call("acquire", False)]},
)
condition.pin(
    "a process waits at recursion level 2, and has to release the lock twice after it was notified",
    {0: [call("acquire"), call("acquire"), call("wait", arg.LONG)]},
    {1: round_of(call("notify"))},
    {1: [call("acquire", False)]},
    {0: [call("release")]},
    {1: [call("acquire", False)]},
    {0: [call("release")]},
    {1: [call("acquire", False)]},
)
condition.pin(
    "one wait times out beside another one, which notify() wakes",
    {1: round_of(call("wait", arg.SHORT))},
    {2: round_of(call("wait"))},
    {0: round_of(call("notify"))},
)
condition.pin(
    "wait_for() with a false predicate is over while another process holds the lock",
    {1: round_of(FALSE)},
    {0: [call("acquire"), call("notify_all")]},
    {0: [call("release")]},
)


@condition.stream(stuck="progress", rounds=arg.integers(10, 40))
def turns(rounds):
    """Two processes take turns: each notifies the other and waits for it; a third one waits as well, but gives up."""
    player = [call("acquire"), *[call("notify_all"), call("wait")] * rounds, call("notify_all"), call("release")]
    return [player, player, round_of(call("wait", timeout=0)) * rounds]


@condition.law(turns, "progress", doc="threading.Condition.notify_all")
def everybody_wakes_up(history):
    """Every wait() eventually returns True if two processes take turns, each calling notify_all() before it waits."""
    wrong = [step for step in laws.picked(history, "wait") if step.actor != 2 and step.value != "True"]
    return "wait() by process %d ended with %s" % (wrong[0].actor, wrong[0].value) if wrong else None


def play(number, cond, turns, rounds):
    """Waits for its turn, and passes the turn on."""
    for _ in range(rounds):
        with cond:
            assert cond.wait_for(lambda: turns[number].acquire(False)) is True
            turns[1 - number].release()
            cond.notify_all()


@condition.scenario("wait_for.changes", doc="threading.Condition.wait_for", rounds=arg.integers(1, 8))
def predicate_becomes_true(mp, rounds):
    """wait_for() returns once another process, holding the lock, makes the predicate true and calls notify_all()."""
    cond, turns = mp.Condition(), (mp.Semaphore(1), mp.Semaphore(0))
    with child(mp, play, 1, cond, turns, rounds) as other:
        play(0, cond, turns, rounds)
    assert other.exitcode == 0
    assert [turn.acquire(False) for turn in turns] == [True, False]


@condition.scenario("wait_for.result", doc="threading.Condition.wait_for")
def result_of_the_predicate(mp):
    """wait_for() calls the predicate without arguments, with the lock held, and returns its last result."""
    cond, untrue, results = mp.Condition(), cycle(["", None, ()]), []

    def predicate():
        cond.notify_all()  # raises unless the lock is held
        results.append(next(untrue))
        return results[-1]

    with cond:
        for _ in range(3):  # however often the predicate is called
            assert [cond.wait_for(predicate, timeout=0)] == results[-1:]
        assert cond.wait_for(lambda: "at once", 0) == "at once"
        assert cond.wait_for(lambda: "at once") == "at once"


@condition.scenario("locked.tells", doc="threading.Condition.locked", since=(3, 14))
def locked_tells(mp):
    """locked() returns True while the lock of the condition is held, and False otherwise."""
    cond = mp.Condition()
    assert cond.locked() is False
    with cond:
        assert cond.locked() is True
    assert cond.locked() is False


def try_it(lock, answers):
    answers.send(lock.acquire(False))


@condition.scenario("lock", kind=arg.one_of("Lock", "RLock"))
def a_lock_is_given(mp, kind):
    """Condition(lock) uses the given Lock or RLock: a process that holds the lock or the condition holds both."""
    lock = getattr(mp, kind)()
    one_lock(mp, lock, mp.Condition(lock))


def one_lock(mp, lock, cond):
    """Checks that a process that holds the lock holds the condition, and vice versa."""
    receiver, sender = mp.Pipe(duplex=False)
    for holder in lock, cond:
        assert holder.acquire() is True
        for other in lock, cond:
            with child(mp, try_it, other, sender):
                assert receiver.recv() is False
        assert cond.wait(0) is False
        holder.release()
    with child(mp, try_it, cond, sender):
        assert receiver.recv() is True


def sleep_until_told(cond, ready):
    with cond:
        ready.release()
        assert cond.wait() is True


@condition.scenario("lock.plain", doc="threading.Condition.wait", waiters=arg.integers(1, 2))
def a_plain_lock_is_given_up(mp, waiters):
    """wait() on a condition created with a Lock releases that lock and returns True when notified."""
    wakes_up(mp, mp.Condition(mp.Lock()), mp.Semaphore(0), waiters)


def wakes_up(mp, cond, ready, waiters):
    """Checks that this many processes wait and are woken up."""
    processes = [mp.Process(target=sleep_until_told, args=(cond, ready)) for _ in range(waiters)]
    for process in processes:
        process.start()
    for _ in processes:
        ready.acquire()
    with cond:  # every process that was ready has released the lock in wait()
        for _ in processes:
            cond.notify()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0] * waiters
