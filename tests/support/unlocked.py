"""Queues whose readers have no lock, and leave others some time in the middle of an object: a race that shows soon."""

import os
import pickle
import struct
from multiprocessing import queues

from mutants import Mutant

from support.races import leave_others_time

LARGE = 1000  # bytes: no object of a test is as large


def receive(connection):
    """Reads an object in two steps, between which another process may read what comes next."""
    (size,) = struct.unpack("!i", os.read(connection.fileno(), 4))
    leave_others_time()
    if not 0 <= size <= LARGE:
        raise EOFError("this is no length")
    return pickle.loads(os.read(connection.fileno(), size))


class Queues(Mutant):
    """Queue and SimpleQueue whose get() takes no lock."""

    class Queue(queues.Queue):
        def get(self, block=True, timeout=None):
            return receive(self._reader)

    class SimpleQueue(queues.SimpleQueue):
        def get(self):
            return receive(self._reader)
