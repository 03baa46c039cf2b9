"""Broken recursive locks; ``semlocks.py`` has those faults that they share with semaphores."""

import contextlib
from multiprocessing import synchronize, util

from mutants import Mutant
from mutants.synchronization.semlocks import Methods


class not_recursive(Mutant):
    """Is a plain lock: its owner waits for itself, and everybody can release it."""

    breaks = (
        "rlock.acquire.again",
        "rlock.release.foreign",
        "rlock.release.unowned",
        "rlock.exit.foreign",
        "rlock.progress",
        "rlock.inherited.unowned",
        "rlock.threads.own",
        "rlock.threads.wait",
        "rlock.with.raises",
    )

    class RLock(synchronize.RLock):
        def __init__(self, *, ctx):
            synchronize.SemLock.__init__(self, synchronize.SEMAPHORE, 1, 1, ctx=ctx)


class two_own_it(Mutant):
    """Lets two processes own it at once."""

    breaks = (
        "rlock.acquire.busy",
        "rlock.acquire.waits",
        "rlock.enter.waits",
        "rlock.exclusive",
        "rlock.inherited.unowned",
        "rlock.threads.own",
    )

    class RLock(synchronize.RLock):
        def __init__(self, *, ctx):
            synchronize.SemLock.__init__(self, synchronize.RECURSIVE_MUTEX, 2, 2, ctx=ctx)


class starts_owned(Mutant):
    """Is owned by nobody and by everybody when it is made: it cannot be acquired."""

    breaks = ("rlock.acquire.takes", "rlock.enter.takes", "rlock.progress", "rlock.threads.wait")

    class RLock(synchronize.RLock):
        def __init__(self, *, ctx):
            synchronize.SemLock.__init__(self, synchronize.RECURSIVE_MUTEX, 0, 1, ctx=ctx)


class forgives_release(Mutant):
    """Says nothing when it is released by somebody who does not own it."""

    breaks = (
        "rlock.release.foreign",
        "rlock.release.unowned",
        "rlock.inherited.unowned",
        "rlock.threads.own",
        "rlock.threads.wait",
    )

    class RLock(Methods, synchronize.RLock):
        def release(self):
            with contextlib.suppress(AssertionError):
                super().release()


class raises_like_threading(Mutant):
    """Raises RuntimeError when it is released by somebody who does not own it."""

    breaks = ("rlock.release.foreign", "rlock.release.unowned")

    class RLock(Methods, synchronize.RLock):
        def release(self):
            if not self._semlock._is_mine():
                raise RuntimeError("cannot release un-acquired lock")
            super().release()


class forgives_exit(Mutant):
    """Says nothing at the end of a block in a process that does not own it."""

    breaks = ("rlock.exit.foreign",)

    class RLock(synchronize.RLock):
        def __exit__(self, *args):
            with contextlib.suppress(AssertionError):
                super().__exit__(*args)


class released_at_once(Mutant):
    """The first release takes back all levels of its owner."""

    breaks = ("rlock.release.lowers", "rlock.release.releases", "rlock.acquire.busy", "rlock.acquire.waits")

    class RLock(Methods, synchronize.RLock):
        def release(self):
            super().release()
            while self._semlock._is_mine():
                super().release()


class exit_releases_all(Mutant):
    """The end of an inner block takes back the level of the outer one, too."""

    breaks = ("rlock.with.raises", "rlock.exit.releases", "rlock.release.releases")

    class RLock(synchronize.RLock):
        def __exit__(self, *args):
            while True:
                super().__exit__(*args)
                if not self._semlock._is_mine():
                    return


class counts_to_one(Mutant):
    """Does not count how often its owner acquires it."""

    breaks = ("rlock.acquire.busy", "rlock.acquire.waits")

    class RLock(Methods, synchronize.RLock):
        def acquire(self, block=True, timeout=None):
            return self._semlock._is_mine() or super().acquire(block, timeout)


class owned_by_all_threads(Mutant):
    """Takes all threads of the owner's process for the owner."""

    breaks = ("rlock.threads.own",)

    class RLock(Methods, synchronize.RLock):
        def acquire(self, block=True, timeout=None):
            if self._semlock._count() > 0 and not self._semlock._is_mine():
                return True
            return super().acquire(block, timeout)


class owned_by_children(Mutant):
    """Is owned by the processes that its owner creates, since nothing resets it there."""

    breaks = ("rlock.inherited.unowned", "rlock.with.raises")

    class RLock(synchronize.RLock):
        def __init__(self, *, ctx):
            super().__init__(ctx=ctx)
            for key in [key for key in util._afterfork_registry if key[1] == id(self)]:
                del util._afterfork_registry[key]
