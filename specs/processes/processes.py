"""Processes: how they are created and started, what runs in them, and what their creator can learn about them.

This covers the constructor, run, start, join, is_alive, name and pid. ``exit_codes`` says how processes end by
themselves, ``lifetimes`` how others end them, and ``families`` what they inherit from their creator, and what its end
does to them.
"""

import os
import re
import sys
from contextlib import contextmanager
from time import monotonic

from conformance import Spec, arg, child, kill, module, program, raises

PROCESS = "multiprocessing.Process"
RUN, START, JOIN, IS_ALIVE = PROCESS + ".run", PROCESS + ".start", PROCESS + ".join", PROCESS + ".is_alive"
NAME, PID = PROCESS + ".name", PROCESS + ".pid"
GUIDELINES = "library/multiprocessing#all-start-methods"
SLACK = 0.001  # seconds: the tolerance for clocks at a deadline

spec = Spec("process", documents=PROCESS, smoke="each")


@contextmanager
def started(process):
    """Like ``child()``, for a process that has already been created."""
    process.start()
    try:
        yield process
    except BaseException:
        kill(process.pid)
        process.join()
        raise
    process.join()


def nothing():
    """A target that does nothing."""


def wait_for_word(conn):
    return conn.recv()


@contextmanager
def waiting(mp, **options):
    """A process that waits for the message ``"go"``, which it gets when the block is left, if not before."""
    receiver, sender = mp.Pipe(False)
    said = []

    def go():
        if not said:
            said.append(sender.send("go"))

    with receiver, sender, started(mp.Process(target=wait_for_word, args=(receiver,), **options)) as p:
        yield p, go
        go()


def report(conn, *args, **kwargs):
    conn.send((os.getpid(), args, kwargs))


def heard(receiver):
    """All messages up to the end of the pipe."""
    messages = []
    try:
        while True:
            messages.append(receiver.recv())
    except EOFError:
        return messages


@spec.scenario("run.calls", doc=RUN, listed=arg.one_of(False, True))
def run_calls(mp, listed):
    """Process.run() calls the target with positional arguments from args, a tuple or a list, and keyword arguments from
    kwargs.
    """
    calls = []

    def target(*args, **kwargs):
        calls.append((args, kwargs))

    args = (1, "two", (3,))
    mp.Process(target=target, args=list(args) if listed else args, kwargs={"four": 4, "five": [5]}).run()
    assert calls == [(args, {"four": 4, "five": [5]})]


@spec.scenario("run.without-arguments", doc=PROCESS)
def run_without_arguments(mp):
    """Process.run() calls the target without arguments if args and kwargs are not given."""
    calls = []
    mp.Process(target=lambda *args, **kwargs: calls.append((args, kwargs))).run()
    assert calls == [((), {})]


@spec.scenario("run.without-target", doc=RUN)
def run_without_target(mp):
    """Process.run() does nothing if target is None or not given."""
    for p in mp.Process(), mp.Process(target=None, args=(1, 2), kwargs={"three": 3}):
        p.run()


OVERRIDDEN = """
import os, sys

class Teller(mp.Process):
    def run(self):
        print(self.name, os.getpid())
        return 5  # which is nobody's business

if __name__ == "__main__":
    mp.set_start_method(sys.argv[1])
    teller = Teller(name="teller")
    teller.start()
    teller.join()
    print("main", os.getpid(), teller.pid, teller.exitcode)
"""


@spec.scenario("run.overridden", doc=RUN)
def run_is_overridden(mp):
    """A subclass of Process may override run(), and start() then calls the overriding method in the new process."""
    ended = program(OVERRIDDEN, mp.get_start_method())
    told, main = (line.split() for line in ended.output.splitlines())
    assert (told[0], main[0], main[3], ended.status) == ("teller", "main", "0", 0)
    assert told[1] == main[2]
    assert told[1] != main[1]


CONSTRUCTOR = """
import sys

class Sum(mp.Process):
    def __init__(self, first, second):
        super().__init__()
        self.first, self.second = first, second

    def run(self):
        sys.exit(self.first + self.second)

if __name__ == "__main__":
    mp.set_start_method(sys.argv[1])
    process = Sum(30, second=12)
    process.start()
    process.join()
    print(process.exitcode)
"""


