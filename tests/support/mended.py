"""Implementations that keep clauses which every release of CPython breaks: no mutant shows that these can be kept.

``keeps`` names the clauses that must hold.
"""

import os
from multiprocessing import AuthenticationError, connection, context, queues
from multiprocessing.reduction import ForkingPickler

from mutants import Mutant, Patched
from mutants.pools.pools import Workers


class Pickled:
    """An object as put() has pickled it."""

    def __init__(self, data):
        self.data = data

    def __reduce__(self):
        return ForkingPickler.loads, (bytes(self.data),)


class prompt_queues(Mutant):
    """Pickles in put(), and closes the pipe of a queue that has no thread to do so."""

    keeps = ("queue.put.snapshot", "queue.close.releases")

    class Queue(queues.Queue):
        def put(self, obj, block=True, timeout=None):
            super().put(Pickled(ForkingPickler.dumps(obj)), block, timeout)

        def close(self):
            idle = self._close is None
            super().close()
            if idle:
                self._reader.close()
                self._writer.close()


class FlatConnection(connection.Connection):
    """Sees only the bytes of a buffer."""

    def send_bytes(self, buf, offset=0, size=None):
        super().send_bytes(memoryview(buf).cast("B"), offset, size)

    def recv_bytes_into(self, buf, offset=0):
        return super().recv_bytes_into(memoryview(buf).cast("B"), offset)


class flat_connections(Mutant):
    """Counts bytes, whatever the shape and the items of a buffer."""

    keeps = ("message.sent.shapes", "message.received.shapes", "message.received.unaligned")

    def Pipe(self, duplex=True):
        return [FlatConnection(os.dup(end.fileno()), end.readable, end.writable) for end in connection.Pipe(duplex)]


class distrustful_pools(Mutant):
    """Reads an iterable before it counts its items."""

    keeps = ("pool.map.sized-iterable-raises", "pool.map.lying-length")

    class Pool(Workers):
        def map(self, func, iterable, chunksize=None):
            return super().map(func, list(iterable), chunksize)

        def starmap(self, func, iterable, chunksize=None):
            return super().starmap(func, list(iterable), chunksize)


def refuse_who_has_gone(function, *args, **kwargs):
    """What the function returns; if the other end has gone, it has not authenticated itself."""
    try:
        return function(*args, **kwargs)
    except (EOFError, ConnectionError):
        raise AuthenticationError("the other end has gone") from None


class Listener(connection.Listener):
    """Refuses a client that hangs up."""

    def accept(self):
        return refuse_who_has_gone(super().accept)


def Client(*args, **kwargs):
    """Refuses a listener that hangs up."""
    return refuse_who_has_gone(connection.Client, *args, **kwargs)


class wary_listeners(Mutant):
    """Takes an end that hangs up for one that has not authenticated itself."""

    keeps = ("authentication.accept.hangs-up", "authentication.client.hangs-up")
    connection = Patched(connection, Listener=Listener, Client=Client)


class SettledProcess(context.ForkProcess):
    """Takes a process that cannot be waited for to have ended, and exits with no status that the system lacks."""

    def _bootstrap(self, *args, **kwargs):
        return super()._bootstrap(*args, **kwargs) & 0xFF

    @staticmethod
    def _Popen(process_obj):
        from multiprocessing.popen_fork import Popen

        class Settled(Popen):
            def poll(self, flag=os.WNOHANG):
                if self.returncode is None:
                    try:
                        os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOWAIT | flag)
                    except ChildProcessError:
                        self.returncode = 255
                return super().poll(flag)

            def wait(self, timeout=None):
                if self.returncode is None and timeout is not None:
                    return self.poll() if connection.wait([self.sentinel], timeout) else None
                return self.poll(os.WNOHANG if timeout == 0.0 else 0)

        return Settled(process_obj)


class settled_processes(Mutant):
    """Settles how a process has ended, whoever has reaped it."""

    keeps = (
        "process.is_alive.reaped",
        "process.exitcode.reaped",
        "process.close.reaped",
        "process.exitcode.exit-wide",
        "process.join.replaced",
    )

    def Process(self, *args, **kwargs):
        return SettledProcess(*args, **kwargs)
