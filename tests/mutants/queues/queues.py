"""Broken queues."""

import collections
import threading
import time
from multiprocessing import queues

from mutants import Mutant


class negative_maxsize_refused(Mutant):
    """Takes a negative maxsize for an error."""

    breaks = ("queue.made", "joinablequeue.made")

    class Queue(queues.Queue):
        def __init__(self, maxsize=0, *, ctx):
            if maxsize < 0:
                raise ValueError("maxsize must not be negative")
            super().__init__(maxsize, ctx=ctx)

    class JoinableQueue(Queue, queues.JoinableQueue):
        """The same, counting."""


class state_cut_short(Mutant):
    """Leaves out the last field when it is pickled for a new process."""

    breaks = ("queue.inherited", "joinablequeue.inherited")
    start_method = "spawn"

    class Queue(queues.Queue):
        def __getstate__(self):
            return super().__getstate__()[:-1]

    class JoinableQueue(Queue, queues.JoinableQueue):
        """The same, counting."""


class state_without_reset(Mutant):
    """Does not make its buffer and its condition anew in a new process."""

    breaks = ("queue.put.stores", "queue.close.closes")
    start_method = "spawn"

    class Queue(queues.Queue):
        def __setstate__(self, state):
            reset, self._reset = self._reset, lambda: None
            try:
                super().__setstate__(state)
            finally:
                self._reset = reset


class capacity_plus_one(Mutant):
    """Lets one object more in than maxsize says."""

    breaks = ("queue.put.full", "queue.put_nowait.full", "queue.put.waits")

    class Queue(queues.Queue):
        def __init__(self, maxsize=0, *, ctx):
            super().__init__(maxsize + 1 if maxsize > 0 else maxsize, ctx=ctx)


class default_capacity(Mutant):
    """Takes a hundred objects when no maxsize is given."""

    breaks = ("queue.unbounded",)

    class Queue(queues.Queue):
        def __init__(self, maxsize=0, *, ctx):
            super().__init__(maxsize or 100, ctx=ctx)


class full_from_the_start(Mutant):
    """Loses one slot when it is made."""

    breaks = (
        "queue.put.stores",
        "queue.put_nowait.stores",
        "queue.qsize.counts",
        "queue.full.tells",
        "joinablequeue.put.stores",
        "joinablequeue.put_nowait.stores",
        "joinablequeue.qsize.counts",
    )

    class Queue(queues.Queue):
        def __init__(self, maxsize=0, *, ctx):
            super().__init__(maxsize, ctx=ctx)
            self._sem.acquire()

    class JoinableQueue(Queue, queues.JoinableQueue):
        """The same, counting."""


class slot_kept_by_get(Mutant):
    """Does not free the slot of an object that is got with a timeout or without waiting."""

    breaks = ("queue.put.stores", "queue.put_nowait.stores", "queue.qsize.counts")

    class Queue(queues.Queue):
        def get(self, block=True, timeout=None):
            obj = super().get(block, timeout)
            if not block or timeout is not None:
                self._sem.acquire(False)
            return obj


class slot_kept_by_an_error(Mutant):
    """Does not free the slot of an object that does not pickle."""

    breaks = ("queue.unpicklable",)

    class Queue(queues.Queue):
        def _start_thread(self):
            sem, self._sem = self._sem, threading.Semaphore()  # the feeder's, for errors
            super()._start_thread()
            self._sem = sem


class error_ends_the_feeder(Mutant):
    """Puts nothing more into the pipe after an object that does not pickle."""

    breaks = ("queue.unpicklable",)

    class Queue(queues.Queue):
        @staticmethod
        def _on_queue_feeder_error(e, obj):
            raise SystemExit


class block_ignored(Mutant):
    """Waits without limit for a slot or an object if told not to block."""

    breaks = (
        "queue.put.full",
        "queue.put_nowait.full",
        "queue.get.empty",
        "queue.get_nowait.empty",
        "joinablequeue.put.full",
        "joinablequeue.put_nowait.full",
        "joinablequeue.get.empty",
        "joinablequeue.get_nowait.empty",
    )

    class Queue(queues.Queue):
        def put(self, obj, block=True, timeout=None):
            super().put(obj, True, timeout if block else None)

        def get(self, block=True, timeout=None):
            return super().get(True, timeout if block else None)

    class JoinableQueue(Queue, queues.JoinableQueue):
        """The same, counting."""


