"""Subjects that crash, hang or flood: what a run tells about them is looked at."""

import ctypes
import mmap
import os
import signal
import sys
import tempfile
import threading
from multiprocessing import queues

from mutants import Mutant

FLOOD = 100_000_000  # bytes


class exits(Mutant):
    """Ends its process with a status of its own when something is put."""

    class Queue(queues.Queue):
        def put(self, obj, block=True, timeout=None):
            os._exit(3)


class kills_its_parent(Mutant):
    """Kills the process that started it, as the kernel may when memory runs out, when something is put."""

    class Queue(queues.Queue):
        def put(self, obj, block=True, timeout=None):
            os.kill(os.getppid(), signal.SIGKILL)
            threading.Event().wait()


class is_busy(Mutant):
    """Computes for ever when something is put."""

    class Queue(queues.Queue):
        def put(self, obj, block=True, timeout=None):
            while True:
                pass


class floods_and_hangs(Mutant):
    """Writes 100 MB of lines to standard error, then waits for itself when something is put."""

    class Queue(queues.Queue):
        def put(self, obj, block=True, timeout=None):
            line = "a line of the flood, \x1b[31mred\x1b[0m\n" * 1000
            for _ in range(FLOOD // len(line)):
                sys.stderr.write(line)
            lock = threading.Lock()
            lock.acquire()
            lock.acquire()


class dies_in_a_crowd(Mutant):
    """Reads from address zero when its process puts for the second time."""

    class Queue(queues.Queue):
        puts = 0

        def put(self, obj, block=True, timeout=None):
            type(self).puts += 1
            if self.puts == 2:
                ctypes.string_at(0)
            super().put(obj, block, timeout)


class loses(Mutant):
    """Nothing that is put arrives."""

    class Queue(queues.Queue):
        def put(self, obj, block=True, timeout=None):
            pass


class wants_descriptors(Mutant):
    """Needs 300 descriptors at once, and gives them back, when something is put."""

    class Queue(queues.Queue):
        def put(self, obj, block=True, timeout=None):
            opened = []
            try:
                while len(opened) < 300:
                    opened.append(os.open(os.devnull, os.O_RDONLY))
            finally:
                for descriptor in opened:
                    os.close(descriptor)
            super().put(obj, block, timeout)


class leaks_descriptors(Mutant):
    """Opens 110 descriptors when something is put, and never closes one."""

    class Queue(queues.Queue):
        def put(self, obj, block=True, timeout=None):
            for _ in range(110):
                os.open(os.devnull, os.O_RDONLY)
            super().put(obj, block, timeout)


class blames_the_machine(Mutant):
    """Says that no thread can be started, on whatever machine, when something is put."""

    class Queue(queues.Queue):
        def put(self, obj, block=True, timeout=None):
            raise RuntimeError("can't start new thread")


class dies_of_a_bus_error(Mutant):
    """Touches a page of a file that has no such page, as on a full disk, when something is put."""

    class Queue(queues.Queue):
        def put(self, obj, block=True, timeout=None):
            with tempfile.TemporaryFile() as file:
                file.truncate(mmap.PAGESIZE)
                pages = mmap.mmap(file.fileno(), mmap.PAGESIZE)
                file.truncate(0)
                pages[0]
