"""Shared memory: managers that release the blocks created through them."""

from contextlib import contextmanager

from conformance import arg, child, kill, module, ticks
from specs.memory.shared_memory import attached, created, exists, quietly, spec

MANAGER = "multiprocessing.managers.SharedMemoryManager"


@contextmanager
def managed(mp, **options):
    """A started manager and its process, which does not outlive the scenario."""
    manager, before = module(mp, "managers").SharedMemoryManager(ctx=mp, **options), mp.active_children()
    manager.start()
    (server,) = [process for process in mp.active_children() if process not in before]
    ticks(server.pid)
    try:
        yield manager, server
    finally:
        if server.is_alive():
            quietly(manager.shutdown)
            kill(server.pid)
        server.join()


def names_of_two(manager):
    """Returns the names of two new blocks of a manager, to which this process does not stay attached."""
    shm, values = manager.SharedMemory(16), manager.ShareableList(range(3))
    shm.close()
    values.shm.close()
    return shm.name, values.shm.name


@spec.scenario("manager.process", doc=MANAGER)
def a_manager_has_a_process(mp):
    """A SharedMemoryManager is a BaseManager: start() starts one new process for it, and shutdown() ends that
    process.
    """
    managers = module(mp, "managers")
    assert issubclass(managers.SharedMemoryManager, managers.BaseManager)
    with managed(mp) as (manager, server):
        assert server.is_alive()
        manager.shutdown()
        server.join()
        assert server.is_alive() is False


@spec.scenario("manager.shutdown", doc=MANAGER)
def shutdown_releases(mp):
    """SharedMemoryManager.shutdown() releases all blocks created through the manager, and no others."""
    with created(mp) as other, managed(mp) as (manager, _):
        names = names_of_two(manager) + names_of_two(manager)
        assert [exists(mp, name) for name in names] == [True] * 4
        manager.shutdown()
        assert [exists(mp, name) for name in names] == [False] * 4
        assert exists(mp, other.name) is True


@spec.scenario("manager.with", doc=MANAGER, failing=arg.one_of(False, True))
def with_releases(mp, failing):
    """A with statement starts the SharedMemoryManager and releases all of its blocks at the end, even if an exception
    ends the block.
    """
    before, names = mp.active_children(), ()
    try:
        with module(mp, "managers").SharedMemoryManager(ctx=mp) as manager:
            (server,) = [process for process in mp.active_children() if process not in before]
            ticks(server.pid)
            names = names_of_two(manager)
            assert [exists(mp, name) for name in names] == [True, True]
            if failing:
                raise KeyError("inside")
    except KeyError:
        assert failing
    server.join()
    assert [exists(mp, name) for name in names] == [False, False]


@spec.scenario("manager.shared-memory", doc=MANAGER + ".SharedMemory")
def a_manager_makes_blocks(mp):
    """SharedMemoryManager.SharedMemory(size) creates a new block of at least size bytes and returns a SharedMemory
    instance for it.
    """
    with managed(mp) as (manager, _):
        first, second = manager.SharedMemory(size=128), manager.SharedMemory(5000)
        try:
            assert isinstance(first, module(mp, "shared_memory").SharedMemory)
            assert (first.size >= 128, second.size >= 5000, first.name != second.name) == (True, True, True)
            first.buf[:3], second.buf[4997:5000] = b"one", b"two"
            with attached(mp, first.name) as again:
                assert bytes(again.buf[:3]) == b"one"
            with attached(mp, second.name) as again:
                assert bytes(again.buf[4997:5000]) == b"two"
        finally:
            quietly(first.close, second.close)


@spec.scenario("manager.shareable-list", doc=MANAGER + ".ShareableList")
def a_manager_makes_lists(mp):
    """SharedMemoryManager.ShareableList(sequence) creates a ShareableList with the values of the sequence in a new
    block, and returns it.
    """
    kind = module(mp, "shared_memory").ShareableList
    with managed(mp) as (manager, _):
        first, second = manager.ShareableList("alpha"), manager.ShareableList([1, None, 2.5])
        try:
            assert isinstance(first, kind)
            assert (list(first), list(second)) == (list("alpha"), [1, None, 2.5])
            again = kind(name=second.shm.name)
            again[0] = 7
            assert second[0] == 7
            again.shm.close()
        finally:
            quietly(first.shm.close, second.shm.close)


def create_through(mp, address, key, conn):
    manager = module(mp, "managers").SharedMemoryManager(address, key, ctx=mp)
    manager.connect()
    conn.send(names_of_two(manager))


@spec.scenario("manager.connect", doc=MANAGER)
def other_processes_connect(mp):
    """A block created through a SharedMemoryManager by another process, which connects with address and authkey,
    exists until shutdown().
    """
    receiver, sender = mp.Pipe(False)
    with receiver, sender, managed(mp, authkey=b"key") as (manager, _):
        with child(mp, create_through, mp, manager.address, b"key", sender) as p:
            sender.close()
            names = receiver.recv()
        assert p.exitcode == 0
        assert [exists(mp, name) for name in names] == [True, True]
        manager.shutdown()
        assert [exists(mp, name) for name in names] == [False, False]
