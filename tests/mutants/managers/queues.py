"""Broken queues of a manager, and how a manager is given broken objects or broken proxies."""

import functools
import queue
from multiprocessing import managers

from mutants import Mutant


def serving(**referents):
    """A Manager() in whose process these types of objects are broken ones."""

    def Manager(ctx):
        manager = managers.SyncManager(ctx=ctx._real)
        manager._registry = dict(manager._registry)
        for name, referent in referents.items():
            manager._registry[name] = (referent, *manager._registry[name][1:])
        manager.start()
        return manager

    return Manager


def handing(mixin, *names):
    """A Manager() that hands out proxies with a fault."""

    def Manager(ctx):
        manager = ctx._real.Manager()
        for name in names:
            setattr(manager, name, functools.partial(faulty, mixin, getattr(manager, name)))
        return manager

    return Manager


def faulty(mixin, make, *args, **kwargs):
    proxy = make(*args, **kwargs)
    proxy.__class__ = type(type(proxy).__name__, (mixin, type(proxy)), {})
    return proxy


class Unpicklable:
    def __reduce__(self):
        raise TypeError("cannot pickle a connection")


class cannot_be_passed_on(Mutant):
    """Proxies cannot be sent to a new process."""

    breaks = (
        "managerqueue.inherited",
        "managerlock.inherited",
        "managerrlock.inherited",
        "managersemaphore.inherited",
        "managerboundedsemaphore.inherited",
        "managerevent.inherited",
    )
    start_method = "spawn"

    Manager = handing(Unpicklable, "Queue", "Lock", "RLock", "Semaphore", "BoundedSemaphore", "Event")


class Positive(queue.Queue):
    def __init__(self, maxsize=0):
        if maxsize < 0:
            raise ValueError("maxsize must not be negative")
        super().__init__(maxsize)


class negative_maxsize_refused(Mutant):
    """Takes a negative maxsize for an error."""

    breaks = ("managerqueue.made",)

    Manager = serving(Queue=Positive)


class last_in_first_out(Mutant):
    """Objects leave from the end at which they came in."""

    breaks = (
        "managerqueue.get.takes",
        "managerqueue.get_nowait.takes",
        "managerqueue.order",
        "managerqueue.unbounded",
        "managerqueue.put.outlives",
    )

    Manager = serving(Queue=queue.LifoQueue)


class Roomy(queue.Queue):
    def __init__(self, maxsize=0):
        super().__init__(maxsize + 1 if maxsize > 0 else maxsize)


class capacity_plus_one(Mutant):
    """Lets one object more in than maxsize says."""

    breaks = (
        "managerqueue.put.full",
        "managerqueue.put_nowait.full",
        "managerqueue.put.waits",
        "managerqueue.full.tells",
        "managerqueue.timeout.ignored",
    )

    Manager = serving(Queue=Roomy)


class Narrow(queue.Queue):
    def __init__(self, maxsize=0):
        super().__init__(100 if maxsize <= 0 else maxsize)


class default_capacity(Mutant):
    """Takes a hundred objects when no maxsize is given."""

    breaks = ("managerqueue.unbounded",)

    Manager = serving(Queue=Narrow)


class Numbering(queue.Queue):
    def put(self, item, block=True, timeout=None):
        super().put(item, block, timeout)
        return self.qsize()


class put_returns_a_number(Mutant):
    """put() tells how many objects are in the queue."""

    breaks = ("managerqueue.put.stores", "managerqueue.put_nowait.stores", "managerqueue.timeout.ignored")

    Manager = serving(Queue=Numbering)


class Counting(queue.Queue):
    def task_done(self):
        super().task_done()
        return self.unfinished_tasks

    def join(self):
        super().join()
        return True

    def shutdown(self, immediate=False):
        super().shutdown(immediate)
        return not self.empty()


class tells_what_is_left(Mutant):
    """Calls that return nothing tell what is left in the queue."""

    breaks = (
        "managerqueue.task_done.counts",
        "managerqueue.join.returns",
        "managerqueue.shutdown.winds-down",
        "managerqueue.shutdown.drains",
    )

    Manager = serving(Queue=Counting)


class Hasty(queue.Queue):
    def put(self, item, block=True, timeout=None):
        super().put(item, False)

    def get(self, block=True, timeout=None):
        return super().get(False)


class never_waits(Mutant):
    """Gives up at once where it should wait for a slot or an object."""

    breaks = (
        "managerqueue.put.waits",
        "managerqueue.put.expires",
        "managerqueue.get.waits",
        "managerqueue.get.expires",
        "managerqueue.lossless",
    )

    Manager = serving(Queue=Hasty)


class Patient(queue.Queue):
    def put(self, item, block=True, timeout=None):
        super().put(item, True, timeout)

    def get(self, block=True, timeout=None):
        return super().get(True, timeout)


