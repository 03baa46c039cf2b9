"""Broken locks; tests/mutants/synchronization/semlocks.py has those faults that they share with semaphores."""

import threading
from multiprocessing import synchronize

from mutants import Mutant
from mutants.synchronization.semlocks import Methods


class two_fit_in(Mutant):
    """Lets two processes in at once."""

    breaks = (
        "lock.acquire.busy",
        "lock.acquire.waits",
        "lock.acquire.again",
        "lock.enter.waits",
        "lock.exclusive",
        "lock.protects",
        "lock.with.raises",
        "lock.threads.exclude",
    )

    class Lock(synchronize.Lock):
        def __init__(self, *, ctx):
            synchronize.SemLock.__init__(self, synchronize.SEMAPHORE, 2, 2, ctx=ctx)


class starts_locked(Mutant):
    """Is locked when it is made."""

    breaks = ("lock.acquire.takes", "lock.enter.takes", "lock.progress", "lock.threads.exclude", "lock.protects")

    class Lock(synchronize.Lock):
        def __init__(self, *, ctx):
            synchronize.SemLock.__init__(self, synchronize.SEMAPHORE, 0, 1, ctx=ctx)


class unbounded(Mutant):
    """Can be released when it is not locked, and is then open to two."""

    breaks = ("lock.release.unlocked", "lock.exit.unlocked", "lock.release.refused")

    class Lock(synchronize.Lock):
        def __init__(self, *, ctx):
            synchronize.SemLock.__init__(self, synchronize.SEMAPHORE, 1, synchronize.SEM_VALUE_MAX, ctx=ctx)


class rebuilt_unbounded(Mutant):
    """Can be released when it is not locked by a process that was given it."""

    breaks = ("lock.release.refused",)
    start_method = "spawn"

    class Lock(synchronize.Lock):
        def __getstate__(self):
            handle, kind, _, name = super().__getstate__()
            return handle, kind, synchronize.SEM_VALUE_MAX, name


class recursive(Mutant):
    """Has an owner, which can acquire it again and which alone can release it."""

    breaks = (
        "lock.acquire.again",
        "lock.acquire.busy",
        "lock.release.foreign",
        "lock.with.raises",
        "lock.threads.exclude",
    )

    class Lock(synchronize.Lock):
        def __init__(self, *, ctx):
            synchronize.SemLock.__init__(self, synchronize.RECURSIVE_MUTEX, 1, 1, ctx=ctx)


class open_to_threads(Mutant):
    """Lets all threads of a process in at once."""

    breaks = ("lock.acquire.again", "lock.acquire.busy", "lock.threads.exclude", "lock.with.raises")

    class Lock(Methods, synchronize.Lock):
        def acquire(self, block=True, timeout=None):
            return self._semlock._count() > 0 or super().acquire(block, timeout)


class strict_about_timeouts(Mutant):
    """Refuses a timeout where it does not block, and one that is too long, as threading.Lock does."""

    breaks = ("lock.acquire.ignores", "lock.acquire.takes", "lock.acquire.busy")

    class Lock(Methods, synchronize.Lock):
        def acquire(self, block=True, timeout=None):
            if not block and timeout is not None:
                raise ValueError("can't specify a timeout for a non-blocking call")
            return super().acquire(block, timeout)


class timeout_is_converted(Mutant):
    """Looks at a timeout that it is to ignore, and refuses one that is too large."""

    breaks = ("lock.acquire.ignores",)

    class Lock(Methods, synchronize.Lock):
        def acquire(self, block=True, timeout=None):
            if timeout is not None and timeout > threading.TIMEOUT_MAX:
                raise OverflowError("timeout value is too large")
            return super().acquire(block, timeout)


class rebuilt_for_good(Mutant):
    """Cannot be passed on by the process that was given it (gh-108520)."""

    breaks = ("lock.inherited.onward",)
    start_method = "spawn"

    class Lock(synchronize.Lock):
        def __setstate__(self, state):
            super().__setstate__(state)
            self.__dict__.pop("_is_fork_ctx", None)
