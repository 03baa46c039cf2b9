"""Endings: instances of shared memory are closed, and blocks are unlinked, or outlive the processes that used them."""

import os

from conformance import arg, child, kill, module, raises
from specs.memory.shared_memory import MEMORY, UNLINK, attached, created, exists, reserved, spec

CLOSE = MEMORY + ".close"


@spec.scenario("close.ends-access", doc=CLOSE)
def closed_for_this_instance(mp):
    """close() ends access to the contents through the instance, even if other references to its buffer exist."""
    with created(mp) as shm, attached(mp, shm.name) as again:
        for instance in again, shm:
            buffer = instance.buf
            buffer[0] = 1
            assert instance.close() is None
            with raises(Exception):
                instance.buf[0]


def lowest_descriptor():
    """Returns the lowest file descriptor that is free."""
    descriptor = os.open(os.devnull, os.O_RDONLY)
    os.close(descriptor)
    return descriptor


@spec.scenario("close.descriptor", doc=CLOSE)
def closing_frees_the_descriptor(mp):
    """close() closes the file descriptors of the instance, whether the instance created the block or attached to it."""
    with created(mp) as kept:  # the first block may start a tracker, and its connection stays open
        before = lowest_descriptor()
        for _ in range(2):
            with created(mp) as shm, attached(mp, kept.name) as again:
                shm.close()
                again.close()
                assert (lowest_descriptor() <= before) is True


@spec.scenario("close.others", doc=CLOSE)
def closing_leaves_the_block(mp):
    """close() affects neither the block nor other instances, even if called on the instance that created the block."""
    with created(mp) as first, attached(mp, first.name) as second, attached(mp, first.name) as third:
        first.buf[:5] = b"howdy"
        third.close()
        assert bytes(second.buf[:5]) == b"howdy"
        first.close()
        second.buf[:2] = b"HO"
        with attached(mp, first.name) as fourth:
            assert bytes(fourth.buf[:5]) == b"HOwdy"


@spec.scenario("unlink.deletes", doc=UNLINK, creator=arg.one_of(True, False))
def unlinked_by_any_instance(mp, creator):
    """A single call of unlink(), on any instance, deletes the block: attaching to it is no longer possible."""
    with created(mp) as first, attached(mp, first.name) as second:
        assert exists(mp, first.name) is True
        assert (first if creator else second).unlink() is None
        assert exists(mp, first.name) is False


@spec.scenario("unlink.order", doc=UNLINK, closed_first=arg.one_of(True, False))
def unlinked_before_or_after(mp, closed_first):
    """unlink() deletes the block whether it is called before or after close()."""
    with created(mp) as shm:
        for step in (shm.close, shm.unlink) if closed_first else (shm.unlink, shm.close):
            step()
        assert exists(mp, shm.name) is False


@spec.scenario("unlink.frees-the-name", doc=UNLINK)
def the_name_is_free_again(mp):
    """unlink() frees the name of the block: a new block with the same name can be created, and is a different block."""
    with created(mp, size=8) as old:
        old.buf[:3] = b"old"
        old.close()
        old.unlink()
        with created(mp, name=old.name, size=10_000) as new, attached(mp, old.name) as again:
            assert (new.size >= 10_000) is True
            assert (bytes(new.buf[:3]) == b"old") is False
            new.buf[-1] = 7
            assert again.buf[-1] == 7


def delete(mp, name):
    with attached(mp, name) as shm:
        shm.unlink()


@spec.scenario("unlink.elsewhere", doc=UNLINK)
def unlinked_in_another_process(mp):
    """unlink() in any process deletes the block for all processes."""
    with created(mp) as shm:
        with child(mp, delete, mp, shm.name) as p:
            pass
        assert (p.exitcode, exists(mp, shm.name)) == (0, False)


def create_and_end(mp, name):
    shm = module(mp, "shared_memory").SharedMemory(name, create=True, size=8)
    shm.buf[:5] = b"howdy"
    shm.close()


@spec.scenario("life.outlives-creator")
def a_block_outlives_its_creator(mp):
    """A block and its contents remain after the process that created the block has ended, until the block is
    unlinked.
    """
    with created(mp), reserved(mp) as name:  # a tracker is already running; see track.shared for the other case
        with child(mp, create_and_end, mp, name) as p:
            pass
        assert p.exitcode == 0
        with attached(mp, name) as shm:
            assert bytes(shm.buf[:5]) == b"howdy"
            shm.unlink()
        assert exists(mp, name) is False


def attach_and_end(mp, name, conn):
    with attached(mp, name) as shm:
        conn.send(shm.buf[0])
        conn.recv()


@spec.scenario("life.outlives-users", killed=arg.one_of(False, True))
def a_block_outlives_its_users(mp, killed):
    """A block remains when a process that has attached to it ends, even if the process is killed."""
    mine, theirs = mp.Pipe()
    with mine, theirs, created(mp) as shm:
        shm.buf[0] = 7
        with child(mp, attach_and_end, mp, shm.name, theirs) as p:
            assert mine.recv() == 7
            if killed:
                kill(p.pid)
            else:
                mine.send("end")
        assert shm.buf[0] == 7
        assert exists(mp, shm.name) is True
