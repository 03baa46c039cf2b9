"""Broken conditions; those whose lock is at fault are made of the broken locks of other chapters."""

import sys
import threading
import time
from multiprocessing import synchronize

from mutants import Mutant
from mutants.synchronization import recursive_locks, semlocks


class made_without_a_lock(Mutant):
    """Cannot be made unless a lock is given."""

    breaks = ("condition.made",)

    class Condition(synchronize.Condition):
        def __init__(self, lock, *, ctx):
            super().__init__(lock, ctx=ctx)


class holds_a_mutex(Mutant):
    """Cannot be sent to a new process, since its state holds something that cannot."""

    breaks = ("condition.inherited",)
    start_method = "spawn"

    class Condition(synchronize.Condition):
        def __getstate__(self):
            return (*super().__getstate__(), threading.Lock())


class two_own_it(recursive_locks.two_own_it):
    """Its lock lets two processes in."""

    breaks = ("condition.acquire.busy", "condition.acquire.waits", "condition.enter.waits")
    Condition = synchronize.Condition


class starts_owned(recursive_locks.starts_owned):
    """Its lock cannot be acquired."""

    breaks = ("condition.acquire.takes", "condition.enter.takes")
    Condition = synchronize.Condition


class not_recursive(recursive_locks.not_recursive):
    """Its lock is a plain one."""

    breaks = ("condition.acquire.again", "condition.release.foreign", "condition.release.unowned",
              "condition.exit.foreign")  # fmt: skip
    Condition = synchronize.Condition


class released_at_once(recursive_locks.released_at_once):
    """The first release gives up all levels of its lock."""

    breaks = ("condition.acquire.waits",)
    Condition = synchronize.Condition


class timeout_ignored(semlocks.timeout_ignored):
    """Its lock is waited for as long as it takes."""

    breaks = ("condition.acquire.expires",)
    Condition = synchronize.Condition


class release_says_true(semlocks.release_says_true):
    """Its lock says that it is released."""

    breaks = ("condition.release.releases", "condition.release.lowers")
    Condition = synchronize.Condition


class exit_takes_no_arguments(semlocks.exit_takes_no_arguments):
    """Its lock cannot end a with block."""

    breaks = ("condition.exit.releases",)
    Condition = synchronize.Condition


class waits_without_the_lock(Mutant):
    """Does not ask for the lock to be held before a wait."""

    breaks = ("condition.wait.unowned", "condition.wait_for.unowned")

    class Condition(synchronize.Condition):
        def wait(self, timeout=None):
            with self:
                return super().wait(timeout)


class notifies_without_the_lock(Mutant):
    """Does not ask for the lock to be held before it notifies."""

    breaks = ("condition.notify.unowned", "condition.notify_all.unowned")

    class Condition(synchronize.Condition):
        def notify(self, n=1):
            with self:
                super().notify(n)


class keeps_the_lock(Mutant):
    """Sleeps with the lock held, so that nobody can notify it."""

    breaks = ("condition.acquire.takes", "condition.progress", "condition.wait_for.changes", "condition.lock.plain")

    class Condition(synchronize.Condition):
        def wait(self, timeout=None):
            self._sleeping_count.release()
            try:
                return self._wait_semaphore.acquire(True, timeout)
            finally:
                self._woken_count.release()


class gives_up_one_level(Mutant):
    """Gives up one level of the lock, however many it has."""

    breaks = ("condition.acquire.takes",)

    class Condition(synchronize.Condition):
        def wait(self, timeout=None):
            self._sleeping_count.release()
            self._lock.release()
            try:
                return self._wait_semaphore.acquire(True, timeout)
            finally:
                self._woken_count.release()
                self._lock.acquire()


class takes_back_one_level(Mutant):
    """Takes the lock back once, however deep it was held."""

    breaks = ("condition.acquire.busy",)

    class Condition(synchronize.Condition):
        def wait(self, timeout=None):
            count = self._lock._semlock._count()
            result = super().wait(timeout)
            for _ in range(count - 1):
                self._lock.release()
            return result


class returns_without_the_lock(Mutant):
    """Does not take the lock back."""

    breaks = ("condition.progress", "condition.wait_for.changes", "condition.lock.plain", "condition.lock")

    class Condition(synchronize.Condition):
        def wait(self, timeout=None):
            count = self._lock._semlock._count()
            result = super().wait(timeout)
            for _ in range(count):
                self._lock.release()
            return result


class does_not_wait_for_the_lock(Mutant):
    """Takes the lock back only if that is free."""

    breaks = ("condition.wait.held",)

    class Condition(synchronize.Condition):
        def wait(self, timeout=None):
            self._sleeping_count.release()
            count = self._lock._semlock._count()
            for _ in range(count):
                self._lock.release()
            try:
                return self._wait_semaphore.acquire(True, timeout)
            finally:
                self._woken_count.release()
                for _ in range(count):
                    self._lock.acquire(False)


