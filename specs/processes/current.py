"""How the processes of a program see each other, and how many CPUs there are."""

import os
import time

from conformance import child, kill, raises, unproven
from specs.processes.contexts import context, printed

ACTIVE, CURRENT, PARENT = ("multiprocessing." + n for n in ("active_children", "current_process", "parent_process"))
CPU_COUNT = "multiprocessing.cpu_count"


def tell_children(mp, conn, gate):
    conn.send(len(mp.active_children()))
    gate.acquire()


def wait_for(gate):
    gate.acquire()


@context.scenario("active_children.living", doc=ACTIVE)
def living_children(mp):
    """active_children() returns a list of the Process objects of the caller's child processes that have started and
    have not ended, and of no others.
    """
    receiver, sender = mp.Pipe(False)
    gate, other = mp.Semaphore(0), mp.Semaphore(0)
    mp.Process(target=wait_for, args=(gate,))  # never started
    assert mp.active_children() == []
    with receiver, sender, child(mp, wait_for, gate) as first:
        with child(mp, tell_children, mp, sender, other) as second:
            assert receiver.recv() == 0  # in a child that has a sibling but no children
            found = mp.active_children()
            assert type(found) is list
            assert sorted(map(id, found)) == sorted(map(id, (first, second)))
            other.release()
        found = mp.active_children()
        gate.release()
        assert list(map(id, found)) == [id(first)]
    assert mp.active_children() == []


@context.scenario("current_process.main", doc=CURRENT)
def the_main_process(mp):
    """current_process() returns the same object on every call in the main process, and its pid is os.getpid()."""
    current = mp.current_process()
    assert current is mp.current_process()
    assert current.pid == os.getpid()


def tell_current(mp, conn):
    current = mp.current_process()
    conn.send((os.getpid(), current.pid, current.name, current.daemon, current is mp.current_process()))


@context.scenario("current_process.child", doc=CURRENT)
def the_process_of_a_child(mp):
    """current_process() returns the same object on every call in a child process, with the pid, name and daemon that
    the parent sees.
    """
    receiver, sender = mp.Pipe(False)
    with receiver, child(mp, tell_current, mp, sender) as process:
        sender.close()
        assert receiver.recv() == (process.pid, process.pid, process.name, process.daemon, True)


@context.scenario("parent_process.main", doc=PARENT)
def no_parent(mp):
    """parent_process() returns None in the main process."""
    assert mp.parent_process() is None


def tell_process_of_parent(mp, conn):
    parent = mp.parent_process()
    conn.send(parent and (parent.pid, parent.name, parent.is_alive()))


@context.scenario("parent_process.child", doc=PARENT)
def the_parent(mp):
    """parent_process() in a child process returns an object with the pid and name of the process that called start(),
    and is_alive() of the object returns True.
    """
    receiver, sender = mp.Pipe(False)
    with receiver, child(mp, tell_process_of_parent, mp, sender):
        sender.close()
        assert receiver.recv() == (os.getpid(), mp.current_process().name, True)


def have_a_child(mp, conn, gate):
    with child(mp, watch_parent, mp, conn, os.getpid()):
        gate.acquire()


def watch_parent(mp, conn, expected):
    parent, start = mp.parent_process(), time.monotonic()
    parent.join(0.02)
    waited = time.monotonic() - start
    conn.send((parent.pid == expected, parent.is_alive(), waited >= 0.019))
    parent.join()
    conn.send(parent.is_alive())


@context.scenario("parent_process.ended", doc=PARENT)
def the_end_of_the_parent(mp):
    """The object returned by parent_process() can be joined, with or without a timeout, and its is_alive() returns
    False once the parent has ended.
    """
    receiver, sender = mp.Pipe(False)
    gate = mp.Semaphore(0)
    with receiver, child(mp, have_a_child, mp, sender, gate) as process:
        sender.close()
        assert receiver.recv() == (True, True, True)
        kill(process.pid)
        assert receiver.recv() is False
        with raises(EOFError):  # when the grandchild has ended
            receiver.recv()


@context.scenario("cpu_count.system", doc=CPU_COUNT)
def cpus_of_the_system(mp):
    """cpu_count() returns the same number as os.cpu_count()."""
    assert mp.cpu_count() == os.cpu_count()


@context.scenario("cpu_count.affinity", doc=CPU_COUNT)
def cpus_of_others(mp):
    """cpu_count() includes CPUs that the current process may not use."""
    source = "import os\nos.sched_setaffinity(0, {min(os.sched_getaffinity(0))})\nprint(mp.cpu_count())"
    if not hasattr(os, "sched_setaffinity") or os.cpu_count() == 1:
        unproven("there is no CPU that could be taken from this process")
    assert printed(source) == printed("print(mp.cpu_count())")


@context.scenario("cpu_count.unknown", doc=CPU_COUNT)
def unknown_cpus(mp):
    """cpu_count() raises NotImplementedError if the number of CPUs cannot be determined."""
    count = os.cpu_count
    os.cpu_count = lambda: None
    try:
        with raises(NotImplementedError):
            mp.cpu_count()
    finally:
        os.cpu_count = count


@context.scenario("cpu_count.overridden", doc=CPU_COUNT, since=(3, 13))
def another_number(mp):
    """The environment variable PYTHON_CPU_COUNT overrides the number that cpu_count() returns."""
    before = os.environ.get("PYTHON_CPU_COUNT")
    os.environ["PYTHON_CPU_COUNT"] = "321"
    try:
        assert printed("print(mp.cpu_count())") == ["321"]
    finally:
        os.environ.pop("PYTHON_CPU_COUNT")
        os.environ.update({"PYTHON_CPU_COUNT": before} if before else {})
