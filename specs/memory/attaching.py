"""Shareable lists in several processes: the names of lists, and the blocks in which their values are."""

import pickle

from conformance import arg, child, module, raises
from specs.memory.lists import LIST, VALUES, listed, opened, shown, spec
from specs.memory.shared_memory import quietly, reserved


@spec.scenario("name.given")
def a_list_under_a_name(mp):
    """ShareableList(sequence, name=name) creates the list in a new block with that name, or with a novel name if name
    is None, which is the default.
    """
    with reserved(mp) as name, opened(mp, [1, 2], name=name) as shared:
        assert shared.shm.name == name
        with opened(mp, (3, 4)) as second, opened(mp, sequence=[5], name=None) as third:
            try:
                assert len({name, second.shm.name, third.shm.name}) == 3
                assert [list(each) for each in (shared, second, third)] == [[1, 2], [3, 4], [5]]
            finally:
                quietly(second.shm.unlink, third.shm.unlink)


@spec.scenario("name.taken")
def names_are_unique(mp):
    """ShareableList(sequence, name=name) raises FileExistsError if the name is in use, and leaves the existing list
    unchanged.
    """
    with listed(mp, ["here", 1]) as shared:
        for sequence in [2, 3, 4], []:
            with raises(FileExistsError):
                module(mp, "shared_memory").ShareableList(sequence, name=shared.shm.name)
        assert list(shared) == ["here", 1]


@spec.scenario("name.attaches", explicit=arg.one_of(False, True))
def attached_by_name(mp, explicit):
    """ShareableList(name=name) attaches to the existing list with that name if sequence is omitted or None."""
    with listed(mp, VALUES) as shared, opened(mp, *[None] if explicit else [], name=shared.shm.name) as again:
        assert (len(again), again.shm.name, again.format) == (len(VALUES), shared.shm.name, shared.format)
        assert shown(again) == shown(VALUES)


@spec.scenario("name.missing")
def nothing_to_attach_to(mp):
    """ShareableList(name=name) raises FileNotFoundError and creates nothing if there is no list with that name."""
    with reserved(mp) as name:
        for _ in range(2):
            with raises(FileNotFoundError):
                module(mp, "shared_memory").ShareableList(name=name)


@spec.scenario("attached.shares")
def instances_share_the_values(mp):
    """A value set through one instance of a ShareableList is visible through all instances, even if its type or
    length changes.
    """
    with listed(mp, ["first", 2, b"third", None]) as one, opened(mp, name=one.shm.name) as other:
        expected = ["first", 2, b"third", None]
        for writer, position, value in (one, 0, 1.5), (other, -1, "four"), (other, 0, "1st"), (one, 2, False):
            writer[position] = expected[position] = value
            assert (shown(one), shown(other)) == (shown(expected), shown(expected))
            assert one.format == other.format


def double(mp, name):
    with opened(mp, name=name) as shared:
        for position, value in enumerate(shared):
            shared[position] = value * 2


@spec.scenario("attached.processes")
def processes_share_the_values(mp):
    """A process that attaches to a ShareableList by name reads its values, and other processes read what that process
    sets.
    """
    with listed(mp, [1, 2.5, "to", b"\x01", 21]) as shared:
        with child(mp, double, mp, shared.shm.name) as p:
            pass
        assert (p.exitcode, list(shared)) == (0, [2, 5.0, "toto", b"\x01\x01", 42])


def replace_all(shared, value):
    for position in range(len(shared)):
        shared[position] = value
    shared.shm.close()


@spec.scenario("pickle.argument")
def passed_to_a_process(mp):
    """A ShareableList passed as an argument to a new process refers to the same ShareableList in that process."""
    with listed(mp, list(range(5))) as shared:
        with child(mp, replace_all, shared, "set") as p:
            pass
        assert (p.exitcode, list(shared)) == (0, ["set"] * 5)


@spec.scenario("pickle.same-list", protocol=arg.one_of(2, 5))
def pickled(mp, protocol):
    """A pickled ShareableList is unpickled as an instance of the same type, attached to the same list."""
    with listed(mp, list(range(10))) as shared:
        again = pickle.loads(pickle.dumps(shared, protocol))
        try:
            assert (type(again), again.shm.name) == (type(shared), shared.shm.name)
            assert list(again) == list(range(10))
            shared[0], again[1] = -1, "two"
            assert (list(shared)[:3], list(again)[:3]) == ([-1, "two", 2], [-1, "two", 2])
        finally:
            quietly(again.shm.close)


@spec.scenario("shm.holds-values", doc=LIST + ".shm")
def values_are_in_the_block(mp):
    """The attribute shm is the SharedMemory that stores the values of the list: its bytes determine them."""
    with listed(mp, ["howdy", 5, None]) as shared:
        assert isinstance(shared.shm, module(mp, "shared_memory").SharedMemory)
        before = bytes(shared.shm.buf)
        shared[0], shared[1] = "there", 6
        shared.shm.buf[:] = before
        assert list(shared) == ["howdy", 5, None]


@spec.scenario("shm.unlinks", doc=LIST + ".shm")
def lists_end_with_their_block(mp):
    """Attaching to a ShareableList raises FileNotFoundError once its block has been unlinked through the attribute
    shm.
    """
    with listed(mp, [1, 2]) as shared:
        shared.shm.close()
        shared.shm.unlink()
        with raises(FileNotFoundError):
            module(mp, "shared_memory").ShareableList(name=shared.shm.name)
