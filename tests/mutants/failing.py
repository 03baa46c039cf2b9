"""Subjects that fail outright: what they leave behind is looked for, not what they break."""

import ctypes
import os
import signal
import sys
import threading
from multiprocessing import queues

from mutants import Mutant


class segfaults(Mutant):
    """Reads from address zero when something is put."""

    breaks = ("queue.put.stores",)

    class Queue(queues.Queue):
        def put(self, obj, block=True, timeout=None):
            ctypes.string_at(0)


class deadlocks(Mutant):
    """Waits for itself when something is put."""

    breaks = ("queue.put.stores",)

    class Queue(queues.Queue):
        def put(self, obj, block=True, timeout=None):
            lock = threading.Lock()
            lock.acquire()
            lock.acquire()


class is_killed(Mutant):
    """Is killed, as by the kernel when memory runs out, when something is put."""

    breaks = ("queue.put.stores",)

    class Queue(queues.Queue):
        def put(self, obj, block=True, timeout=None):
            os.kill(os.getpid(), signal.SIGKILL)


class floods(Mutant):
    """Writes megabytes to standard error, and loses what is put."""

    breaks = ("queue.get.takes",)

    class Queue(queues.Queue):
        def put(self, obj, block=True, timeout=None):
            for _ in range(50):
                sys.stderr.write("flood " * 10_000)


class cannot_be_made(Mutant):
    """Raises where a queue is made."""

    breaks = ("queue.made",)

    class Queue(queues.Queue):
        def __init__(self, maxsize=0, *, ctx):
            raise OSError("no queue for you")
