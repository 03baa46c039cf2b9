"""Shared memory: blocks of bytes, each with a name of its own, that many processes read and write.

A block is created once, attached to by name wherever it is needed, closed by each instance, and unlinked once. The
resource tracker (``tracker``) or a SharedMemoryManager (``managers``) cleans up after programs that forget to do so.
How instances and blocks end is in ``endings``, and lists on top of blocks are in ``lists``.
"""

import os
import pickle
from contextlib import contextmanager
from secrets import token_hex

from conformance import Spec, arg, child, module, raises

MEMORY = "multiprocessing.shared_memory.SharedMemory"
BUF, NAME, SIZE = MEMORY + ".buf", MEMORY + ".name", MEMORY + ".size"
UNLINK = MEMORY + ".unlink"

spec = Spec("sharedmemory", documents=MEMORY)


def fresh():
    """A name not in use, short enough for every system. The session in it shows a warden whose name it is."""
    return "mpc%x-%s" % (os.getsid(0), token_hex(4))


def quietly(*steps):
    """Cleans up: a step may fail, since the scenario itself may have closed or unlinked the block."""
    for step in steps:
        try:
            step()
        except Exception:
            pass


@contextmanager
def created(mp, size=16, **options):
    """A new block, which does not outlive the scenario."""
    options.setdefault("name", fresh())
    shm = module(mp, "shared_memory").SharedMemory(create=True, size=size, **options)
    try:
        yield shm
    finally:
        quietly(shm.close, shm.unlink)


@contextmanager
def attached(mp, *args, **options):
    """One more instance for a block, which is closed at the end."""
    shm = module(mp, "shared_memory").SharedMemory(*args, **options)
    try:
        yield shm
    finally:
        quietly(shm.close)


def exists(mp, name, **options):
    """Whether a block with this name can be attached to."""
    try:
        with attached(mp, name, **options):
            return True
    except FileNotFoundError:
        return False


@contextmanager
def reserved(mp, **options):
    """A new name; if a block with this name exists at the end, it is deleted."""
    name = fresh()
    try:
        yield name
    finally:
        try:
            shm = module(mp, "shared_memory").SharedMemory(name, **options)
        except Exception:
            pass
        else:
            quietly(shm.close, shm.unlink)


# ------------------------------------------------------------------ blocks and their names


@spec.scenario("create.named", doc=NAME, named=arg.one_of(False, True))
def created_under_a_name(mp, named):
    """SharedMemory(name, create=True) creates a block with that name, and other instances attach to it by the name."""
    with reserved(mp) as name:
        args, options = ((), {"size": 10, "create": True, "name": name}) if named else ((name, True, 10), {})
        with attached(mp, *args, **options) as first, attached(mp, name) as second:
            assert (first.name, second.name) == (name, name)
            first.buf[:5] = b"howdy"
            assert bytes(second.buf[:5]) == b"howdy"


@spec.scenario("create.novel-name")
def created_without_a_name(mp):
    """SharedMemory(create=True) gives the block a novel name if name is omitted or None, and that name attaches to
    this block only.
    """
    kind = module(mp, "shared_memory").SharedMemory
    made = []
    try:
        for index in range(20):
            made.append(kind(create=True, size=4) if index % 2 else kind(None, True, 4))
            made[-1].buf[0] = index
        names = [shm.name for shm in made]
        assert {type(name) for name in names} == {str}
        assert len(set(names)) == len(made)
        for index, name in enumerate(names):
            with attached(mp, name) as again:
                assert again.buf[0] == index
    finally:
        for shm in made:
            quietly(shm.close, shm.unlink)


@spec.scenario("create.taken")
def names_are_unique(mp):
    """SharedMemory(name, create=True) raises FileExistsError if the name is in use, and leaves the existing block
    unchanged.
    """
    with created(mp) as shm:
        shm.buf[:5] = b"howdy"
        with raises(FileExistsError):
            module(mp, "shared_memory").SharedMemory(shm.name, create=True, size=32)
        with attached(mp, shm.name) as again:
            assert (again.size, bytes(again.buf[:5])) == (shm.size, b"howdy")


@spec.scenario("create.no-size", size=arg.one_of(0, -1, None))
def a_block_has_bytes(mp, size):
    """SharedMemory(create=True) raises ValueError and creates no block if size is negative or 0, which is the
    default.
    """
    with reserved(mp) as name:
        with raises(ValueError):
            module(mp, "shared_memory").SharedMemory(name, True, **{} if size is None else {"size": size})
        assert exists(mp, name) is False


