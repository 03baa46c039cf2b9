"""Races on purpose: each looks, leaves others some time, and acts on what it has seen.

``smallest`` is how few calls show it.
"""

from multiprocessing import queues, synchronize
from time import sleep

from mutants import Mutant

WINDOW = 0.001  # s


def leave_others_time():
    """Between a look and what follows from it. It sleeps: on a busy machine others come to run only so."""
    sleep(WINDOW)


class two_take_one(Mutant):
    """Two processes take a semaphore that only one may take."""

    breaks, smallest = ("semaphore.acquire.busy",), 2

    class Semaphore(synchronize.Semaphore):
        def _make_methods(self):
            super()._make_methods()
            self.acquire = self.take

        def take(self, block=True, timeout=None):
            if block:
                return self._semlock.acquire(block, timeout)
            if self.get_value() == 0:
                return False
            leave_others_time()
            self._semlock.acquire(False)
            return True


class two_fill_one_slot(Mutant):
    """Two processes put into the last slot of a queue."""

    breaks, smallest = ("queue.put_nowait.full",), 2

    class Queue(queues.Queue):
        def __init__(self, maxsize=0, *, ctx):
            super().__init__(maxsize + 4 if maxsize > 0 else maxsize, ctx=ctx)
            self.limit = maxsize

        def full(self):
            return 0 < self.limit <= self.qsize()

        def put_nowait(self, obj):
            if self.full():
                raise queues.Full
            leave_others_time()
            self.put(obj)


class two_release_one(Mutant):
    """Two processes release a lock that is locked once."""

    breaks, smallest = ("lock.release.unlocked",), 3

    class Lock(synchronize.Lock):
        def _make_methods(self):
            super()._make_methods()
            self.release = self.give_back

        def give_back(self):
            if self._semlock._get_value() == 1:
                raise ValueError("it is not locked")
            leave_others_time()
            try:
                self._semlock.release()
            except ValueError:
                pass


class two_finish_one_task(Mutant):
    """Two processes say of the same task that it is done."""

    breaks, smallest = ("joinablequeue.task_done.too-many",), 3

    class JoinableQueue(queues.JoinableQueue):
        def task_done(self):
            if self._unfinished_tasks._semlock._get_value() == 0:
                raise ValueError("there is no task")
            leave_others_time()
            try:
                super().task_done()
            except ValueError:
                pass


class set_and_cleared(Mutant):
    """The real thing: who waits for an event returns False if it is cleared at once (gh-95826)."""

    breaks, smallest = ("event.wait.waits",), 3
