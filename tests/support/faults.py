"""Subjects that crash, hang or flood: what a run tells about them is looked at."""

import ctypes
import os
import signal
import sys
import threading
from multiprocessing import process, queues, synchronize

from mutants import Mutant

from conformance.stage import children

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


class cannot_get(Mutant):
    """Takes objects and gives none."""

    class Queue(queues.Queue):
        def get(self, block=True, timeout=None):
            raise NotImplementedError("get() is not implemented")


class starts_nothing(Mutant):
    """Its processes are never started."""

    class Process(process.BaseProcess):
        def __init__(self, *args, ctx, **kwargs):
            super().__init__(*args, **kwargs)

        def start(self):
            pass

        def join(self, timeout=None):
            pass

        exitcode = None


class runs_elsewhere(Mutant):
    """Its processes end as they should, and leave no sign on this machine."""

    class Process(process.BaseProcess):
        def __init__(self, target=None, args=(), ctx=None):
            self.exitcode = args[0] if target is sys.exit else 0

        exitcode = None

        def start(self):
            pass

        def join(self, timeout=None):
            pass


class kills_by_name(Mutant):
    """Calls what belongs to the harness, with what makes that fail."""

    class Lock(synchronize.Lock):
        def _make_methods(self):
            super()._make_methods()
            self.acquire = lambda *args, **kwargs: children.kill("job-1")