@spec.scenario("subclass", doc=PROCESS)
def subclass_with_a_constructor(mp):
    """The constructor of a Process subclass may set attributes after it has called Process.__init__(), and run() finds
    them in the new process.
    """
    ended = program(CONSTRUCTOR, mp.get_start_method())
    assert (ended.status, ended.output) == (0, "42\n")


@spec.scenario("keywords", doc=PROCESS)
def every_argument_has_a_keyword(mp):
    """Process() accepts group=None, target, name, args, kwargs and daemon as keyword arguments."""
    calls = []
    p = mp.Process(group=None, target=calls.append, name="by keyword", args=("called",), kwargs={}, daemon=True)
    p.run()
    assert (calls, p.name, p.daemon) == (["called"], "by keyword", True)


@spec.scenario("keywords.only", doc=PROCESS)
def no_other_arguments(mp):
    """Process() raises TypeError if daemon is passed as a positional argument or if a keyword argument is unknown."""
    for arguments, named in ((None, nothing, None, (), {}, True), {}), ((), {"target": nothing, "demon": True}):
        with raises(TypeError):
            mp.Process(*arguments, **named)


@spec.scenario("arguments", doc=PROCESS, args=arg.lists(0, 3))
def arguments_are_passed(mp, args):
    """The target of a process receives args and kwargs in the new process."""
    receiver, sender = mp.Pipe(False)
    with receiver, sender, started(mp.Process(target=report, args=(sender, *args), kwargs={"key": [1, 2]})):
        _, *got = receiver.recv()
    assert got == [tuple(args), {"key": [1, 2]}]


@spec.scenario("start.separate", doc=START)
def start_runs_elsewhere(mp):
    """Process.start() runs the target exactly once, in a process other than the calling process."""
    receiver, sender = mp.Pipe(False)
    with receiver:
        with sender, child(mp, report, sender):
            pass
        ((pid, _, _),) = heard(receiver)
    assert (pid == os.getpid()) is False


@spec.scenario("start.once", doc=START)
def start_works_once(mp):
    """Calling Process.start() again raises an exception, even after the process has ended, and does not run the target
    again.
    """
    receiver, sender = mp.Pipe(False)
    with receiver:
        with sender, child(mp, report, sender) as p:
            pid = p.pid
            with raises(Exception):
                p.start()
            p.join()
            with raises(Exception):
                p.start()
        assert len(heard(receiver)) == 1
    assert (p.pid, p.exitcode) == (pid, 0)


EXAMPLE = """
import os, sys

sys.stdout = open(1, "w", closefd=False)  # with a buffer, whatever PYTHONUNBUFFERED says

def info(title):
    print(title, os.getpid())

def f(name):
    info("function f")
    print("hello", name)

if __name__ == "__main__":
    mp.set_start_method(sys.argv[1])
    info("main line")
    p = mp.Process(target=f, args=("bob",))
    p.start()
    p.join()
    print("joined", p.pid)
"""


@spec.scenario("start.output", doc="library/multiprocessing#the-process-class")
def output_is_written(mp):
    """Output of a child process is written exactly once, before join() returns and after output that its parent printed
    before start().
    """
    words = [line.split() for line in program(EXAMPLE, mp.get_start_method()).output.splitlines()]
    assert [line[:2] for line in words] == [["main", "line"], ["function", "f"], ["hello", "bob"], words[-1][:2]]
    assert words[-1] == ["joined", words[1][2]]


STDIN = """
import os, sys

def read():
    print(repr(sys.stdin.read()))

if __name__ == "__main__":
    mp.set_start_method(sys.argv[1])
    reader, writer = os.pipe()
    os.write(writer, b"for the main process")
    os.dup2(reader, 0)
    sys.stdin = open(0, closefd=False)
    p = mp.Process(target=read)
    p.start()
    p.join()
    print(os.read(0, 100).decode())
"""


@spec.scenario("start.stdin", doc=GUIDELINES)
def stdin_is_not_shared(mp):
    """The standard input of a child process is empty, and the child consumes none of its parent's standard input."""
    assert program(STDIN, mp.get_start_method()).output == "''\nfor the main process\n"


def wait_for_end(mp, p):
    """Waits until the process has ended, without joining it."""
    try:
        os.waitid(os.P_PID, p.pid, os.WEXITED | os.WNOWAIT)
    except ChildProcessError:  # it was started by a fork server, and the sentinel shows its end
        module(mp, "connection").wait([p.sentinel])


