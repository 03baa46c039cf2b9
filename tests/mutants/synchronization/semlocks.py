"""Faults of the class on which locks, recursive locks and both semaphores rest."""

import os
import threading
from multiprocessing import synchronize

from mutants import Mutant


class Methods:
    """acquire() and release() as methods that can be overridden, not as attributes of each object."""

    def _make_methods(self):
        pass

    def acquire(self, block=True, timeout=None):
        return self._semlock.acquire(block, timeout)

    def release(self):
        return self._semlock.release()


def everywhere(mutant):
    """Gives the mutant all classes that the fault in its own ``SemLock`` reaches."""
    for name in ("Lock", "RLock", "Semaphore", "BoundedSemaphore"):
        where = {"__module__": mutant.__module__, "__qualname__": f"{mutant.__qualname__}.{name}"}
        setattr(mutant, name, type(name, (mutant.SemLock, getattr(synchronize, name)), where))
    return mutant


@everywhere
class all_have_one_name(Mutant):
    """The second object cannot be made, since the first has the same name."""

    breaks = ("lock.made", "rlock.made", "semaphore.made", "boundedsemaphore.made")
    start_method = "spawn"

    class SemLock:
        @staticmethod
        def _make_name():
            return f"/mp-mutant-{os.getpid()}"


@everywhere
class pickled_without_name(Mutant):
    """What is sent to a new process does not suffice to rebuild the object there."""

    breaks = ("lock.inherited", "rlock.inherited", "semaphore.inherited", "boundedsemaphore.inherited")
    start_method = "spawn"

    class SemLock:
        def __getstate__(self):
            return super().__getstate__()[:-1]


@everywhere
class rebuilt_without_methods(Mutant):
    """The object that a new process gets can be neither acquired nor released."""

    breaks = (
        "lock.release.unlocked",
        "lock.inherited.onward",
        "rlock.inherited.unowned",
        "semaphore.release.adds",
        "boundedsemaphore.release.too-many",
    )
    start_method = "spawn"

    class SemLock:
        def __setstate__(self, state):
            super().__setstate__(state)
            del self.acquire, self.release


@everywhere
class timeout_ignored(Mutant):
    """A call with a timeout waits as long as it takes."""

    breaks = (
        "lock.acquire.expires",
        "rlock.acquire.expires",
        "semaphore.acquire.expires",
        "boundedsemaphore.acquire.expires",
    )

    class SemLock(Methods):
        def acquire(self, block=True, timeout=None):
            return self._semlock.acquire(block)


@everywhere
class timeout_in_milliseconds(Mutant):
    """A call with a timeout gives up after a thousandth of it."""

    breaks = (
        "lock.acquire.expires",
        "rlock.acquire.expires",
        "semaphore.acquire.expires",
        "boundedsemaphore.acquire.expires",
    )

    class SemLock(Methods):
        def acquire(self, block=True, timeout=None):
            return self._semlock.acquire(block, None if timeout is None else timeout / 1000)


@everywhere
class negative_timeout_is_none(Mutant):
    """A call with a negative timeout waits without an end, as that of threading.Lock does for -1."""

    breaks = (
        "lock.acquire.expires",
        "rlock.acquire.expires",
        "semaphore.acquire.expires",
        "boundedsemaphore.acquire.expires",
    )

    class SemLock(Methods):
        def acquire(self, block=True, timeout=-1):
            return self._semlock.acquire(block, None if timeout is None or timeout < 0 else timeout)


@everywhere
class block_ignored(Mutant):
    """A call that was asked not to block does."""

    breaks = ("lock.acquire.busy", "rlock.acquire.busy", "semaphore.acquire.busy", "boundedsemaphore.acquire.busy")

    class SemLock(Methods):
        def acquire(self, block=True, timeout=None):
            return self._semlock.acquire(True, timeout)


@everywhere
class never_blocks(Mutant):
    """A call that has to wait returns False instead."""

    breaks = (
        "lock.acquire.waits",
        "lock.acquire.again",
        "lock.progress",
        "rlock.acquire.waits",
        "rlock.progress",
        "semaphore.acquire.waits",
        "semaphore.lossless",
        "boundedsemaphore.acquire.waits",
        "boundedsemaphore.progress",
    )

    class SemLock(Methods):
        def acquire(self, block=True, timeout=None):
            return self._semlock.acquire(False)


@everywhere
class success_untold(Mutant):
    """A call that acquired the object does not say so."""

    breaks = (
        "lock.acquire.takes",
        "lock.progress",
        "rlock.acquire.again",
        "rlock.progress",
        "semaphore.acquire.takes",
        "semaphore.lossless",
        "boundedsemaphore.acquire.takes",
        "boundedsemaphore.progress",
    )

    class SemLock(Methods):
        def acquire(self, block=True, timeout=None):
            return super().acquire(block, timeout) and None


@everywhere
class release_says_true(Mutant):
    """A call that released the object returns True."""

    breaks = (
        "lock.release.releases",
        "lock.release.foreign",
        "rlock.release.releases",
        "rlock.release.lowers",
        "semaphore.release.adds",
        "boundedsemaphore.release.adds",
        "boundedsemaphore.balanced",
    )

    class SemLock(Methods):
        def release(self):
            super().release()
            return True


