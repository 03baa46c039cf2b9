"""Broken barriers."""

import threading
from multiprocessing import synchronize

from mutants import Mutant


class never_made(Mutant):
    """Cannot be made."""

    breaks = ("barrier.made",)

    class Barrier(synchronize.Barrier):
        def __init__(self, parties, action=None, *, ctx):
            super().__init__(parties, action, ctx=ctx)


class holds_a_mutex(Mutant):
    """Cannot be sent to a new process, since its state holds something that cannot."""

    breaks = ("barrier.inherited",)
    start_method = "spawn"

    class Barrier(synchronize.Barrier):
        def __getstate__(self):
            return (*super().__getstate__()[:1], threading.Lock(), *super().__getstate__()[2:])


class one_is_enough(Mutant):
    """Lets everybody pass one by one."""

    breaks = ("barrier.wait.waits", "barrier.together", "barrier.threads", "barrier.action.called")

    class Barrier(synchronize.Barrier):
        def wait(self, timeout=None):
            if self.broken:
                raise threading.BrokenBarrierError
            return 0


class one_more_is_needed(Mutant):
    """Waits for one process more than it was told."""

    breaks = ("barrier.wait.passes", "barrier.progress", "barrier.parties.tells", "barrier.threads")

    class Barrier(synchronize.Barrier):
        def __init__(self, parties, action=None, timeout=None, *, ctx):
            super().__init__(parties + 1, action, timeout, ctx=ctx)


class numbers_from_one(Mutant):
    """Counts from one."""

    breaks = ("barrier.wait.passes", "barrier.progress", "barrier.threads")

    class Barrier(synchronize.Barrier):
        def wait(self, timeout=None):
            return super().wait(timeout) + 1


class number_of_those_left(Mutant):
    """Returns how many are left when a process leaves, which several may find the same."""

    breaks = ("barrier.wait.passes",)

    class Barrier(synchronize.Barrier):
        def wait(self, timeout=None):
            return min(super().wait(timeout), self.parties - 2) if self.parties > 1 else super().wait(timeout)


class waits_though_broken(Mutant):
    """Lets processes wait at a broken barrier."""

    breaks = ("barrier.wait.broken",)

    class Barrier(synchronize.Barrier):
        def _enter(self):
            while self._state in (-1, 1):
                self._cond.wait()
            self._state = 0


class failure_untold(Mutant):
    """A wait that fails returns nothing."""

    breaks = ("barrier.wait.fails", "barrier.wait.broken")

    class Barrier(synchronize.Barrier):
        def wait(self, timeout=None):
            try:
                return super().wait(timeout)
            except threading.BrokenBarrierError:
                return None


class timeout_ignored(Mutant):
    """Waits as long as it takes."""

    breaks = ("barrier.wait.expires",)

    class Barrier(synchronize.Barrier):
        def _wait(self, timeout):
            super()._wait(None)


class own_timeout_ignored(Mutant):
    """Knows only the timeout that it was made with."""

    breaks = ("barrier.wait.expires",)

    class Barrier(synchronize.Barrier):
        def _wait(self, timeout):
            super()._wait(self._timeout)


class default_timeout_ignored(Mutant):
    """Forgets the timeout that it was made with."""

    breaks = ("barrier.wait.expires",)

    class Barrier(synchronize.Barrier):
        def __init__(self, parties, action=None, timeout=None, *, ctx):
            super().__init__(parties, action, ctx=ctx)


class whole_after_a_timeout(Mutant):
    """A wait that gives up does not break the barrier for the others."""

    breaks = ("barrier.wait.fails", "barrier.is_broken.tells", "barrier.wait.broken")

    class Barrier(synchronize.Barrier):
        def _wait(self, timeout):
            if not self._cond.wait_for(lambda: self._state != 0, timeout):
                raise threading.BrokenBarrierError
            super()._wait(None)


class reset_forgets_who_waits(Mutant):
    """A reset lets those who wait go on waiting."""

    breaks = ("barrier.wait.fails",)

    class Barrier(synchronize.Barrier):
        def reset(self):
            with self._cond:
                if self._state != 0:
                    super().reset()


class reset_leaves_it_broken(Mutant):
    """A reset does not mend what is broken."""

    breaks = ("barrier.is_broken.tells",)

    class Barrier(synchronize.Barrier):
        def reset(self):
            with self._cond:
                if self._state == 0:
                    super().reset()


class reset_tells(Mutant):
    """Says how many waited when it was reset."""

    breaks = ("barrier.reset.resets",)

    class Barrier(synchronize.Barrier):
        def reset(self):
            waiting = self.n_waiting
            super().reset()
            return waiting


class reset_breaks(Mutant):
    """A reset breaks the barrier."""

    breaks = ("barrier.is_broken.tells",)

    class Barrier(synchronize.Barrier):
        def reset(self):
            self.abort()


class abort_raises(Mutant):
    """Refuses to break what is broken."""

    breaks = ("barrier.abort.breaks",)

    class Barrier(synchronize.Barrier):
        def abort(self):
            if self.broken:
                raise threading.BrokenBarrierError
            super().abort()


class abort_mends(Mutant):
    """Lets those who wait fail, and is as new afterwards."""

    breaks = ("barrier.is_broken.tells",)

    class Barrier(synchronize.Barrier):
        def abort(self):
            self.reset()


class waiting_counts_down(Mutant):
    """Tells how many are missing, not how many wait."""

    breaks = ("barrier.n_waiting.tells",)

    class Barrier(synchronize.Barrier):
        @property
        def n_waiting(self):
            return self.parties - super().n_waiting


class action_forgotten(Mutant):
    """Does not call the action."""

    breaks = ("barrier.action.called", "barrier.action.fails")

    class Barrier(synchronize.Barrier):
        def __init__(self, parties, action=None, timeout=None, *, ctx):
            super().__init__(parties, None, timeout, ctx=ctx)


class everybody_acts(Mutant):
    """Everybody calls the action before it passes."""

    breaks = ("barrier.action.called",)

    class Barrier(synchronize.Barrier):
        def wait(self, timeout=None):
            number = super().wait(timeout)
            if self._action and number:
                with self._cond:
                    self._action()
            return number


class action_may_fail(Mutant):
    """Lets everybody pass although the action failed."""

    breaks = ("barrier.action.fails",)

    class Barrier(synchronize.Barrier):
        def _release(self):
            try:
                self._action and self._action()
            except LookupError:
                pass
            self._state = 1
            self._cond.notify_all()


class used_once(Mutant):
    """Is not empty again when everybody has passed."""

    breaks = ("barrier.progress", "barrier.wait.waits")

    class Barrier(synchronize.Barrier):
        def _exit(self):
            if self._count == 0 and self._state == -1:
                super()._exit()

        def _enter(self):
            if self._state < 0:
                raise threading.BrokenBarrierError
