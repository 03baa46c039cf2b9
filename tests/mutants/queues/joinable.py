"""Broken joinable queues: faults of the count. What they share with other queues breaks in ``queues``."""

from multiprocessing import queues

from mutants import Mutant


class condition_not_pickled(Mutant):
    """Leaves the condition out of what a new process is given."""

    breaks = ("joinablequeue.inherited",)
    start_method = "spawn"

    class JoinableQueue(queues.JoinableQueue):
        def __getstate__(self):
            *state, _, unfinished = super().__getstate__()
            return (*state, unfinished)


class done_without_end(Mutant):
    """Takes any number of task_done() calls."""

    breaks = ("joinablequeue.task_done.too-many",)

    class JoinableQueue(queues.JoinableQueue):
        def task_done(self):
            try:
                super().task_done()
            except ValueError:
                pass


class last_task_refused(Mutant):
    """Refuses the task_done() of the last task."""

    breaks = ("joinablequeue.task_done.counts", "joinablequeue.progress")

    class JoinableQueue(queues.JoinableQueue):
        def task_done(self):
            with self._cond:
                if self._unfinished_tasks._semlock._get_value() <= 1:
                    raise ValueError("task_done() called too many times")
            super().task_done()


class too_many_is_assertion(Mutant):
    """Raises AssertionError where ValueError is promised."""

    breaks = ("joinablequeue.task_done.too-many",)

    class JoinableQueue(queues.JoinableQueue):
        def task_done(self):
            try:
                super().task_done()
            except ValueError as error:
                raise AssertionError(*error.args) from None


class full_put_counts(Mutant):
    """Counts a task that put() had no slot for."""

    breaks = ("joinablequeue.task_done.too-many", "joinablequeue.join.returns")

    class JoinableQueue(queues.JoinableQueue):
        def put(self, obj, block=True, timeout=None):
            try:
                super().put(obj, block, timeout)
            except queues.Full:
                self._unfinished_tasks.release()
                raise


class get_finishes_the_task(Mutant):
    """Takes a task for done when it is got."""

    breaks = ("joinablequeue.join.waits", "joinablequeue.task_done.counts")

    class JoinableQueue(queues.JoinableQueue):
        def get(self, block=True, timeout=None):
            obj = super().get(block, timeout)
            self.task_done()
            return obj


class join_does_not_wait(Mutant):
    """Returns from join() at once."""

    breaks = ("joinablequeue.join.waits", "joinablequeue.patience")

    class JoinableQueue(queues.JoinableQueue):
        def join(self):
            pass


class join_returns_at_the_first(Mutant):
    """Wakes who joins at every task_done()."""

    breaks = ("joinablequeue.join.waits", "joinablequeue.patience")

    class JoinableQueue(queues.JoinableQueue):
        def task_done(self):
            super().task_done()
            with self._cond:
                self._cond.notify_all()


class join_not_notified(Mutant):
    """Does not wake who joins."""

    breaks = ("joinablequeue.join.returns", "joinablequeue.progress")

    class JoinableQueue(queues.JoinableQueue):
        def task_done(self):
            with self._cond:
                if not self._unfinished_tasks.acquire(False):
                    raise ValueError("task_done() called too many times")


class one_join_notified(Mutant):
    """Wakes only one of those who join."""

    breaks = ("joinablequeue.join.returns",)

    class JoinableQueue(queues.JoinableQueue):
        def task_done(self):
            with self._cond:
                if not self._unfinished_tasks.acquire(False):
                    raise ValueError("task_done() called too many times")
                if self._unfinished_tasks._semlock._is_zero():
                    self._cond.notify()


class join_needs_a_task(Mutant):
    """Waits in join() even if nothing was put."""

    breaks = ("joinablequeue.join.returns",)

    class JoinableQueue(queues.JoinableQueue):
        def join(self):
            with self._cond:
                self._cond.wait()


class has_a_queue(Mutant):
    """Has a queue, and is none."""

    breaks = ("joinablequeue.class",)

    class JoinableQueue:
        def __init__(self, maxsize=0, *, ctx):
            self._queue = queues.JoinableQueue(maxsize, ctx=ctx)