class timeout_blocks(Mutant):
    """Waits without an end where it has a timeout and is told not to block."""

    breaks = ("queue.get.empty",)

    class Queue(queues.Queue):
        def put(self, obj, block=True, timeout=None):
            super().put(obj, block or timeout is not None, timeout if block else None)

        def get(self, block=True, timeout=None):
            return super().get(block or timeout is not None, timeout if block else None)


class never_waits(Mutant):
    """Gives up at once where it should wait for a slot or an object."""

    breaks = (
        "queue.put.waits",
        "queue.put.expires",
        "queue.get.waits",
        "queue.get.expires",
        "joinablequeue.put.waits",
        "joinablequeue.put.expires",
        "joinablequeue.get.waits",
        "joinablequeue.get.expires",
    )

    class Queue(queues.Queue):
        def put(self, obj, block=True, timeout=None):
            super().put(obj, False)

        def get(self, block=True, timeout=None):
            return super().get(False)

    class JoinableQueue(Queue, queues.JoinableQueue):
        """The same, counting."""


class impatient(Mutant):
    """Gives up after half of its timeout."""

    breaks = ("queue.put.expires", "queue.get.expires")

    class Queue(queues.Queue):
        def put(self, obj, block=True, timeout=None):
            super().put(obj, block, timeout and timeout / 2)

        def get(self, block=True, timeout=None):
            return super().get(block, timeout and timeout / 2)


class lock_kept_by_empty(Mutant):
    """Keeps the reader's lock when it gives up."""

    breaks = ("queue.get.takes",)

    class Queue(queues.Queue):
        def get(self, block=True, timeout=None):
            try:
                return super().get(block, timeout)
            except queues.Empty:
                self._rlock.acquire(False)
                raise


class one_lock_for_both_ends(Mutant):
    """Lets nobody write to the pipe while somebody waits at its other end."""

    breaks = ("queue.get.takes", "queue.lossless")

    class Queue(queues.Queue):
        def __init__(self, maxsize=0, *, ctx):
            super().__init__(maxsize, ctx=ctx)
            self._wlock = self._rlock


class unlocked_reader(Mutant):
    """Two processes that get at the same time read parts of each other's objects."""

    breaks = ("queue.lossless",)

    class Queue(queues.Queue):
        def get(self, block=True, timeout=None):
            if block and timeout is None:
                res = self._recv_bytes()
                self._sem.release()
                return queues._ForkingPickler.loads(res)
            return super().get(block, timeout)


class unlocked_writer(Mutant):
    """Two processes that put large objects at the same time mix their bytes."""

    breaks = ("queue.lossless", "queue.large")

    class Queue(queues.Queue):
        def __init__(self, maxsize=0, *, ctx):
            super().__init__(maxsize, ctx=ctx)
            self._wlock = threading.Lock()  # of one process


class feeder_not_notified(Mutant):
    """Does not wake the background thread that waits for objects."""

    breaks = ("queue.get.takes", "queue.lossless")

    class Queue(queues.Queue):
        def _reset(self, *args, **kwargs):
            super()._reset(*args, **kwargs)
            self._notempty.notify = lambda: None


class false_objects_end_the_feeder(Mutant):
    """Takes a false object such as 0 for the sign that no more will come."""

    breaks = ("queue.get.takes", "queue.get_nowait.takes", "joinablequeue.get.takes", "joinablequeue.get_nowait.takes")

    class Queue(queues.Queue):
        def put(self, obj, block=True, timeout=None):
            super().put(obj or queues._sentinel, block, timeout)

    class JoinableQueue(Queue, queues.JoinableQueue):
        """The same, counting."""


class Stack(collections.deque):
    """A buffer whose last object leaves first."""

    popleft = collections.deque.pop


class last_in_first_out(Mutant):
    """The background thread takes the newest of its objects."""

    breaks = ("queue.order",)

    class Queue(queues.Queue):
        def _reset(self, *args, **kwargs):
            super()._reset(*args, **kwargs)
            self._buffer = Stack()


class put_twice_by_the_first_put(Mutant):
    """Sends the object twice that starts the background thread."""

    breaks = ("queue.once", "queue.lossless")

    class Queue(queues.Queue):
        def _start_thread(self):
            super()._start_thread()
            append = self._buffer.append
            self._buffer = TwiceFirst(append)


