"""Conditions and barriers that live in a manager's process.

Every process has a proxy for the same object of ``threading``, so the relations of the conditions and barriers
of ``multiprocessing`` itself hold for them; only the lock of a condition is that of a manager.
"""

from conformance import Spec, arg, call
from specs.managers import recursive_locks as manager_recursive_locks
from specs.managers.queues import manager
from specs.synchronization import barriers, conditions
from specs.synchronization.barriers import Barrier
from specs.synchronization.conditions import Condition, one_lock, wakes_up

CONDITION = "multiprocessing.managers.SyncManager.Condition"
BARRIER = "multiprocessing.managers.SyncManager.Barrier"
COST = 8


class ManagerCondition(Condition):
    """A recursive lock, and the processes that have released it and sleep.

    made: Condition() creates a condition that has a recursive lock of its own and no waiters.
    inherited: A condition proxy passed as an argument to a new process refers to the same condition in that process.
    """


condition = Spec(
    "managercondition",
    ManagerCondition,
    make=lambda mp: manager(mp).Condition(),
    documents=CONDITION,
    cost=COST,
    called="condition",
    manager=manager,
)
condition.adopt(manager_recursive_locks.rlock, "acquire", "release", "enter", "exit", doc=CONDITION)
condition.adopt(conditions.condition, "wait", "wait_for", "notify", "notify_all", doc=CONDITION)

SLEEPERS = {1: [call("acquire"), call("wait"), call("release")], 2: [call("acquire"), call("wait"), call("release")]}

condition.rescue(call("acquire"), call("notify_all"), call("release"))
condition.pin(
    "notify() wakes one of two waiters and notify_all() the other, while the lock is held",
    SLEEPERS,
    {0: [call("acquire"), call("notify")]},
    {0: [call("notify_all"), call("release")]},
)
condition.pin(
    "a wait at recursion level 2 times out, and the lock can then be released twice, but not three times",
    {0: [call("acquire"), call("acquire"), call("wait", arg.SHORT)]},
    {0: [call("release")] * 3},
)
condition.pin(
    "wait_for() times out with a false predicate, and returns at once with a true one",
    {0: [call("acquire"), call("wait_for", 0, arg.SHORT), call("wait_for", 1, 0), call("release")]},
)
condition.pin(
    "every method, by a process that does not own the lock",
    {0: [call("notify"), call("notify_all"), call("wait_for", 0, 0), call("wait"), call("exit")]},
)


class ManagerBarrier(Barrier):
    """The processes that have arrived, pass with a number, or were waiting when the barrier was broken or reset.

    made: Barrier(parties, action, timeout) creates a barrier that has no waiters and is not broken.
    inherited: A barrier proxy passed as an argument to a new process refers to the same barrier in that process.
    """


barrier = Spec(
    "managerbarrier",
    ManagerBarrier,
    make=lambda mp, **kwargs: manager(mp).Barrier(**kwargs),
    documents=BARRIER,
    cost=COST,
    called="barrier",
    manager=manager,
    **barriers.barrier.domains,
)
barrier.adopt(barriers.barrier, *barriers.barrier.operations, doc=BARRIER)
barrier.rescue(call("abort"))
for pinned in barriers.barrier.pinned:
    barrier.pin(pinned.label, *pinned.rounds, **pinned.make)


@barrier.stream(stuck="progress", make={"parties": 3}, rounds=arg.integers(5, 15))
def rounds_of_three(rounds):
    """Three processes meet repeatedly."""
    return [[call("wait")] * rounds] * 3


@barrier.law(rounds_of_three, "progress")
def everybody_passes(history):
    """A barrier can be used again and again: all parties pass each time, with the numbers 0 to parties - 1."""
    return barriers.everybody_passes(history)


@barrier.law(rounds_of_three, "together")
def nobody_passes_alone(history):
    """No process passes the barrier before all parties have called wait()."""
    return barriers.nobody_passes_alone(history)


@condition.stream(stuck="progress", rounds=arg.integers(5, 15))
def turns(rounds):
    """Two processes take turns: each notifies the other and then waits for it."""
    return conditions.turns(rounds)[:2]


@condition.law(turns, "progress")
def everybody_wakes_up(history):
    """Every wait() eventually returns True if two processes take turns, each calling notify_all() before it waits."""
    return conditions.everybody_wakes_up(history)


@condition.scenario("lock", kind=arg.one_of("Lock", "RLock"))
def a_lock_is_given(mp, kind):
    """Condition(lock) uses the lock that the given proxy refers to: a process that holds either holds both."""
    lock = getattr(manager(mp), kind)()
    one_lock(mp, lock, manager(mp).Condition(lock))


@condition.scenario("lock.notified", kind=arg.one_of("Lock", "RLock"))
def a_given_lock_is_given_up(mp, kind):
    """wait() releases the lock whose proxy was passed to Condition(), so that another process can acquire
    the lock and call notify()."""
    served = manager(mp)
    wakes_up(mp, served.Condition(getattr(served, kind)()), served.Semaphore(0), 1)
