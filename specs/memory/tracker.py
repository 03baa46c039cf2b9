"""Shared memory: which blocks the resource tracker knows, and which it cleans up."""

import os
import tempfile

from conformance import arg, program
from specs.memory.shared_memory import UNLINK, attached, created, exists, reserved, spec

TRACKED = """
import importlib, os, signal, sys

shared_memory = getattr(mp, "shared_memory", None) or importlib.import_module(PACKAGE + ".shared_memory")
untracked = {"track": False}

def create(name):
    shared_memory.SharedMemory(name, create=True, size=16).close()

def create_and_leave():
    create(name)
    other = shared_memory.SharedMemory(create=True, size=16)
    other.close()
    other.unlink()  # which says nothing about the first one

def list_and_leave():
    shared_memory.ShareableList(range(3), name=name)

def create_and_die():
    shared_memory.SharedMemory(name, create=True, size=16)
    os.kill(os.getpid(), signal.SIGKILL)

def create_untracked():
    shared_memory.SharedMemory(name, create=True, size=16, **untracked).close()

def attach():
    shared_memory.SharedMemory(name).close()

def attach_untracked():
    shared_memory.SharedMemory(name, **untracked).close()

def create_again():
    shm = shared_memory.SharedMemory(name, create=True, size=16)
    shm.close()
    shm.unlink()
    create_untracked()

def create_aside(name, fifo):
    os.dup2(os.open(fifo, os.O_WRONLY), 2)
    create(name)

def create_below():
    os.mkfifo(fifo + "-below")
    reader = os.open(fifo + "-below", os.O_RDONLY | os.O_NONBLOCK)
    process = mp.get_context(method).Process(target=create_aside, args=(name, fifo + "-below"))
    process.start()
    process.join()
    os.set_blocking(reader, True)
    while os.read(reader, 4096):
        pass  # until the end of a tracker of the child's own, if it has one
    try:
        shm = shared_memory.SharedMemory(name)
    except FileNotFoundError:
        print("gone", process.exitcode)
    else:
        print("there", process.exitcode)
        shm.close()
        shm.unlink()

if __name__ == "__main__":
    name, step, fifo, method = sys.argv[1:]
    os.dup2(os.open(fifo, os.O_WRONLY), 2)
    globals()[step]()
"""


def run_to_the_end(mp, step, name):
    """Runs a separate program, and waits until all of its processes have ended.

    A tracker outlives its program. It shares the standard error of the program, so reading that to
    the end waits for both.
    """
    with tempfile.TemporaryDirectory() as directory:
        fifo = os.path.join(directory, "errors")
        os.mkfifo(fifo)
        reader = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
        try:
            ended = program(TRACKED, name, step, fifo, mp.get_start_method())
            os.set_blocking(reader, True)
            while os.read(reader, 4096):
                pass
        finally:
            os.close(reader)
    return ended


@spec.scenario(
    "track.cleans-up",
    doc="library/multiprocessing#contexts-and-start-methods",
    step=arg.one_of("create_and_leave", "create_and_die", "list_and_leave"),
)
def the_tracker_cleans_up(mp, step):
    """The resource tracker deletes blocks that are left behind, once all processes of their program have ended."""
    with reserved(mp) as name:
        ended = run_to_the_end(mp, step, name)
        assert ended.status == (-9 if step == "create_and_die" else 0)
        assert exists(mp, name) is False


@spec.scenario("track.shared", since=(3, 13))
def processes_share_a_tracker(mp):
    """All processes of a program share one resource tracker: the block of a child remains when the child ends, even
    if it is the first one.
    """
    with reserved(mp, track=False) as name:
        ended = run_to_the_end(mp, "create_below", name)
        assert (ended.status, ended.output) == (0, "there 0\n")


@spec.scenario("track.foreign", since=(3, 13))
def trackers_of_other_programs(mp):
    """The resource tracker deletes a block at the end of a program that attached to it with track true, which is the
    default, even if another program uses it.
    """
    with created(mp, track=False) as shm:
        assert run_to_the_end(mp, "attach", shm.name).status == 0
        assert exists(mp, shm.name, track=False) is False


@spec.scenario("track.off", since=(3, 13), step=arg.one_of("create_untracked", "create_again"))
def nobody_tracks(mp, step):
    """A block created with track false remains when the program ends, even if a tracked block had the same name
    before.
    """
    with reserved(mp, track=False) as name:
        assert run_to_the_end(mp, step, name).status == 0
        assert exists(mp, name, track=False) is True


@spec.scenario("track.off-attached", since=(3, 13))
def attached_without_tracking(mp):
    """A block remains when another program that attached to it with track false ends."""
    with created(mp) as shm:
        shm.buf[0] = 7
        assert run_to_the_end(mp, "attach_untracked", shm.name).status == 0
        with attached(mp, shm.name) as again:
            assert again.buf[0] == 7


@spec.scenario("track.off-unlinks", since=(3, 13), doc=UNLINK)
def unlinked_without_tracking(mp):
    """unlink() deletes a block even if no resource tracker tracks it."""
    with created(mp, track=False) as first, attached(mp, first.name, track=False) as second:
        second.unlink()
        assert exists(mp, first.name, track=False) is False