class TwiceFirst:
    """A buffer that takes its first object twice."""

    def __init__(self, append):
        self.times, self.add = 2, append

    def append(self, obj):
        for _ in range(self.times):
            self.add(obj)
        self.times = 1


class none_instead_of_waiting(Mutant):
    """Returns None if there is nothing to get yet."""

    breaks = ("queue.faithful", "queue.get.waits")

    class Queue(queues.Queue):
        def get(self, block=True, timeout=None):
            return super().get(block, timeout) if timeout is not None or not block or self._poll() else None


class closed_is_forgotten(Mutant):
    """Does not note that it was closed."""

    breaks = (
        "queue.put.closed",
        "queue.put_nowait.closed",
        "queue.get.closed",
        "queue.get_nowait.closed",
        "queue.join_thread.flushes",
        "joinablequeue.put.closed",
        "joinablequeue.put_nowait.closed",
        "joinablequeue.get.closed",
        "joinablequeue.get_nowait.closed",
    )

    class Queue(queues.Queue):
        def close(self):
            super().close()
            self._closed = False

    class JoinableQueue(Queue, queues.JoinableQueue):
        """The same, counting."""


class closed_raises_oserror(Mutant):
    """Raises the error of a closed file where a closed queue should raise ValueError."""

    breaks = ("queue.put.closed", "queue.put_nowait.closed", "queue.get.closed", "queue.get_nowait.closed")

    class Queue(queues.Queue):
        def put(self, obj, block=True, timeout=None):
            self.check()
            super().put(obj, block, timeout)

        def get(self, block=True, timeout=None):
            self.check()
            return super().get(block, timeout)

        def check(self):
            if self._closed:
                raise OSError("handle is closed")


class close_needs_the_thread(Mutant):
    """Cannot be closed before something was put."""

    breaks = ("queue.close.closes", "joinablequeue.close.closes")

    class Queue(queues.Queue):
        def close(self):
            self._closed = True
            close, self._close = self._close, None
            close()

    class JoinableQueue(Queue, queues.JoinableQueue):
        """The same, counting."""


class close_drops_what_is_left(Mutant):
    """Throws away at close what the background thread has not written yet."""

    breaks = ("queue.close.flushes",)

    class Queue(queues.Queue):
        def close(self):
            self._buffer.clear()
            super().close()


class join_thread_needs_the_thread(Mutant):
    """Cannot be joined if nothing was put."""

    breaks = ("queue.join_thread.flushes", "joinablequeue.join_thread.flushes")

    class Queue(queues.Queue):
        def join_thread(self):
            assert self._closed
            self._jointhread()

    class JoinableQueue(Queue, queues.JoinableQueue):
        """The same, counting."""


class join_thread_without_close(Mutant):
    """Does not ask whether it was closed, and so waits for a thread that does not end."""

    breaks = ("queue.join_thread.refused", "joinablequeue.join_thread.refused")

    class Queue(queues.Queue):
        def join_thread(self):
            if self._jointhread:
                self._jointhread()

    class JoinableQueue(Queue, queues.JoinableQueue):
        """The same, counting."""


class cancel_needs_the_thread(Mutant):
    """Cannot be cancelled before something was put."""

    breaks = ("queue.cancel_join_thread.cancels", "joinablequeue.cancel_join_thread.cancels")

    class Queue(queues.Queue):
        def cancel_join_thread(self):
            self._joincancelled = True
            self._jointhread.cancel()

    class JoinableQueue(Queue, queues.JoinableQueue):
        """The same, counting."""


class cancel_comes_too_late(Mutant):
    """Cancels only a thread that has been started already."""

    breaks = ("queue.exit.abandons",)

    class Queue(queues.Queue):
        def cancel_join_thread(self):
            if self._jointhread:
                self._jointhread.cancel()


class join_thread_does_not_wait(Mutant):
    """Does not wait for the background thread, as if that had been cancelled."""

    breaks = ("queue.join_thread.waits",)

    class Queue(queues.Queue):
        def join_thread(self):
            assert self._closed


class not_reset_after_fork(Mutant):
    """Believes in a forked process that the parent's background thread runs there."""

    breaks = ("queue.in-use",)

    class Queue(queues.Queue):
        def _reset(self, after_fork=False):
            if not after_fork:
                super()._reset()