class block_ignored(Mutant):
    """Waits even if told not to."""

    breaks = (
        "managerqueue.put.full",
        "managerqueue.put_nowait.full",
        "managerqueue.get.empty",
        "managerqueue.get_nowait.empty",
        "managerqueue.timeout.ignored",
    )

    Manager = serving(Queue=Patient)


class Impatient(queue.Queue):
    def put(self, item, block=True, timeout=None):
        super().put(item, block, timeout and timeout / 2)

    def get(self, block=True, timeout=None):
        return super().get(block, timeout and timeout / 2)


class impatient(Mutant):
    """Gives up after half of its timeout."""

    breaks = ("managerqueue.put.expires", "managerqueue.get.expires")

    Manager = serving(Queue=Impatient)


class Wordy(queue.Queue):
    def qsize(self):
        return str(super().qsize())


class size_in_words(Mutant):
    """qsize() returns a string."""

    breaks = ("managerqueue.qsize.counts", "managerqueue.qsize.approximates", "managerqueue.unbounded")

    Manager = serving(Queue=Wordy)


class Mixed(queue.Queue):
    def empty(self):
        return bool(self.qsize())

    def full(self):
        return self.maxsize <= self.qsize()


class wrong_about_itself(Mutant):
    """empty() tells the opposite, and full() takes zero for a bound."""

    breaks = ("managerqueue.empty.tells", "managerqueue.full.tells", "managerqueue.unbounded")

    Manager = serving(Queue=Mixed)


class Careless(queue.Queue):
    def task_done(self):
        if self.unfinished_tasks > 0:
            super().task_done()

    def join(self):
        while self.unfinished_tasks > 1:
            with self.all_tasks_done:
                self.all_tasks_done.wait()


class careless_about_tasks(Mutant):
    """task_done() may be called too often, and join() does not wait for the last task."""

    breaks = ("managerqueue.task_done.too-many", "managerqueue.join.waits")

    Manager = serving(Queue=Careless)


class Finishing(queue.Queue):
    def get(self, block=True, timeout=None):
        item = super().get(block, timeout)
        self.task_done()
        return item


class get_finishes_the_task(Mutant):
    """Takes a task for done when it is got."""

    breaks = ("managerqueue.join.waits", "managerqueue.task_done.counts")

    Manager = serving(Queue=Finishing)


class Silent(queue.Queue):
    def task_done(self):
        with self.mutex:
            if not self.unfinished_tasks:
                raise ValueError("task_done() called too many times")
            self.unfinished_tasks -= 1


class join_not_notified(Mutant):
    """Does not wake who joins."""

    breaks = ("managerqueue.join.returns",)

    Manager = serving(Queue=Silent)


class Open(queue.Queue):
    def shutdown(self, immediate=False):
        with self.mutex:
            if immediate:
                self.queue.clear()


class never_shut_down(Mutant):
    """shutdown() leaves the queue open."""

    breaks = (
        "managerqueue.put.shut-down",
        "managerqueue.put_nowait.shut-down",
        "managerqueue.get.shut-down",
        "managerqueue.get_nowait.shut-down",
        "managerqueue.shutdown.wakes",
    )

    Manager = serving(Queue=Open)


class Dozing(queue.Queue):
    def shutdown(self, immediate=False):
        with self.mutex:
            self.is_shutdown = True
            if immediate:
                self.queue.clear()


class shutdown_wakes_nobody(Mutant):
    """shutdown() leaves those asleep who wait already."""

    breaks = ("managerqueue.shutdown.wakes",)

    Manager = serving(Queue=Dozing)


class Stuttering(queue.Queue):
    def _put(self, item):
        super()._put(item)
        if item and isinstance(item, tuple) and item[1] == 5:
            super()._put(item)


class put_twice(Mutant):
    """Some objects are put twice."""

    breaks = ("managerqueue.once",)

    Manager = serving(Queue=Stuttering)


class Losing(queue.Queue):
    def get(self, block=True, timeout=None):
        if self.qsize() > 1 and isinstance(self.queue[0], tuple):
            self._get()
        return super().get(block, timeout)


class skips_objects(Mutant):
    """get() skips the first of several objects."""

    breaks = ("managerqueue.lossless",)

    Manager = serving(Queue=Losing)


class Remembering:
    def put(self, item, *args, **kwargs):
        self._last = item
        return super().put(item, *args, **kwargs)

    def get(self, *args, **kwargs):
        got = super().get(*args, **kwargs)
        return self.__dict__.pop("_last", got)


class gets_its_own_object(Mutant):
    """Returns the very object if the process has put it itself."""

    breaks = ("managerqueue.get.copies",)

    Manager = handing(Remembering, "Queue")
