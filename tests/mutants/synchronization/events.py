"""Broken events."""

import threading
from multiprocessing import synchronize, util

from mutants import Mutant


class made_with_two_contexts(Mutant):
    """Cannot be made."""

    breaks = ("event.made",)

    class Event(synchronize.Event):
        def __init__(self, *, ctx):
            super().__init__(ctx=ctx)
            self._cond = ctx.Condition(ctx.Lock(), ctx=ctx)


class holds_a_mutex(Mutant):
    """Cannot be sent to a new process, since it refers to something that cannot."""

    breaks = ("event.inherited",)
    start_method = "spawn"

    class Event(synchronize.Event):
        def __init__(self, *, ctx):
            super().__init__(ctx=ctx)
            self._mutex = threading.Lock()


class starts_set(Mutant):
    """The flag is true when the event is made."""

    breaks = ("event.is_set.tells", "event.wait.waits")

    class Event(synchronize.Event):
        def __init__(self, *, ctx):
            super().__init__(ctx=ctx)
            self._flag = ctx.Semaphore(1)


class set_waits_for_the_flag(Mutant):
    """set() waits until the flag is true."""

    breaks = ("event.set.sets", "event.wakes", "event.wait.everybody", "event.wait.threads", "event.set.outlives")

    class Event(synchronize.Event):
        def set(self):
            with self._cond:
                self._flag.acquire()
                self._flag.release()
                self._cond.notify_all()


class set_refused_twice(Mutant):
    """set() fails if the flag is true already."""

    breaks = ("event.set.sets", "event.wakes")

    class Event(synchronize.Event):
        def __init__(self, *, ctx):
            super().__init__(ctx=ctx)
            self._flag = ctx.Lock()
            self._flag.acquire()

        def set(self):
            with self._cond:
                self._flag.release()
                self._cond.notify_all()


class set_counts(Mutant):
    """It takes as many calls of clear() as of set() to make the flag false."""

    breaks = ("event.is_set.tells",)

    class Event(synchronize.Event):
        def set(self):
            with self._cond:
                self._flag.release()
                self._cond.notify_all()


class set_toggles(Mutant):
    """set() makes the flag false if it is true."""

    breaks = ("event.is_set.tells", "event.wakes")

    class Event(synchronize.Event):
        def set(self):
            with self._cond:
                if not self._flag.acquire(False):
                    self._flag.release()
                self._cond.notify_all()


class set_wakes_nobody(Mutant):
    """set() leaves those asleep who wait already."""

    breaks = ("event.wait.returns", "event.wait.everybody", "event.wait.threads")

    class Event(synchronize.Event):
        def set(self):
            with self._cond:
                self._flag.acquire(False)
                self._flag.release()


class set_wakes_one(Mutant):
    """set() leaves all those asleep who wait already, but one."""

    breaks = ("event.wait.returns", "event.wait.everybody", "event.wait.threads")

    class Event(synchronize.Event):
        def set(self):
            with self._cond:
                self._flag.acquire(False)
                self._flag.release()
                self._cond.notify()


class set_only_wakes(Mutant):
    """set() does not change the flag."""

    breaks = (
        "event.is_set.tells",
        "event.wait.returns",
        "event.obeys",
        "event.wait.everybody",
        "event.wait.threads",
        "event.set.outlives",
    )

    class Event(synchronize.Event):
        def set(self):
            with self._cond:
                self._cond.notify_all()


class is_set_does_not_wait(Mutant):
    """is_set() returns False while somebody else is at work on the event."""

    breaks = ("event.stays",)

    class Event(synchronize.Event):
        def is_set(self):
            if not self._cond.acquire(False):
                return False
            self._cond.release()
            return super().is_set()


class is_set_lags(Mutant):
    """is_set() returns what it found the time before."""

    breaks = ("event.is_set.tells", "event.stays", "event.obeys")

    class Event(synchronize.Event):
        def is_set(self):
            told, self._found = getattr(self, "_found", False), super().is_set()
            return told


class set_says_true(Mutant):
    """set() and clear() tell what the flag is afterwards."""

    breaks = ("event.set.sets", "event.clear.clears", "event.progress")

    class Event(synchronize.Event):
        def set(self):
            super().set()
            return True

        def clear(self):
            super().clear()
            return False


class clear_waits_for_the_flag(Mutant):
    """clear() waits until the flag is true."""

    breaks = ("event.clear.clears",)

    class Event(synchronize.Event):
        def clear(self):
            with self._cond:
                self._flag.acquire()


class clear_keeps(Mutant):
    """clear() does not change the flag."""

    breaks = ("event.is_set.tells", "event.obeys", "event.wait.waits", "event.set.outlives")

    class Event(synchronize.Event):
        def clear(self):
            with self._cond:
                if self._flag.acquire(False):
                    self._flag.release()


class is_set_consumes(Mutant):
    """is_set() makes the flag false."""

    breaks = ("event.is_set.tells", "event.wait.returns", "event.obeys")

    class Event(synchronize.Event):
        def is_set(self):
            with self._cond:
                return self._flag.acquire(False)


class wait_consumes(Mutant):
    """wait() makes the flag false, so that it is true for one process only."""

    breaks = ("event.wait.returns", "event.set.outlives")

    class Event(synchronize.Event):
        def wait(self, timeout=None):
            with self._cond:
                if not self._flag.acquire(False):
                    self._cond.wait(timeout)
                    return self._flag.acquire(False)
                return True


class wait_always_waits(Mutant):
    """wait() does not look at the flag before it waits."""

    breaks = ("event.wait.returns",)

    class Event(synchronize.Event):
        def wait(self, timeout=None):
            with self._cond:
                self._cond.wait(timeout)
            return self.is_set()


class wait_says_nothing(Mutant):
    """wait() returns None."""

    breaks = ("event.wait.returns", "event.wakes", "event.wait.everybody", "event.wait.threads", "event.set.outlives")

    class Event(synchronize.Event):
        def wait(self, timeout=None):
            super().wait(timeout)


class wait_does_not_wait(Mutant):
    """wait() returns True at once."""

    breaks = ("event.wait.waits", "event.set.outlives")

    class Event(synchronize.Event):
        def wait(self, timeout=None):
            return True


class wait_ignores_the_timeout(Mutant):
    """wait() goes on after its timeout."""

    breaks = ("event.wait.expires", "event.progress", "event.set.outlives")

    class Event(synchronize.Event):
        def wait(self, timeout=None):
            return super().wait()


class wait_leaves_with_the_lock(Mutant):
    """A wait() that gives up keeps the lock."""

    breaks = ("event.set.sets", "event.progress")

    class Event(synchronize.Event):
        def wait(self, timeout=None):
            self._cond.acquire()
            if not self._flag.acquire(False):
                if not self._cond.wait(timeout):
                    return False
                if not self._flag.acquire(False):
                    self._cond.release()
                    return False
            self._flag.release()
            self._cond.release()
            return True


class wait_that_sets(Mutant):
    """A wait() that finds the flag false leaves it true."""

    breaks = ("event.is_set.tells", "event.obeys")

    class Event(synchronize.Event):
        def wait(self, timeout=None):
            with self._cond:
                if self._flag.acquire(False):
                    self._flag.release()
                    return True
                self._cond.wait(timeout)
                found = self._flag.acquire(False)
                self._flag.release()
                return found


class false_at_exit(Mutant):
    """The flag becomes false when a process that made it true ends."""

    breaks = ("event.set.outlives",)

    class Event(synchronize.Event):
        def set(self):
            super().set()
            util.Finalize(None, self.clear, exitpriority=1)