@everywhere
class release_forgotten(Mutant):
    """A call that should release does nothing."""

    breaks = (
        "lock.acquire.takes",
        "lock.enter.takes",
        "lock.release.unlocked",
        "lock.progress",
        "lock.threads.wait",
        "rlock.acquire.takes",
        "rlock.enter.takes",
        "rlock.release.foreign",
        "rlock.release.unowned",
        "rlock.progress",
        "rlock.threads.wait",
        "semaphore.acquire.takes",
        "semaphore.enter.takes",
        "semaphore.get_value.tells",
        "semaphore.lossless",
        "semaphore.threads",
        "boundedsemaphore.acquire.takes",
        "boundedsemaphore.enter.takes",
        "boundedsemaphore.release.too-many",
        "boundedsemaphore.progress",
    )

    class SemLock(Methods):
        def release(self):
            pass


@everywhere
class enter_does_not_acquire(Mutant):
    """A with block starts without having acquired anything."""

    breaks = (
        "lock.enter.waits",
        "lock.exit.releases",
        "lock.with.raises",
        "rlock.enter.waits",
        "rlock.exit.releases",
        "rlock.with.raises",
        "semaphore.enter.waits",
        "semaphore.with.raises",
        "boundedsemaphore.enter.waits",
        "boundedsemaphore.exit.adds",
        "boundedsemaphore.with.raises",
    )

    class SemLock:
        def __enter__(self):
            return True


@everywhere
class enter_does_not_wait(Mutant):
    """A with block starts also if it could not acquire what it needs."""

    breaks = (
        "lock.enter.waits",
        "rlock.enter.waits",
        "semaphore.enter.waits",
        "semaphore.admits",
        "boundedsemaphore.enter.waits",
        "boundedsemaphore.admits",
    )

    class SemLock:
        def __enter__(self):
            return self.acquire(False)


@everywhere
class enter_asks_the_wrong_object(Mutant):
    """A with block cannot start at all."""

    breaks = ("lock.enter.takes", "rlock.enter.takes", "semaphore.enter.takes", "boundedsemaphore.enter.takes")

    class SemLock:
        def __enter__(self):
            return self._lock.__enter__()


@everywhere
class exit_does_not_release(Mutant):
    """The end of a with block releases nothing."""

    breaks = (
        "lock.exit.unlocked",
        "lock.progress",
        "lock.protects",
        "lock.with.raises",
        "rlock.exit.foreign",
        "rlock.progress",
        "rlock.with.raises",
        "semaphore.admits",
        "semaphore.with.raises",
        "boundedsemaphore.exit.too-many",
        "boundedsemaphore.progress",
        "boundedsemaphore.admits",
        "boundedsemaphore.with.raises",
    )

    class SemLock:
        def __exit__(self, *args):
            pass


@everywhere
class exit_takes_no_arguments(Mutant):
    """A with block cannot end."""

    breaks = (
        "lock.exit.releases",
        "lock.with.raises",
        "rlock.exit.releases",
        "rlock.with.raises",
        "semaphore.exit.adds",
        "semaphore.with.raises",
        "boundedsemaphore.exit.adds",
        "boundedsemaphore.with.raises",
    )

    class SemLock:
        def __exit__(self):  # noqa: PLE0302 - that is the bug
            return self._semlock.__exit__(None, None, None)


@everywhere
class exit_releases_on_success_only(Mutant):
    """A with block that ends with an exception releases nothing."""

    breaks = ("lock.with.raises", "rlock.with.raises", "semaphore.with.raises", "boundedsemaphore.with.raises")

    class SemLock:
        def __exit__(self, kind, *args):
            return None if kind else super().__exit__(kind, *args)


@everywhere
class exit_swallows_exceptions(Mutant):
    """A with block that ends with an exception ends as if there were none."""

    breaks = ("lock.with.raises", "rlock.with.raises", "semaphore.with.raises", "boundedsemaphore.with.raises")

    class SemLock:
        def __exit__(self, *args):
            super().__exit__(*args)
            return True


@everywhere
class waits_with_all_threads(Mutant):
    """A thread that waits keeps the other threads of its process from releasing."""

    breaks = ("lock.threads.wait", "rlock.threads.wait", "semaphore.threads")

    class SemLock(Methods):
        def _make_methods(self):
            self._mutex = threading.Lock()

        def acquire(self, block=True, timeout=None):
            with self._mutex:
                return super().acquire(block, timeout)

        def release(self):
            with self._mutex:
                return super().release()


@everywhere
class locked_tells_of_the_caller(Mutant):
    """locked() returns whether the caller has acquired the object, whatever others did."""

    breaks = ("lock.locked.tells", "rlock.locked.tells", "semaphore.locked.tells", "boundedsemaphore.locked.tells")

    class SemLock:
        def locked(self):
            return self._semlock._is_mine()


@everywhere
class locked_is_inverted(Mutant):
    """locked() returns whether the object is free."""

    breaks = ("lock.locked.tells", "rlock.locked.tells", "semaphore.locked.tells", "boundedsemaphore.locked.tells")

    class SemLock:
        def locked(self):
            return not self._semlock._is_zero()
