"""Broken shared memory: blocks that are lost, doubled, kept or hidden, and managers that forget them."""

import itertools
import mmap
import os
from multiprocessing import managers, parent_process, resource_tracker, shared_memory, util

from mutants import Mutant, Patched

Memory, Manager = shared_memory.SharedMemory, managers.SharedMemoryManager


def memory(kind):
    return Patched(shared_memory, SharedMemory=kind)


def manager(kind):
    return Patched(managers, SharedMemoryManager=kind)


class name_ignored(Mutant):
    """Makes up a name for every block."""

    breaks = ("sharedmemory.create.named",)

    class SharedMemory(Memory):
        def __init__(self, name=None, create=False, size=0, **options):
            super().__init__(None if create else name, create, size, **options)

    shared_memory = memory(SharedMemory)


class one_name_for_all(Mutant):
    """Makes up the same name for all blocks of a process."""

    breaks = ("sharedmemory.create.novel-name",)

    class SharedMemory(Memory):
        def __init__(self, name=None, create=False, size=0, **options):
            super().__init__(name or f"mpc{os.getpid()}", create, size, **options)

    shared_memory = memory(SharedMemory)


class taken_name_attaches(Mutant):
    """Attaches to a block that exists, though it was told to create one."""

    breaks = ("sharedmemory.create.taken",)

    class SharedMemory(Memory):
        def __init__(self, name=None, create=False, size=0, **options):
            try:
                super().__init__(name, create, size, **options)
            except FileExistsError:
                self._flags = os.O_RDWR
                super().__init__(name, **options)

    shared_memory = memory(SharedMemory)


class at_least_one_byte(Mutant):
    """Takes every size below one for one."""

    breaks = ("sharedmemory.create.no-size",)

    class SharedMemory(Memory):
        def __init__(self, name=None, create=False, size=0, **options):
            super().__init__(name, create, max(size, 1), **options)

    shared_memory = memory(SharedMemory)


class one_byte_short(Mutant):
    """Creates a block that is a byte smaller than asked for."""

    breaks = ("sharedmemory.create.size",)

    class SharedMemory(Memory):
        def __init__(self, name=None, create=False, size=0, **options):
            super().__init__(name, create, size - 1 if size > 1 else size, **options)

    shared_memory = memory(SharedMemory)


class attached_in_part(Mutant):
    """Gives who attaches no more bytes than were asked for."""

    breaks = ("sharedmemory.attach.ignores-size",)

    class SharedMemory(Memory):
        def __init__(self, name=None, create=False, size=0, **options):
            super().__init__(name, create, size, **options)
            if size and not create:
                self._buf = self._buf[:size]
                self._size = len(self._buf)

    shared_memory = memory(SharedMemory)


class created_where_missing(Mutant):
    """Creates the block to which it cannot attach."""

    breaks = ("sharedmemory.attach.missing",)

    class SharedMemory(Memory):
        def __init__(self, name=None, create=False, size=0, **options):
            try:
                super().__init__(name, create, size, **options)
            except FileNotFoundError:
                super().__init__(name, True, size or 16, **options)

    shared_memory = memory(SharedMemory)


class plain_attributes(Mutant):
    """Lets name and size be set."""

    breaks = ("sharedmemory.name.read-only", "sharedmemory.size.read-only")

    class SharedMemory(Memory):
        name = size = None

        def __init__(self, *args, **options):
            super().__init__(*args, **options)
            self.name, self.size = self._name.lstrip("/"), self._size

    shared_memory = memory(SharedMemory)


class the_map_itself(Mutant):
    """Gives out the map, which is no memoryview."""

    breaks = ("sharedmemory.buf.memoryview",)

    class SharedMemory(Memory):
        @property
        def buf(self):
            return self._mmap

    shared_memory = memory(SharedMemory)


