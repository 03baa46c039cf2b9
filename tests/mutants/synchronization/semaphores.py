"""Broken semaphores; tests/mutants/synchronization/semlocks.py has those faults that they share with locks."""

from multiprocessing import synchronize

from mutants import Mutant
from mutants.synchronization.semlocks import Methods


class starts_at_zero(Mutant):
    """Starts at zero where no value is given."""

    breaks = ("semaphore.default", "boundedsemaphore.default")

    class Semaphore(synchronize.Semaphore):
        def __init__(self, value=0, *, ctx):
            super().__init__(value, ctx=ctx)

    class BoundedSemaphore(synchronize.BoundedSemaphore):
        def __init__(self, value=0, *, ctx):
            super().__init__(value, ctx=ctx)


class one_too_many(Mutant):
    """Starts one above its initial value."""

    breaks = (
        "semaphore.acquire.busy",
        "semaphore.acquire.waits",
        "semaphore.enter.waits",
        "semaphore.get_value.tells",
        "semaphore.counted",
        "semaphore.admits",
        "semaphore.default",
        "semaphore.threads",
        "semaphore.with.raises",
        "boundedsemaphore.acquire.busy",
        "boundedsemaphore.acquire.waits",
        "boundedsemaphore.enter.waits",
        "boundedsemaphore.admits",
        "boundedsemaphore.default",
        "boundedsemaphore.zero",
        "boundedsemaphore.with.raises",
    )

    class Semaphore(synchronize.Semaphore):
        def __init__(self, value=1, *, ctx):
            super().__init__(value + 1, ctx=ctx)

    class BoundedSemaphore(synchronize.BoundedSemaphore):
        def __init__(self, value=1, *, ctx):
            super().__init__(value + 1, ctx=ctx)


class one_too_few(Mutant):
    """Starts one below its initial value."""

    breaks = ("semaphore.acquire.takes", "semaphore.enter.takes", "semaphore.get_value.tells", "semaphore.default")

    class Semaphore(synchronize.Semaphore):
        def __init__(self, value=1, *, ctx):
            super().__init__(max(value - 1, 0), ctx=ctx)


class bounded(Mutant):
    """Cannot rise above its initial value."""

    breaks = ("semaphore.release.adds", "semaphore.exit.adds", "semaphore.lossless", "semaphore.threads")

    class Semaphore(synchronize.Semaphore):
        def __init__(self, value=1, *, ctx):
            synchronize.SemLock.__init__(self, synchronize.SEMAPHORE, value, value, ctx=ctx)


class one_byte(Mutant):
    """Cannot rise above 255."""

    breaks = ("semaphore.release.many",)

    class Semaphore(synchronize.Semaphore):
        def __init__(self, value=1, *, ctx):
            synchronize.SemLock.__init__(self, synchronize.SEMAPHORE, value, 255, ctx=ctx)


class saturates(Mutant):
    """Does not rise above one: releases that come before they are needed are lost."""

    breaks = ("semaphore.get_value.tells", "semaphore.acquire.takes", "semaphore.lossless")

    class Semaphore(Methods, synchronize.Semaphore):
        def release(self):
            if self._semlock._get_value() < 1:
                super().release()


class recursive(Mutant):
    """Lets in again whoever is inside, and lets nobody else release."""

    breaks = (
        "semaphore.acquire.busy",
        "semaphore.acquire.waits",
        "semaphore.enter.waits",
        "semaphore.release.adds",
        "semaphore.exit.adds",
        "boundedsemaphore.acquire.waits",
        "boundedsemaphore.release.adds",
        "boundedsemaphore.release.too-many",
        "boundedsemaphore.exit.too-many",
    )

    class Semaphore(synchronize.Semaphore):
        def __init__(self, value=1, *, ctx):
            synchronize.SemLock.__init__(self, synchronize.RECURSIVE_MUTEX, value, value, ctx=ctx)

    class BoundedSemaphore(synchronize.BoundedSemaphore):
        def __init__(self, value=1, *, ctx):
            synchronize.SemLock.__init__(self, synchronize.RECURSIVE_MUTEX, value, value, ctx=ctx)


