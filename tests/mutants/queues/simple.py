"""Broken simple queues."""

import threading
from multiprocessing import queues

from mutants import Mutant


class maxsize_required(Mutant):
    """Cannot be made without a size."""

    breaks = ("simplequeue.made",)

    class SimpleQueue(queues.SimpleQueue):
        def __init__(self, maxsize, *, ctx):
            super().__init__(ctx=ctx)


class state_cut_short(Mutant):
    """Leaves out its last field when it is pickled for a new process."""

    breaks = ("simplequeue.inherited",)
    start_method = "spawn"

    class SimpleQueue(queues.SimpleQueue):
        def __getstate__(self):
            return super().__getstate__()[:-1]


class poll_not_restored(Mutant):
    """Forgets in a new process how to ask the pipe."""

    breaks = ("simplequeue.empty.tells", "simplequeue.empty.closed")
    start_method = "spawn"

    class SimpleQueue(queues.SimpleQueue):
        def __setstate__(self, state):
            super().__setstate__(state)
            del self._poll


class put_returns_the_size(Mutant):
    """Returns from put what it should keep to itself."""

    breaks = ("simplequeue.put.stores",)

    class SimpleQueue(queues.SimpleQueue):
        def put(self, obj):
            super().put(obj)
            return len(queues._ForkingPickler.dumps(obj))


class false_objects_dropped(Mutant):
    """Puts only objects that are true."""

    breaks = ("simplequeue.get.takes", "simplequeue.empty.tells")

    class SimpleQueue(queues.SimpleQueue):
        def put(self, obj):
            if obj:
                super().put(obj)


class last_in_first_out(Mutant):
    """Returns the newest object that it finds, and keeps the others for later."""

    breaks = ("simplequeue.get.takes", "simplequeue.order")

    class SimpleQueue(queues.SimpleQueue):
        def get(self):
            found = self.__dict__.setdefault("_found", [])
            if not found or self._poll():
                found.append(super().get())
            while self._poll():
                found.append(super().get())
            return found.pop()


class none_instead_of_waiting(Mutant):
    """Returns None if there is nothing to get yet."""

    breaks = ("simplequeue.get.waits", "simplequeue.faithful")

    class SimpleQueue(queues.SimpleQueue):
        def get(self):
            return super().get() if self._poll() else None


class one_lock_for_both_ends(Mutant):
    """Lets nobody put while somebody waits for an object."""

    breaks = ("simplequeue.put.stores", "simplequeue.lossless", "simplequeue.large")

    class SimpleQueue(queues.SimpleQueue):
        def __init__(self, *, ctx):
            super().__init__(ctx=ctx)
            self._wlock = self._rlock


class unlocked_reader(Mutant):
    """Two processes that get at the same time read parts of each other's objects."""

    breaks = ("simplequeue.get.waits",)

    class SimpleQueue(queues.SimpleQueue):
        def get(self):
            return queues._ForkingPickler.loads(self._reader.recv_bytes())


class unlocked_writer(Mutant):
    """Two processes that put large objects at the same time mix their bytes."""

    breaks = ("simplequeue.lossless",)

    class SimpleQueue(queues.SimpleQueue):
        def __init__(self, *, ctx):
            super().__init__(ctx=ctx)
            self._wlock = threading.Lock()  # of one process


class large_objects_cut(Mutant):
    """Sends no more of an object than a pipe holds."""

    breaks = ("simplequeue.large",)

    class SimpleQueue(queues.SimpleQueue):
        def put(self, obj):
            with self._wlock:
                self._writer.send_bytes(bytes(queues._ForkingPickler.dumps(obj))[:65_536])


class own_object_comes_back(Mutant):
    """Gives a process the very object that it put last, if that is equal to what it gets."""

    breaks = ("simplequeue.get.recreates",)

    class SimpleQueue(queues.SimpleQueue):
        last = None

        def put(self, obj):
            self.last = obj
            super().put(obj)

        def get(self):
            obj = super().get()
            return self.last if self.last == obj else obj


class empty_inverted(Mutant):
    """Says that it is empty if it is not."""

    breaks = ("simplequeue.empty.tells",)

    class SimpleQueue(queues.SimpleQueue):
        def empty(self):
            return self._poll()


class closed_is_empty(Mutant):
    """Says that it is empty once it is closed."""

    breaks = ("simplequeue.empty.closed",)

    class SimpleQueue(queues.SimpleQueue):
        def empty(self):
            return self._reader.closed or super().empty()


class closed_once(Mutant):
    """Cannot be closed again."""

    breaks = ("simplequeue.close.closes",)

    class SimpleQueue(queues.SimpleQueue):
        def close(self):
            if self._writer.closed:
                raise OSError("handle is closed")
            super().close()