class copy_on_write(Mutant):
    """Keeps to itself what is written."""

    breaks = (
        "sharedmemory.buf.shared",
        "sharedmemory.buf.processes",
        "sharedmemory.pickle.same-block",
        "sharedmemory.pickle.argument",
    )

    class SharedMemory(Memory):
        def __init__(self, *args, **options):
            super().__init__(*args, **options)
            self._buf.release()
            self._mmap.close()
            self._mmap = mmap.mmap(self._fd, self._size, access=mmap.ACCESS_COPY)
            self._buf = memoryview(self._mmap)

    shared_memory = memory(SharedMemory)


class pickled_as_a_copy(Mutant):
    """Unpickles a new block with the same contents."""

    breaks = ("sharedmemory.pickle.same-block", "sharedmemory.pickle.argument")
    start_method = "spawn"

    class SharedMemory(Memory):
        def __reduce__(self):
            return copied, (bytes(self.buf),)

    shared_memory = memory(SharedMemory)


def copied(contents):
    shm = pickled_as_a_copy.SharedMemory(create=True, size=len(contents))
    shm.buf[: len(contents)] = contents
    return shm


class never_closed(Mutant):
    """Leaves closing to the end of the process."""

    breaks = ("sharedmemory.close.ends-access", "sharedmemory.close.descriptor")

    class SharedMemory(Memory):
        def close(self):
            pass

    shared_memory = memory(SharedMemory)


class descriptor_forgotten(Mutant):
    """Closes the map, and not the descriptor."""

    breaks = ("sharedmemory.close.descriptor",)

    class SharedMemory(Memory):
        def close(self):
            self._fd = -1
            super().close()

    shared_memory = memory(SharedMemory)


class closed_for_all(Mutant):
    """Deletes the block when its creator closes it."""

    breaks = ("sharedmemory.close.others", "sharedmemory.life.outlives-creator")

    class SharedMemory(Memory):
        def close(self):
            if self._buf is not None and self._flags & os.O_EXCL:
                self.unlink()
            super().close()

    shared_memory = memory(SharedMemory)


class only_the_creator_unlinks(Mutant):
    """Does nothing in unlink() of an instance that has attached."""

    breaks = ("sharedmemory.unlink.deletes", "sharedmemory.unlink.elsewhere")

    class SharedMemory(Memory):
        def unlink(self):
            if self._flags & os.O_EXCL:
                super().unlink()

    shared_memory = memory(SharedMemory)


class closed_is_not_unlinked(Mutant):
    """Does nothing in unlink() of an instance that is closed."""

    breaks = ("sharedmemory.unlink.order", "sharedmemory.unlink.frees-the-name")

    class SharedMemory(Memory):
        def unlink(self):
            if self._buf is not None:
                super().unlink()

    shared_memory = memory(SharedMemory)


class name_never_free(Mutant):
    """Remembers all names, and gives none of them to a second block."""

    breaks = ("sharedmemory.unlink.frees-the-name",)

    class SharedMemory(Memory):
        used = set()

        def __init__(self, name=None, create=False, size=0, **options):
            if create and name in self.used:
                raise FileExistsError(name)
            super().__init__(name, create, size, **options)
            self.used.add(self.name)

    shared_memory = memory(SharedMemory)


class deleted_at_exit(Mutant):
    """Deletes at the end of a process all blocks to which that had access."""

    breaks = ("sharedmemory.life.outlives-creator", "sharedmemory.life.outlives-users")

    class SharedMemory(Memory):
        def __init__(self, *args, **options):
            super().__init__(*args, **options)
            util.Finalize(None, self.unlink, exitpriority=0)

    shared_memory = memory(SharedMemory)


class never_tracked(Mutant):
    """Leaves every block to its user."""

    breaks = ("sharedmemory.track.cleans-up", "sharedmemory.track.foreign")

    class SharedMemory(Memory):
        def __init__(self, name=None, create=False, size=0, track=True):
            super().__init__(name, create, size)
            resource_tracker.unregister(self._name, "shared_memory")

        def unlink(self):
            resource_tracker.register(self._name, "shared_memory")
            super().unlink()

    shared_memory = memory(SharedMemory)


