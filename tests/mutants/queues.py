"""Broken queues."""

from multiprocessing import queues

from mutants import Mutant


class capacity_plus_one(Mutant):
    """Lets one object more in than maxsize says."""

    breaks = ("queue.put.full", "queue.put_nowait.full", "queue.put.waits", "queue.full.tells")

    class Queue(queues.Queue):
        def __init__(self, maxsize=0, *, ctx):
            super().__init__(maxsize + 1 if maxsize > 0 else maxsize, ctx=ctx)


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