class join_thread_after_all(Mutant):
    """Waits for the background thread even if that was cancelled."""

    breaks = ("queue.join_thread.cancelled",)

    class Queue(queues.Queue):
        def join_thread(self):
            super().join_thread()
            if self._thread:
                self._thread.join()


class cancel_comes_too_early(Mutant):
    """Cancels only a thread that is started later."""

    breaks = ("queue.exit.abandons",)

    class Queue(queues.Queue):
        def cancel_join_thread(self):
            self._joincancelled = True


class cancelled_for_good(Mutant):
    """Stays cancelled in a forked process."""

    breaks = ("queue.cancel_join_thread.own",)

    class Queue(queues.Queue):
        _joincancelled = False

        def _reset(self, after_fork=False):
            cancelled = self._joincancelled
            super()._reset(after_fork)
            self._joincancelled = cancelled


class no_join_at_exit(Mutant):
    """Lets a process exit before its objects are in the pipe, and sends them so late that the exit comes first."""

    breaks = ("queue.exit.flushes", "queue.exit.waits")

    class Queue(queues.Queue):
        def _start_thread(self):
            self._joincancelled = True
            self._send_bytes = self._send_late
            super()._start_thread()

        def _send_late(self, data):
            time.sleep(0.3)
            self._writer.send_bytes(data)


class put_writes_itself(Mutant):
    """Writes to the pipe in put, without a background thread."""

    breaks = ("queue.large", "queue.unpicklable", "queue.exit.abandons")

    class Queue(queues.Queue):
        def put(self, obj, block=True, timeout=None):
            if not self._sem.acquire(block, timeout):
                raise queues.Full
            with self._wlock:
                self._send_bytes(queues._ForkingPickler.dumps(obj))


class own_object_comes_back(Mutant):
    """Gives a process the very object that it put last, if that is equal to what it gets."""

    breaks = ("queue.get.recreates",)

    class Queue(queues.Queue):
        last = None

        def put(self, obj, block=True, timeout=None):
            self.last = obj
            super().put(obj, block, timeout)

        def get(self, block=True, timeout=None):
            obj = super().get(block, timeout)
            return self.last if self.last == obj else obj


class empty_inverted(Mutant):
    """Says that it is empty if it is not."""

    breaks = ("queue.empty.true", "queue.empty.false", "joinablequeue.empty.true", "joinablequeue.empty.false")

    class Queue(queues.Queue):
        def empty(self):
            return self._poll()

    class JoinableQueue(Queue, queues.JoinableQueue):
        """The same, counting."""


class empty_by_count(Mutant):
    """Says that it is not empty before the object can be got."""

    breaks = ("queue.get_nowait.takes",)

    class Queue(queues.Queue):
        def empty(self):
            return self.qsize() == 0


class counts_free_slots(Mutant):
    """Counts what it can take instead of what it holds."""

    breaks = ("queue.qsize.counts", "queue.full.tells", "joinablequeue.qsize.counts", "joinablequeue.full.tells")

    class Queue(queues.Queue):
        def qsize(self):
            return self._sem._semlock._get_value()

        def full(self):
            return self.qsize() >= self._maxsize

    class JoinableQueue(Queue, queues.JoinableQueue):
        """The same, counting."""


class without_getvalue(Mutant):
    """Cannot count, on a system whose semaphores have no value to look at."""

    breaks = (
        "queue.qsize.counts",
        "queue.qsize.approximates",
        "queue.full.tells",
        "queue.full.approximates",
        "queue.unbounded",
        "joinablequeue.qsize.approximates",
        "joinablequeue.full.approximates",
    )

    class Queue(queues.Queue):
        def qsize(self):
            raise NotImplementedError

        def full(self):
            return self.qsize() == self._maxsize

    class JoinableQueue(Queue, queues.JoinableQueue):
        """The same, counting."""


class garbage_keeps_its_thread(Mutant):
    """Has a background thread that does not notice that its queue is gone."""

    breaks = ("queue.close.garbage",)

    class Queue(queues.Queue):
        def _start_thread(self):
            super()._start_thread()
            self._close.cancel()


class milliseconds_in_31_bits(Mutant):
    """Counts a timeout in milliseconds, in a type that is too small."""

    breaks = ("queue.get.month",)

    class Queue(queues.Queue):
        def get(self, block=True, timeout=None):
            if timeout is not None and timeout * 1000 >= 2**31:
                raise OverflowError("timeout is too large")
            return super().get(block, timeout)
