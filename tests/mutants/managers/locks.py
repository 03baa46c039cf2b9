"""Broken locks and semaphores of a manager: faults of their proxies, and of the objects themselves."""

import threading
from multiprocessing import util

from mutants import Mutant
from mutants.managers.queues import handing, serving

SPECS = ("managerlock", "managerrlock", "managersemaphore", "managerboundedsemaphore")
NAMES = ("Lock", "RLock", "Semaphore", "BoundedSemaphore")


def of_all(*slugs):
    """These clauses of all four."""
    return tuple(f"{spec}.{slug}" for spec in SPECS for slug in slugs)


def proxies(mixin):
    """A Manager() all of whose locks and semaphores have proxies with a fault."""
    return handing(mixin, *NAMES)


class BlockingDropped:
    def acquire(self, blocking=True, timeout=None):
        return self._callmethod("acquire", () if timeout is None else (True, timeout))


class blocking_dropped(Mutant):
    """A call that was asked not to block does."""

    breaks = of_all("acquire.busy")

    Manager = proxies(BlockingDropped)


class TimeoutDropped:
    def acquire(self, blocking=True, timeout=None):
        return self._callmethod("acquire", (blocking,))


class timeout_dropped(Mutant):
    """A call with a timeout waits as long as it takes."""

    breaks = of_all("acquire.expires")

    Manager = proxies(TimeoutDropped)


class NeverBlocks:
    def acquire(self, blocking=True, timeout=None):
        return self._callmethod("acquire", (False,))


class never_blocks(Mutant):
    """A call that has to wait returns False instead."""

    breaks = (*of_all("acquire.waits"), "managerlock.progress")

    Manager = proxies(NeverBlocks)


class SuccessUntold:
    def acquire(self, blocking=True, timeout=None):
        return super().acquire(blocking, timeout) and None


class success_untold(Mutant):
    """A call that acquired the object does not say so."""

    breaks = (
        *of_all("acquire.takes"),
        "managerlock.progress",
        "managerlock.threads.exclude",
        "managerlock.acquire.outlives",
        "managerrlock.acquire.again",
        "managerrlock.threads.own",
        "managersemaphore.default",
        "managerboundedsemaphore.default",
    )

    Manager = proxies(SuccessUntold)


class ReleaseSaysTrue:
    def release(self):
        super().release()
        return True


class release_says_true(Mutant):
    """A call that released the object returns True."""

    breaks = (
        "managerlock.release.releases",
        "managerrlock.release.releases",
        "managerrlock.release.lowers",
        "managersemaphore.release.adds",
        "managerboundedsemaphore.release.adds",
    )

    Manager = proxies(ReleaseSaysTrue)


class ErrorsSwallowed:
    def release(self):
        try:
            super().release()
        except Exception:
            pass

    def __exit__(self, *exc):
        self.release()


class errors_swallowed(Mutant):
    """Who must not release is not told."""

    breaks = (
        "managerlock.release.unlocked",
        "managerlock.exit.unlocked",
        "managerrlock.release.foreign",
        "managerrlock.release.unowned",
        "managerrlock.exit.refused",
        "managerrlock.inherited.unowned",
        "managerrlock.threads.own",
        "managerboundedsemaphore.release.too-many",
        "managerboundedsemaphore.exit.too-many",
        "managerboundedsemaphore.default",
    )

    Manager = proxies(ErrorsSwallowed)


class NotExposed:
    def __enter__(self):
        return self._callmethod("__enter__")

    def __exit__(self, *exc):
        return self._callmethod("__exit__", exc)


class blocks_not_exposed(Mutant):
    """With blocks call methods to which proxies have no access."""

    breaks = of_all("enter.takes", "with.raises")

    Manager = proxies(NotExposed)


class ExitNotExposed:
    def __exit__(self, *exc):
        return self._callmethod("__exit__", exc)


class exit_not_exposed(Mutant):
    """The end of a with block calls a method to which proxies have no access."""

    breaks = (
        "managerlock.exit.releases",
        "managerrlock.exit.releases",
        "managersemaphore.exit.adds",
        "managerboundedsemaphore.exit.adds",
    )

    Manager = proxies(ExitNotExposed)


class EnterDoesNotWait:
    def __enter__(self):
        return self.acquire(False)


class enter_does_not_wait(Mutant):
    """A with block starts also if it could not acquire what it needs."""

    breaks = of_all("enter.waits")

    Manager = proxies(EnterDoesNotWait)


