"""Subjects that crash, hang or flood: what a run tells about them is looked at."""

import ctypes
import mmap
import os
import signal
import socket
import sys
import tempfile
import threading
import time
from multiprocessing import process, queues, synchronize

from mutants import Mutant
from mutants.synchronization.semlocks import Methods

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


def ask():
    """Sends a line to the server whose address is in the environment, and waits for one."""
    family, *address = os.environ["MPCONFORM_SERVER"].split()
    with socket.socket(getattr(socket, family)) as client:
        client.connect(address[0] if family == "AF_UNIX" else (address[0], int(address[1])))
        client.sendall(b"lock\n")
        client.recv(1)


class asks_a_server(Mutant):
    """Has locks that are kept by a server: right, as long as the server answers."""

    class Lock(Methods, synchronize.Lock):
        def acquire(self, block=True, timeout=None):
            ask()
            return super().acquire(block, timeout)


class asks_a_server_first(Mutant):
    """Has locks that are made by a server: right, as long as the server answers."""

    class Lock(synchronize.Lock):
        def __init__(self, *, ctx):
            ask()
            super().__init__(ctx=ctx)


class reads_a_fifo(Mutant):
    """Waits for a permit from a FIFO before it locks."""

    class Lock(Methods, synchronize.Lock):
        def acquire(self, block=True, timeout=None):
            with open(os.environ["MPCONFORM_FIFO"], "r+b", buffering=0) as permits:
                permits.read(1)
            return super().acquire(block, timeout)


class takes_its_time(Mutant):
    """Locks late."""

    class Lock(Methods, synchronize.Lock):
        def acquire(self, block=True, timeout=None):
            time.sleep(1.5)
            return super().acquire(block, timeout)


class takes_its_time_to_join(Mutant):
    """Joins the thread of a queue late."""

    class Queue(queues.Queue):
        def join_thread(self):
            time.sleep(1.5)
            super().join_thread()


class naps(Mutant):
    """Looks once a minute whether the lock is free."""

    class Lock(Methods, synchronize.Lock):
        def acquire(self, block=True, timeout=None):
            while not time.sleep(60):
                if super().acquire(False):
                    return True
            return False


class polls_in_vain(Mutant):
    """Looks ten times a second whether a lock is free that it holds itself."""

    class Lock(Methods, synchronize.Lock):
        def acquire(self, block=True, timeout=None):
            super().acquire(False)
            while not super().acquire(False):
                time.sleep(0.1)
            return True


class hangs_when_it_is_free(Mutant):
    """Waits for itself where it finds the lock free, unless it has a timeout, and then lets another call be first."""

    class Lock(Methods, synchronize.Lock):
        def acquire(self, block=True, timeout=None):
            if timeout is not None:
                while not self._semlock._is_zero():
                    time.sleep(0.001)
            elif super().acquire(False):
                threading.Event().wait()
            return super().acquire(block, timeout)


class sleeps_an_hour(Mutant):
    """Comes back when the timeout is over, and no earlier."""

    class Lock(Methods, synchronize.Lock):
        def acquire(self, block=True, timeout=None):
            time.sleep(timeout or 0)
            return super().acquire(block, timeout)


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