@spec.scenario("create.size", doc=SIZE)
def as_large_as_asked(mp):
    """The attribute size equals the length of buf and is at least the requested size, and all requested bytes can be
    used.
    """
    for size in 1, 10, 4095, 4096, 4097, 1_000_001:
        with created(mp, size=size) as shm:
            assert isinstance(shm.size, int)
            assert shm.size == len(shm.buf)
            assert (shm.size >= size) is True
            pattern = bytes(range(1, 251)) * (size // 250 + 1)
            shm.buf[:size] = pattern[:size]
            with attached(mp, shm.name) as again:
                assert (bytes(again.buf[:size]) == pattern[:size]) is True


@spec.scenario("attach.ignores-size", size=arg.one_of(0, 7, 100_000))
def attached_as_it_is(mp, size):
    """SharedMemory(name) attaches to the whole of an existing block, as it is, and ignores size."""
    with created(mp, size=5000) as shm:
        shm.buf[4990:5000] = b"0123456789"
        with attached(mp, shm.name, False, size) as again:
            assert (again.size, len(again.buf)) == (shm.size, shm.size)
            assert bytes(again.buf[4990:5000]) == b"0123456789"


@spec.scenario("attach.missing", explicit=arg.one_of(False, True))
def nothing_to_attach_to(mp, explicit):
    """SharedMemory(name) raises FileNotFoundError and creates no block if create is false and there is no block with
    that name.
    """
    with reserved(mp) as name:
        for _ in range(2):
            with raises(FileNotFoundError):
                module(mp, "shared_memory").SharedMemory(name, size=16, **{"create": False} if explicit else {})


@spec.scenario("name.read-only", doc=NAME)
def the_name_stays(mp):
    """The attribute name is read-only in every instance: setting it raises AttributeError."""
    with created(mp) as shm, attached(mp, shm.name) as again:
        name = shm.name
        for instance in shm, again:
            with raises(AttributeError):
                instance.name = "another"
            assert instance.name == name


@spec.scenario("size.read-only", doc=SIZE)
def the_size_stays(mp):
    """The attribute size is read-only in every instance: setting it raises AttributeError."""
    with created(mp, size=100) as shm, attached(mp, shm.name) as again:
        size = shm.size
        for instance in shm, again:
            with raises(AttributeError):
                instance.size = 50
            assert instance.size == size


# ------------------------------------------------------------------ contents


@spec.scenario("buf.memoryview", doc=BUF)
def the_buffer_is_a_memoryview(mp):
    """The attribute buf is a writable memoryview of bytes, which can be set one at a time or several at once."""
    with created(mp, size=10) as shm, attached(mp, shm.name) as again:
        for buffer in shm.buf, again.buf:
            assert type(buffer) is memoryview
            assert (buffer.readonly, buffer.itemsize, buffer.ndim) == (False, 1, 1)
            buffer[:4] = bytearray([22, 33, 44, 55])
            buffer[4] = 100
            assert buffer[:5].tolist() == [22, 33, 44, 55, 100]


@spec.scenario("buf.shared", doc=BUF)
def instances_share_the_contents(mp):
    """Bytes written through one instance are visible at once through all instances of the block, from the first byte
    to the last.
    """
    size = 10_000
    with created(mp, size=size) as first, attached(mp, first.name) as second, attached(mp, first.name) as third:
        for value, writer in enumerate((first, second, third), 1):
            for place in 0, 4095, 4096, size - 1:
                writer.buf[place] = value
                assert [shm.buf[place] for shm in (first, second, third)] == [value] * 3


def answer(mp, name):
    with attached(mp, name) as shm:
        shm.buf[8:16] = bytes(shm.buf[:8])[::-1]


@spec.scenario("buf.processes", doc="multiprocessing.shared_memory")
def processes_share_the_contents(mp):
    """A process that attaches to a block by name reads what other processes have written, and they read what it
    writes.
    """
    with created(mp) as shm:
        shm.buf[:8] = b"question"
        with child(mp, answer, mp, shm.name) as p:
            pass
        assert (p.exitcode, bytes(shm.buf[:16])) == (0, b"questionnoitseuq")


@spec.scenario("pickle.same-block", doc="multiprocessing.shared_memory.ShareableList", protocol=arg.one_of(2, 5))
def pickled(mp, protocol):
    """A pickled SharedMemory is unpickled as an instance of the same type, attached to the same block."""
    with created(mp, size=5000) as shm:
        again = pickle.loads(pickle.dumps(shm, protocol))
        try:
            assert type(again) is type(shm)
            assert (again.name, again.size) == (shm.name, shm.size)
            shm.buf[0], again.buf[1] = 1, 2
            assert (bytes(shm.buf[:2]), bytes(again.buf[:2])) == (b"\x01\x02", b"\x01\x02")
        finally:
            quietly(again.close)


def answer_in(shm):
    shm.buf[8:16] = bytes(shm.buf[:8])[::-1]
    shm.close()


@spec.scenario("pickle.argument", doc="multiprocessing.shared_memory")
def passed_to_a_process(mp):
    """A SharedMemory passed as an argument to a new process refers to the same block in that process."""
    with created(mp) as shm:
        shm.buf[:8] = b"question"
        with child(mp, answer_in, shm) as p:
            pass
        assert (p.exitcode, bytes(shm.buf[:16])) == (0, b"questionnoitseuq")