class a_tracker_for_each_process(Mutant):
    """Has a block tracked by a tracker of the child that creates it."""

    breaks = ("sharedmemory.track.shared",)
    start_method = "spawn"

    class SharedMemory(Memory):
        trackers = []

        def __init__(self, *args, **options):
            super().__init__(*args, **options)
            if parent_process():
                self.trackers.append(resource_tracker.ResourceTracker())
                self.trackers[-1].register(self._name, "shared_memory")

    shared_memory = memory(SharedMemory)


class only_creation_is_tracked(Mutant):
    """Registers no block to which it attaches."""

    breaks = ("sharedmemory.track.foreign",)

    class SharedMemory(Memory):
        def __init__(self, name=None, create=False, size=0, track=True):
            super().__init__(name, create, size, track=track and create)

    shared_memory = memory(SharedMemory)


class always_tracked(Mutant):
    """Does not look at track."""

    breaks = ("sharedmemory.track.off", "sharedmemory.track.off-attached")

    class SharedMemory(Memory):
        def __init__(self, name=None, create=False, size=0, track=True):
            super().__init__(name, create, size)

    shared_memory = memory(SharedMemory)


class tracked_after_its_end(Mutant):
    """Leaves the tracker the name of a block that is unlinked."""

    breaks = ("sharedmemory.track.off",)

    class SharedMemory(Memory):
        def unlink(self):
            super().unlink()
            resource_tracker.register(self._name, "shared_memory")

    shared_memory = memory(SharedMemory)


class untracked_is_not_unlinked(Mutant):
    """Does nothing in unlink() of an instance that is not tracked."""

    breaks = ("sharedmemory.track.off-unlinks",)

    class SharedMemory(Memory):
        def unlink(self):
            if getattr(self, "_track", True):
                super().unlink()

    shared_memory = memory(SharedMemory)


class server_goes_on(Mutant):
    """Releases the blocks at shutdown(), and leaves the process."""

    breaks = ("sharedmemory.manager.process",)

    class SharedMemoryManager(Manager):
        def start(self, *args):
            super().start(*args)
            self.shutdown = self.release

        def release(self):
            with self._Client(self._address, authkey=self._authkey) as conn:
                names = managers.dispatch(conn, None, "list_segments")
            for name in names:
                with self._Client(self._address, authkey=self._authkey) as conn:
                    managers.dispatch(conn, None, "release_segment", (name,))

    managers = manager(SharedMemoryManager)


class blocks_not_managed(Mutant):
    """Creates blocks about which its server learns nothing."""

    breaks = ("sharedmemory.manager.shutdown", "sharedmemory.manager.with", "sharedmemory.manager.connect")

    class SharedMemoryManager(Manager):
        def SharedMemory(self, size):
            return Memory(create=True, size=size)

    managers = manager(SharedMemoryManager)


class released_only_without_error(Mutant):
    """Leaves a with block without shutdown if an exception ends it."""

    breaks = ("sharedmemory.manager.with",)

    class SharedMemoryManager(Manager):
        def __exit__(self, kind, error, trace):
            if error is None:
                super().__exit__(kind, error, trace)

    managers = manager(SharedMemoryManager)


class blocks_of_one_size(Mutant):
    """Creates blocks of one size only."""

    breaks = ("sharedmemory.manager.shared-memory",)

    class SharedMemoryManager(Manager):
        def SharedMemory(self, size):
            return super().SharedMemory(128)

    managers = manager(SharedMemoryManager)


class lists_of_three(Mutant):
    """Puts no more than three values into a list."""

    breaks = ("sharedmemory.manager.shareable-list",)

    class SharedMemoryManager(Manager):
        def ShareableList(self, sequence):
            return super().ShareableList(list(itertools.islice(sequence, 3)))

    managers = manager(SharedMemoryManager)


class only_its_starter_is_managed(Mutant):
    """Does not tell the server about blocks of a manager that has only connected."""

    breaks = ("sharedmemory.manager.connect",)

    class SharedMemoryManager(Manager):
        connected = False

        def connect(self):
            super().connect()
            self.connected = True

        def SharedMemory(self, size):
            return Memory(create=True, size=size) if self.connected else super().SharedMemory(size)

    managers = manager(SharedMemoryManager)
