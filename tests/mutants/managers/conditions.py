"""Broken conditions and barriers of a manager: faults of their proxies, and of the objects themselves.

The faults of a condition's lock are those of a manager's locks.
"""

import threading

from mutants import Mutant
from mutants.managers import locks as manager_locks
from mutants.managers.queues import handing, serving


def of(spec, *slugs):
    """These clauses of one spec."""
    return tuple(f"{spec}.{slug}" for slug in slugs)


def condition(*slugs):
    return of("managercondition", *slugs)


def barrier(*slugs):
    return of("managerbarrier", *slugs)


def no_object(*args, **kwargs):
    raise TypeError("not made today")


class nothing_is_made(Mutant):
    """Neither can be made in the manager."""

    breaks = condition("made") + barrier("made")
    Manager = serving(Condition=no_object, Barrier=no_object)


class StaysHere:
    def __reduce__(self):
        raise TypeError("this proxy stays here")


class proxies_stay(Mutant):
    """Their proxies cannot be sent to a new process."""

    breaks = condition("inherited") + barrier("inherited")
    start_method = "spawn"
    Manager = handing(StaysHere, "Condition", "Barrier")


class blocking_dropped(Mutant):
    """A call of acquire() that was asked not to block does."""

    breaks = condition("acquire.busy")
    Manager = handing(manager_locks.BlockingDropped, "Condition")


class timeout_dropped(Mutant):
    """A call of acquire() with a timeout waits as long as it takes."""

    breaks = condition("acquire.expires")
    Manager = handing(manager_locks.TimeoutDropped, "Condition")


class never_blocks(Mutant):
    """A call of acquire() that has to wait returns False instead."""

    breaks = condition("acquire.waits")
    Manager = handing(manager_locks.NeverBlocks, "Condition")


class success_untold(Mutant):
    """A call of acquire() that took the lock does not say so."""

    breaks = condition("acquire.takes", "acquire.again")
    Manager = handing(manager_locks.SuccessUntold, "Condition")


class release_says_true(Mutant):
    """A call of release() returns True."""

    breaks = condition("release.releases", "release.lowers")
    Manager = handing(manager_locks.ReleaseSaysTrue, "Condition")


class errors_swallowed(Mutant):
    """Who must not release the lock is not told."""

    breaks = condition("release.foreign", "release.unowned", "exit.refused")
    Manager = handing(manager_locks.ErrorsSwallowed, "Condition")


class blocks_not_exposed(Mutant):
    """With blocks call methods to which proxies have no access."""

    breaks = condition("enter.takes")
    Manager = handing(manager_locks.NotExposed, "Condition")


class exit_not_exposed(Mutant):
    """The end of a with block calls a method to which proxies have no access."""

    breaks = condition("exit.releases")
    Manager = handing(manager_locks.ExitNotExposed, "Condition")


class enter_does_not_wait(Mutant):
    """A with block starts also if it could not take the lock."""

    breaks = condition("enter.waits")
    Manager = handing(manager_locks.EnterDoesNotWait, "Condition")


class TakesTheLockItself:
    def wait(self, timeout=None):
        with self:
            return super().wait(timeout)

    def notify(self, n=1):
        with self:
            return super().notify(n)

    def notify_all(self):
        with self:
            return super().notify_all()


class takes_the_lock_itself(Mutant):
    """Does not ask for the lock to be held."""

    breaks = condition("wait.unowned", "wait_for.unowned", "notify.unowned", "notify_all.unowned")
    Manager = handing(TakesTheLockItself, "Condition")


class ResultsConfused:
    def wait(self, timeout=None):
        super().wait(timeout)

    def notify(self, n=1):
        super().notify(n)
        return n

    def notify_all(self):
        super().notify_all()
        return True

    def wait_for(self, predicate, timeout=None):
        return bool(super().wait_for(predicate, timeout))


class results_confused(Mutant):
    """Calls return other things than they should."""

    breaks = condition(
        "wait.waits",
        "notify.wakes",
        "notify.nobody",
        "notify_all.wakes",
        "notify_all.nobody",
        "wait_for.true",
        "wait_for.waits",
        "progress",
    )
    Manager = handing(ResultsConfused, "Condition")


class Impatient:
    def wait(self, timeout=None):
        return super().wait(timeout and timeout / 2)

    def wait_for(self, predicate, timeout=None):
        return super().wait_for(predicate, timeout and timeout / 2)


class impatient(Mutant):
    """Waits half as long as it was told to."""

    breaks = condition("wait.expires", "wait_for.expires")
    Manager = handing(Impatient, "Condition")


class Silent(threading.Condition):
    def notify(self, n=1):
        if not self._is_owned():
            raise RuntimeError("cannot notify on un-acquired lock")


class nobody_is_woken(Mutant):
    """Wakes up nobody."""

    breaks = condition("wait.returns")
    Manager = serving(Condition=Silent)


class LockNotAwaited(threading.Condition):
    def __init__(self):
        super().__init__()
        self._acquire_restore = lambda state: self._lock.acquire(False)


class lock_not_awaited(Mutant):
    """A wait takes the lock back only if that is free."""

    breaks = condition("wait.held")
    Manager = serving(Condition=LockNotAwaited)


class FromOne:
    def wait(self, timeout=None):
        return super().wait(timeout) + 1


class numbers_from_one(Mutant):
    """Counts those who pass from one."""

    breaks = barrier("wait.passes", "progress")
    Manager = handing(FromOne, "Barrier")


class Open(threading.Barrier):
    def wait(self, timeout=None):
        return 0


class open_to_all(Mutant):
    """Lets everybody pass at once."""

    breaks = barrier("wait.waits", "wait.broken", "together")
    Manager = serving(Barrier=Open)


class FailureUntold(threading.Barrier):
    def wait(self, timeout=None):
        try:
            return super().wait(timeout)
        except threading.BrokenBarrierError:
            return None


class failure_untold(Mutant):
    """A wait that fails returns nothing."""

    breaks = barrier("wait.broken", "wait.fails")
    Manager = serving(Barrier=FailureUntold)


class NoTimeout:
    def wait(self, timeout=None):
        return super().wait()


class no_timeout(Mutant):
    """A wait goes on after its timeout."""

    breaks = barrier("wait.expires")
    Manager = handing(NoTimeout, "Barrier")


class BarrierConfused:
    def reset(self):
        return self.abort()

    def abort(self):
        super().abort()
        return True

    @property
    def parties(self):
        return super().parties + 1

    @property
    def n_waiting(self):
        return super().n_waiting > 0


class barrier_confused(Mutant):
    """A reset breaks the barrier, abort() says so, and the attributes are wrong."""

    breaks = barrier("reset.resets", "abort.breaks", "parties.tells", "n_waiting.tells")
    Manager = handing(BarrierConfused, "Barrier")


class NeverBroken:
    @property
    def broken(self):
        return False


class never_broken(Mutant):
    """Is never broken, if one asks it."""

    breaks = barrier("is_broken.tells")
    Manager = handing(NeverBroken, "Barrier")