class never_says_false(Mutant):
    """Returns True, also when its time is over."""

    breaks = ("condition.wait.waits", "condition.lock")

    class Condition(synchronize.Condition):
        def wait(self, timeout=None):
            super().wait(timeout)
            return True


class says_nothing(Mutant):
    """Does not tell whether it was notified, as before Python 3.2."""

    breaks = ("condition.wait.expires", "condition.progress", "condition.lock.plain")

    class Condition(synchronize.Condition):
        def wait(self, timeout=None):
            super().wait(timeout)


class gives_up_early(Mutant):
    """Waits half as long as it was told to."""

    breaks = ("condition.wait.expires", "condition.wait_for.expires")

    class Condition(synchronize.Condition):
        def wait(self, timeout=None):
            return super().wait(timeout and timeout / 2)

        def wait_for(self, predicate, timeout=None):
            return super().wait_for(predicate, timeout and timeout / 2)


class notification_is_kept(Mutant):
    """Remembers a notification for which nobody waited."""

    breaks = ("condition.wait.waits",)

    class Condition(synchronize.Condition):
        def notify(self, n=1):
            sleeping = self._sleeping_count._semlock._get_value()
            super().notify(n)
            if not sleeping:
                self._wait_semaphore.release()


class notifies_nobody(Mutant):
    """Wakes up nobody at all."""

    breaks = ("condition.wait.returns", "condition.lock.plain", "condition.progress", "condition.wait_for.changes")

    class Condition(synchronize.Condition):
        def notify(self, n=1):
            return None


class notify_wakes_all(Mutant):
    """Wakes up everybody, whatever n is."""

    breaks = ("condition.wait.waits",)

    class Condition(synchronize.Condition):
        def notify(self, n=1):
            super().notify(sys.maxsize)


class notify_wakes_one(Mutant):
    """Wakes up one, whatever n is."""

    breaks = ("condition.wait.returns", "condition.progress")

    class Condition(synchronize.Condition):
        def notify(self, n=1):
            super().notify(1)


class notify_counts(Mutant):
    """Returns how many it woke up."""

    breaks = (
        "condition.notify.wakes",
        "condition.notify.nobody",
        "condition.notify_all.wakes",
        "condition.notify_all.nobody",
    )

    class Condition(synchronize.Condition):
        def notify(self, n=1):
            super().notify(n)
            return n

        def notify_all(self):
            return self.notify(sys.maxsize)


class notify_gives_up_the_lock(Mutant):
    """Gives up the lock when it notifies."""

    breaks = ("condition.wait.held", "condition.release.releases")

    class Condition(synchronize.Condition):
        def notify(self, n=1):
            super().notify(n)
            self._lock.release()


class asks_the_predicate_later(Mutant):
    """Sleeps before it looks at the predicate for the first time."""

    breaks = ("condition.wait_for.changes", "condition.wait_for.result")

    class Condition(synchronize.Condition):
        def wait_for(self, predicate, timeout=None):
            self.wait(timeout)
            return super().wait_for(predicate, timeout)


class asks_the_predicate_once(Mutant):
    """Takes any notification for the predicate's becoming true."""

    breaks = ("condition.wait_for.waits",)

    class Condition(synchronize.Condition):
        def wait_for(self, predicate, timeout=None):
            return predicate() or (self.wait(timeout) and predicate())


class tells_true_or_false(Mutant):
    """Returns True or False instead of the predicate's result."""

    breaks = ("condition.wait_for.true", "condition.wait_for.result", "condition.wait_for.waits")

    class Condition(synchronize.Condition):
        def wait_for(self, predicate, timeout=None):
            return bool(super().wait_for(predicate, timeout))


class polls_the_predicate(Mutant):
    """Looks at the predicate again and again, with the lock held all the time."""

    breaks = ("condition.wait_for.changes",)

    class Condition(synchronize.Condition):
        def wait_for(self, predicate, timeout=None):
            end = time.monotonic() + (5 if timeout is None else timeout)
            while not (result := predicate()) and time.monotonic() < end:
                pass
            return result


class own_lock_always(Mutant):
    """Uses a lock of its own, also where one is given."""

    breaks = ("condition.lock",)

    class Condition(synchronize.Condition):
        def __init__(self, lock=None, *, ctx):
            super().__init__(None, ctx=ctx)


class waits_for_an_owner(Mutant):
    """Cannot tell whether a plain lock is held."""

    breaks = ("condition.lock.plain", "condition.lock")

    class Condition(synchronize.Condition):
        def wait(self, timeout=None):
            assert isinstance(self._lock, synchronize.RLock)
            return super().wait(timeout)
