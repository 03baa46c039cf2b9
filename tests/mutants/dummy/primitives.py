"""Broken queues, locks and events of multiprocessing.dummy."""

import queue
import threading
from multiprocessing import dummy as real

from mutants import Mutant, Patched
from mutants.managers import locks as locks
from mutants.managers import queues as queues


def replaced(**attributes):
    """The module with other attributes."""
    return Patched(real, **attributes)


class queue_is_bounded_from_below(Mutant):
    """Takes a negative maxsize for an error."""

    breaks = ("dummyqueue.made",)

    dummy = replaced(JoinableQueue=queues.Positive)


class last_in_first_out(Mutant):
    """Objects leave from the end at which they came in."""

    breaks = ("dummyqueue.get.takes", "dummyqueue.get_nowait.takes")

    dummy = replaced(JoinableQueue=queue.LifoQueue)


class put_returns_a_number(Mutant):
    """put() tells how many objects are in the queue."""

    breaks = ("dummyqueue.put.stores", "dummyqueue.put_nowait.stores")

    dummy = replaced(JoinableQueue=queues.Numbering)


class capacity_plus_one(Mutant):
    """Lets one object more in than maxsize says."""

    breaks = ("dummyqueue.put.full", "dummyqueue.put_nowait.full", "dummyqueue.put.waits")

    dummy = replaced(JoinableQueue=queues.Roomy)


class never_waits(Mutant):
    """Gives up at once where it should wait for a slot or an object."""

    breaks = ("dummyqueue.put.waits", "dummyqueue.put.expires", "dummyqueue.get.waits", "dummyqueue.get.expires")

    dummy = replaced(JoinableQueue=queues.Hasty)


class block_ignored(Mutant):
    """Waits even if told not to."""

    breaks = ("dummyqueue.get.empty", "dummyqueue.get_nowait.empty", "dummyqueue.put.full")

    dummy = replaced(JoinableQueue=queues.Patient)


class size_in_words(Mutant):
    """qsize() returns a string."""

    breaks = ("dummyqueue.qsize.counts", "dummyqueue.qsize.approximates")

    dummy = replaced(JoinableQueue=queues.Wordy)


class wrong_about_itself(Mutant):
    """empty() tells the opposite, and full() takes zero for a bound."""

    breaks = ("dummyqueue.empty.tells", "dummyqueue.full.tells")

    dummy = replaced(JoinableQueue=queues.Mixed)


class careless_about_tasks(Mutant):
    """task_done() may be called too often, and join() does not wait for the last task."""

    breaks = ("dummyqueue.task_done.too-many", "dummyqueue.join.waits")

    dummy = replaced(JoinableQueue=queues.Careless)


class tells_what_is_left(Mutant):
    """Calls that return nothing tell what is left in the queue."""

    breaks = ("dummyqueue.task_done.counts", "dummyqueue.join.returns")

    dummy = replaced(JoinableQueue=queues.Counting)


class nothing_is_made(Mutant):
    """Locks and events cannot be made."""

    breaks = ("dummylock.made", "dummyevent.made")

    dummy = replaced(Lock=locks.no_object, Event=lambda name: None)


class Lock(locks.PlainLock):
    """A lock, to be changed."""

    def __enter__(self):
        return self.acquire()

    def __exit__(self, *exc):
        self.release()


class LockForTwo(Lock, locks.LockForTwo):
    """Two fit in."""


class two_fit_in(Mutant):
    """A lock lets two threads in at once."""

    breaks = (
        "dummylock.acquire.busy",
        "dummylock.acquire.waits",
        "dummylock.enter.waits",
        "dummylock.release.unlocked",
    )

    dummy = replaced(Lock=LockForTwo)


class Untold(Lock):
    def acquire(self, blocking=True, timeout=-1):
        super().acquire(blocking, timeout)

    def release(self):
        super().release()
        return True


class success_untold(Mutant):
    """acquire() does not say that it acquired the lock, and release() says True."""

    breaks = ("dummylock.acquire.takes", "dummylock.release.releases")

    dummy = replaced(Lock=Untold)


class Impatient(Lock):
    def acquire(self, blocking=True, timeout=-1):
        return super().acquire(blocking, timeout / 2 if timeout > 0 else timeout)


class impatient(Mutant):
    """acquire() gives up after half of its timeout."""

    breaks = ("dummylock.acquire.expires",)

    dummy = replaced(Lock=Impatient)


class Releasing(Lock):
    def release(self):
        if self.locked():
            super().release()


class release_always_works(Mutant):
    """release() does nothing if the lock is not locked."""

    breaks = ("dummylock.release.unlocked", "dummylock.exit.unlocked")

    dummy = replaced(Lock=Releasing)


class Blocks(Lock):
    def __enter__(self):
        return self.lock.enter()

    def __exit__(self, *exc):
        self.lock.exit()


class ExitOnly(Lock):
    def __exit__(self, *exc):
        self.lock.exit()


class blocks_do_not_start(Mutant):
    """With blocks cannot start."""

    breaks = ("dummylock.enter.takes",)

    dummy = replaced(Lock=Blocks)


class blocks_do_not_end(Mutant):
    """With blocks cannot end."""

    breaks = ("dummylock.exit.releases",)

    dummy = replaced(Lock=ExitOnly)


class Talkative(threading.Event):
    def set(self):
        super().set()
        return True

    def clear(self):
        super().clear()
        return False


class set_says_true(Mutant):
    """set() and clear() tell what the flag is afterwards."""

    breaks = ("dummyevent.set.sets", "dummyevent.clear.clears")

    dummy = replaced(Event=Talkative)


class Awake(threading.Event):
    def wait(self, timeout=None):
        return self.is_set()


class wait_does_not_wait(Mutant):
    """wait() tells what the flag is at once."""

    breaks = ("dummyevent.wait.waits", "dummyevent.wait.expires")

    dummy = replaced(Event=Awake)


class Dropped(threading.Event):
    def wait(self, timeout=None):
        super().wait(timeout)

    def is_set(self):
        super().is_set()


class result_dropped(Mutant):
    """wait() and is_set() return None."""

    breaks = ("dummyevent.wait.returns", "dummyevent.is_set.tells")

    dummy = replaced(Event=Dropped)