class looks_but_does_not_take(Mutant):
    """Finds a value above zero, and leaves it there."""

    breaks = ("semaphore.counted", "semaphore.get_value.tells", "semaphore.acquire.busy", "semaphore.acquire.waits")

    class Semaphore(Methods, synchronize.Semaphore):
        def acquire(self, block=True, timeout=None):
            return self._semlock._get_value() > 0 or super().acquire(block, timeout)


class tells_of_the_caller(Mutant):
    """get_value() returns how often the caller has acquired it."""

    breaks = ("semaphore.get_value.tells",)

    class Semaphore(synchronize.Semaphore):
        def get_value(self):
            return self._semlock._count()


class negative_is_zero(Mutant):
    """Takes a negative initial value for zero."""

    breaks = ("semaphore.negative", "boundedsemaphore.negative")

    class Semaphore(synchronize.Semaphore):
        def __init__(self, value=1, *, ctx):
            super().__init__(max(value, 0), ctx=ctx)

    class BoundedSemaphore(synchronize.BoundedSemaphore):
        def __init__(self, value=1, *, ctx):
            super().__init__(max(value, 0), ctx=ctx)


class several_are_one(Mutant):
    """release(n) adds one."""

    breaks = ("semaphore.release.several",)

    class Semaphore(Methods, synchronize.Semaphore):
        def release(self, n=1):
            return super().release()


class unbounded(Mutant):
    """Can be released more often than it was acquired."""

    breaks = (
        "boundedsemaphore.release.too-many",
        "boundedsemaphore.exit.too-many",
        "boundedsemaphore.default",
        "boundedsemaphore.zero",
        "boundedsemaphore.release.refused",
    )

    class BoundedSemaphore(synchronize.BoundedSemaphore):
        def __init__(self, value=1, *, ctx):
            synchronize.Semaphore.__init__(self, value, ctx=ctx)


class rebuilt_unbounded(Mutant):
    """Can be released too often by a process that was given it."""

    breaks = ("boundedsemaphore.release.refused",)
    start_method = "spawn"

    class BoundedSemaphore(synchronize.BoundedSemaphore):
        def __getstate__(self):
            handle, kind, _, name = super().__getstate__()
            return handle, kind, synchronize.SEM_VALUE_MAX, name


class bound_too_low(Mutant):
    """Refuses to be as free again as it was at first."""

    breaks = ("boundedsemaphore.release.adds", "boundedsemaphore.exit.adds", "boundedsemaphore.progress")

    class BoundedSemaphore(synchronize.BoundedSemaphore):
        def __init__(self, value=1, *, ctx):
            synchronize.SemLock.__init__(self, synchronize.SEMAPHORE, value, value - 1, ctx=ctx)


class bound_of_one(Mutant):
    """Refuses to rise above one, whatever its initial value."""

    breaks = ("boundedsemaphore.release.adds", "boundedsemaphore.exit.adds", "boundedsemaphore.zero")

    class BoundedSemaphore(synchronize.BoundedSemaphore):
        def __init__(self, value=1, *, ctx):
            synchronize.SemLock.__init__(self, synchronize.SEMAPHORE, value, 1, ctx=ctx)


class zero_refused(Mutant):
    """Cannot be made with an initial value of zero."""

    breaks = ("semaphore.made", "boundedsemaphore.zero")

    class Semaphore(synchronize.Semaphore):
        def __init__(self, value=1, *, ctx):
            if value < 1:
                raise ValueError("semaphore initial value must be > 0")
            super().__init__(value, ctx=ctx)

    class BoundedSemaphore(synchronize.BoundedSemaphore):
        def __init__(self, value=1, *, ctx):
            if value < 1:
                raise ValueError("semaphore initial value must be > 0")
            super().__init__(value, ctx=ctx)