class ExitKeeps:
    def __exit__(self, *exc):
        if exc[0] is None:
            self.release()


class exception_keeps(Mutant):
    """A with block that ends with an exception releases nothing."""

    breaks = of_all("with.raises")

    Manager = proxies(ExitKeeps)


class ReleasedAtExit:
    def acquire(self, blocking=True, timeout=None):
        util.Finalize(None, self.release, exitpriority=100)
        return super().acquire(blocking, timeout)


class released_at_exit(Mutant):
    """A process releases at its end what it holds."""

    breaks = ("managerlock.acquire.outlives",)

    Manager = proxies(ReleasedAtExit)


FORGOTTEN = []  # connections: one that is closed ends its thread in the server, and the next may look like it


class Hangup:
    def __del__(self):
        FORGOTTEN.append(self._tls.__dict__.pop("connection", None))


class dropping_one_hangs_up(Mutant):
    """A proxy that is dropped takes the connection along that the others of its thread use."""

    breaks = ("managerrlock.acquire.keeps",)

    Manager = handing(Hangup, "Lock")


class Untrue:
    def locked(self):
        return not super().locked()


class locked_is_inverted(Mutant):
    """locked() tells the opposite."""

    breaks = ("managerlock.locked.tells", "managerrlock.locked.tells")

    Manager = proxies(Untrue)


def no_object(value=None):
    raise TypeError("takes no arguments (1 given)")


class nothing_is_made(Mutant):
    """The objects cannot be made in the manager."""

    breaks = (*of_all("made"), "managersemaphore.default", "managerboundedsemaphore.default")

    Manager = serving(Lock=no_object, RLock=no_object, Semaphore=no_object, BoundedSemaphore=no_object)


class PlainLock:
    """A lock, to be changed."""

    def __init__(self):
        self.lock = threading.Lock()

    def acquire(self, blocking=True, timeout=-1):
        return self.lock.acquire(blocking, timeout)

    def release(self):
        self.lock.release()

    def locked(self):
        return self.lock.locked()


class LockForTwo(PlainLock):
    def __init__(self):
        self.lock = threading.Semaphore(2)

    def acquire(self, blocking=True, timeout=-1):
        return self.lock.acquire(blocking, timeout if blocking and timeout > 0 else None)


class two_fit_in(Mutant):
    """A lock lets two processes in at once."""

    breaks = (
        "managerlock.acquire.busy",
        "managerlock.acquire.waits",
        "managerlock.enter.waits",
        "managerlock.exclusive",
        "managerlock.with.raises",
        "managerlock.threads.exclude",
    )

    Manager = serving(Lock=LockForTwo)


class recursive(Mutant):
    """A lock has an owner, which can acquire it again and which alone can release it."""

    breaks = ("managerlock.acquire.busy", "managerlock.acquire.waits", "managerlock.with.raises")

    Manager = serving(Lock=threading.RLock)


class not_recursive(Mutant):
    """A recursive lock is locked for its owner, too, and can be released by everybody."""

    breaks = (
        "managerrlock.acquire.again",
        "managerrlock.enter.takes",
        "managerrlock.release.foreign",
        "managerrlock.inherited.unowned",
        "managerrlock.threads.own",
        "managerrlock.with.raises",
    )

    Manager = serving(RLock=PlainLock)


class FreedAtOnce(PlainLock):
    def __init__(self):
        self.lock = threading.RLock()

    def release(self):
        while True:
            self.lock.release()
            if not self.lock._is_owned():
                break


class released_at_once(Mutant):
    """One release() takes back all acquire() calls of the owner."""

    breaks = ("managerrlock.with.raises",)

    Manager = serving(RLock=FreedAtOnce)


class Unbounded(threading.Semaphore):
    """A semaphore that takes everything for its value."""

    def __init__(self, value=1):
        super().__init__(max(0, value))


class bound_forgotten(Mutant):
    """Semaphores start at zero if their value is negative, and a bounded one has no bound."""

    breaks = (
        "managersemaphore.negative",
        "managerboundedsemaphore.negative",
        "managerboundedsemaphore.release.too-many",
        "managerboundedsemaphore.exit.too-many",
        "managerboundedsemaphore.default",
    )

    Manager = serving(Semaphore=Unbounded, BoundedSemaphore=Unbounded)


class bound_given(Mutant):
    """A semaphore refuses to rise above its initial value."""

    breaks = ("managersemaphore.release.adds", "managersemaphore.exit.adds")

    Manager = serving(Semaphore=threading.BoundedSemaphore)