def is_zombie(pid):
    """Whether the process has ended and has not been reaped."""
    try:
        return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT | os.WNOHANG) is not None
    except ChildProcessError:
        return False


@spec.scenario("start.joins", doc=GUIDELINES)
def start_joins_the_completed(mp):
    """Process.start() joins every child process that has ended without being joined."""
    if not hasattr(os, "waitid"):
        return
    with child(mp, nothing) as p:
        wait_for_end(mp, p)
        with child(mp, nothing):
            assert is_zombie(p.pid) is False
    assert p.exitcode == 0


@spec.scenario("is_alive.joins", doc=GUIDELINES)
def is_alive_joins(mp):
    """Process.is_alive() joins a process that has ended, and returns False."""
    if not hasattr(os, "waitid"):
        return
    with child(mp, nothing) as p:
        wait_for_end(mp, p)
        assert p.is_alive() is False
        assert is_zombie(p.pid) is False


@spec.scenario("is_alive.running", doc=IS_ALIVE)
def alive_while_it_runs(mp):
    """Process.is_alive() returns True from the return of start() until the process ends, and False before and
    afterwards.
    """
    assert mp.Process(target=nothing).is_alive() is False
    with waiting(mp) as (p, go):
        assert (p.is_alive(), p.is_alive()) == (True, True)
        go()
        p.join()
        assert (p.is_alive(), p.is_alive()) == (False, False)


@spec.scenario("join.waits", doc=JOIN, explicit=arg.one_of(False, True))
def join_waits(mp, explicit):
    """Process.join() without a timeout, or with None, waits until the process has ended, and returns None."""
    with waiting(mp) as (p, go):
        go()
        assert (p.join(None) if explicit else p.join()) is None
        assert (p.exitcode, p.is_alive()) == (0, False)


@spec.scenario("join.expires", doc=JOIN, timeout=arg.one_of(arg.SHORT, 0.03), named=arg.one_of(False, True))
def join_expires(mp, timeout, named):
    """Process.join() returns None once timeout seconds have elapsed, and no earlier, if the process is still running,
    and exitcode is then None.
    """
    with waiting(mp) as (p, _):
        start = monotonic()
        assert (p.join(timeout=timeout) if named else p.join(timeout)) is None
        assert monotonic() - start >= timeout - SLACK
        assert p.exitcode is None


@spec.scenario("join.in-time", doc=JOIN)
def join_before_the_timeout(mp):
    """Process.join(timeout) returns None as soon as the process has ended, and exitcode then reports its exit code."""
    with waiting(mp) as (p, go):
        go()
        assert p.join(arg.LONG) is None
        assert p.exitcode == 0


@spec.scenario("join.month", doc=JOIN)
def a_month_to_join(mp):
    """Process.join() accepts a timeout of a month."""
    with child(mp, int) as process:
        process.join(arg.MONTH)
        assert process.exitcode == 0


@spec.scenario("join.again", doc=JOIN)
def join_many_times(mp):
    """Process.join() can be called many times, with and without a timeout, and exitcode does not change."""
    with child(mp, sys.exit, 3) as p:
        assert [p.join(), p.join(), p.join(arg.SHORT), p.join(arg.LONG), p.join()] == [None] * 5
        assert (p.exitcode, p.exitcode) == (3, 3)


@spec.scenario("join.early", doc=JOIN, timeout=arg.one_of(None, arg.SHORT))
def join_before_start(mp, timeout):
    """Process.join() raises an exception if the process has not been started."""
    p = mp.Process(target=nothing)
    with raises(Exception):
        p.join(timeout)
    with started(p):
        pass
    assert p.exitcode == 0


def join_itself(mp, conn):
    try:
        mp.current_process().join()
    except Exception:
        conn.send("refused")


@spec.scenario("join.itself", doc=JOIN)
def no_process_joins_itself(mp):
    """Process.join() raises an exception if a process, the main process or a child, tries to join itself."""
    with raises(Exception):
        mp.current_process().join()
    receiver, sender = mp.Pipe(False)
    with receiver:
        with sender, child(mp, join_itself, mp, sender):
            pass
        assert heard(receiver) == ["refused"]


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
