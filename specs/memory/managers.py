"""Shared memory: managers that end the blocks they made."""

from contextlib import contextmanager

from conformance import arg, child, kill, module, ticks
from specs.memory.shared_memory import attached, created, exists, quietly, spec

MANAGER = "multiprocessing.managers.SharedMemoryManager"


@contextmanager
def managed(mp, **options):
    """A started manager and its process, which does not survive the scenario."""
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
    """The names of two blocks of a manager, to which this process keeps no access."""
    shm, values = manager.SharedMemory(16), manager.ShareableList(range(3))
    shm.close()
    values.shm.close()
    return shm.name, values.shm.name


@spec.scenario("manager.process", doc=MANAGER)
def a_manager_has_a_process(mp):
    """The manager is a BaseManager: start() starts one new process for it, and shutdown() ends that."""
    managers = module(mp, "managers")
    assert issubclass(managers.SharedMemoryManager, managers.BaseManager)
    with managed(mp) as (manager, server):
        assert server.is_alive()
        manager.shutdown()
        server.join()
        assert server.is_alive() is False


@spec.scenario("manager.shutdown", doc=MANAGER)
def shutdown_releases(mp):
    """shutdown() releases all blocks that were created through the manager, and no other ones."""
    with created(mp) as other, managed(mp) as (manager, _):
        names = names_of_two(manager) + names_of_two(manager)
        assert [exists(mp, name) for name in names] == [True] * 4
        manager.shutdown()
        assert [exists(mp, name) for name in names] == [False] * 4
        assert exists(mp, other.name) is True


@spec.scenario("manager.with", doc=MANAGER, failing=arg.one_of(False, True))
def with_releases(mp, failing):
    """A with statement starts the manager, and at its end all blocks are released, however it ends."""
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
    """SharedMemory(size) creates a new block of at least that size, and returns an instance for it."""
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
    """ShareableList(sequence) creates a list with the values of the sequence, in a new block, and returns it."""
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
    """What another process creates, connected to the manager by address and authkey, lives until shutdown(), too."""
    receiver, sender = mp.Pipe(False)
    with receiver, sender, managed(mp, authkey=b"key") as (manager, _):
        with child(mp, create_through, mp, manager.address, b"key", sender) as p:
            sender.close()
            names = receiver.recv()
        assert p.exitcode == 0
        assert [exists(mp, name) for name in names] == [True, True]
        manager.shutdown()
        assert [exists(mp, name) for name in names] == [False, False]
