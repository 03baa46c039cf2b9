"""Names of processes: their names, their process IDs, and what repr() shows of them."""

import os
import re

from conformance import arg, child
from specs.processes.processes import PROCESS, nothing, spec, started, wait_for_word

NAME, PID = PROCESS + ".name", PROCESS + ".pid"


@spec.scenario("name.given", doc=NAME)
def name_is_given(mp):
    """Process.name is the name passed to the constructor, or set afterwards, and several processes may have the
    same name.
    """
    first, second = mp.Process(name="a name"), mp.Process(name="another")
    assert (first.name, second.name) == ("a name", "another")
    second.name = "a name"
    assert (first.name, second.name) == ("a name", "a name")


def tell_names(mp, conn):
    conn.send((mp.current_process().name, mp.Process().name))


@spec.scenario("name.inside", doc=NAME, late=arg.one_of(False, True))
def name_inside(mp, late):
    """Process.name in the new process is the name that was set when start() was called."""
    receiver, sender = mp.Pipe(False)
    p = mp.Process(target=tell_names, args=(mp, sender), name="early" if late else "a name")
    p.name = "a name"
    with receiver, sender, started(p):
        assert receiver.recv()[0] == "a name"


@spec.scenario("name.default", doc=NAME)
def default_names(mp):
    """The default Process.name ends in the numbers of the process and its ancestors, as in Process-2:1 for the first
    child of the second child of the main process.
    """
    receiver, sender = mp.Pipe(False)
    with receiver, sender, child(mp, tell_names, mp, sender) as first:
        numbers = re.fullmatch(r"\w*Process-(\d+)", first.name)
        assert numbers, "the name is %r" % first.name
        inside, below = receiver.recv()
    assert inside == first.name
    assert below.partition("-")[2] == numbers.group(1) + ":1"
    second = mp.Process(target=nothing)
    assert second.name.partition("-")[2] == str(int(numbers.group(1)) + 1)


@spec.scenario("pid.early", doc=PID)
def pid_before_start(mp):
    """Process.pid is None before the process is started."""
    assert mp.Process(target=nothing).pid is None


def tell_pids(mp, conn):
    conn.send((os.getpid(), mp.current_process().pid))


@spec.scenario("pid.started", doc=PID)
def pid_of_a_process(mp):
    """Process.pid is the process ID of a started process, both for its creator and in the process itself."""
    receiver, sender = mp.Pipe(False)
    with receiver, sender, child(mp, tell_pids, mp, sender) as p:
        pids = receiver.recv()
        assert (p.pid, p.pid) == pids
    assert (p.pid, p.pid) == pids
    assert mp.current_process().pid == os.getpid()


@spec.scenario("repr", doc=PROCESS)
def states_are_shown(mp):
    """repr() shows a process as initial, then as started, and finally as stopped with its exit code, where a signal
    appears by name, as in -SIGTERM.
    """
    receiver, sender = mp.Pipe(False)
    p = mp.Process(target=wait_for_word, args=(receiver,))
    assert re.fullmatch(r"<.*Process .*initial>", repr(p)), repr(p)
    with receiver, sender, started(p):
        assert re.fullmatch(r"<.*Process .*started>", repr(p)), repr(p)
        p.terminate()
        p.join()
        assert re.fullmatch(r"<.*Process .*stopped exitcode=-SIGTERM>", repr(p)), repr(p)
