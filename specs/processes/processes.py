"""Processes: how they are made and started, what runs in them, and what their creator can tell of them.

Here are the constructor, run, start, join, is_alive, name and pid. ``exit_codes`` says how processes end by themselves,
``process_lifetimes`` how others end them, ``process_families`` what they have of their creator, and what its end does.
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
SLACK = 0.001  # seconds: of clocks, around a deadline

spec = Spec("process", documents=PROCESS)


@contextmanager
def started(process):
    """As ``child()`` does, for a process that was made otherwise."""
    process.start()
    try:
        yield process
    except BaseException:
        kill(process.pid)
        process.join()
        raise
    process.join()


def nothing():
    """What a process does that is only to end."""


def wait_for_word(conn):
    return conn.recv()


@contextmanager
def waiting(mp, **options):
    """A process that waits for the message ``"go"``, which it gets at the latest when the block is left."""
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
    """All messages until the end of the pipe."""
    messages = []
    try:
        while True:
            messages.append(receiver.recv())
    except EOFError:
        return messages


@spec.scenario("run.calls", doc=RUN, listed=arg.one_of(False, True))
def run_calls(mp, listed):
    """run() calls the target with args, which are a tuple or a list, and with kwargs."""
    calls = []

    def target(*args, **kwargs):
        calls.append((args, kwargs))

    args = (1, "two", (3,))
    mp.Process(target=target, args=list(args) if listed else args, kwargs={"four": 4, "five": [5]}).run()
    assert calls == [(args, {"four": 4, "five": [5]})]


@spec.scenario("run.without-arguments", doc=PROCESS)
def run_without_arguments(mp):
    """Unless args and kwargs are given, the target is called without arguments."""
    calls = []
    mp.Process(target=lambda *args, **kwargs: calls.append((args, kwargs))).run()
    assert calls == [((), {})]


@spec.scenario("run.without-target", doc=RUN)
def run_without_target(mp):
    """Without a target, and with None for one, run() calls nothing."""
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
    """A subclass may override run(), and then start() invokes that in the new process."""
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
    """A subclass whose constructor invokes that of Process first may set attributes, which run() finds."""
    ended = program(CONSTRUCTOR, mp.get_start_method())
    assert (ended.status, ended.output) == (0, "42\n")


@spec.scenario("keywords", doc=PROCESS)
def every_argument_has_a_keyword(mp):
    """The constructor takes group, which is None, target, name, args, kwargs and daemon as keyword arguments."""
    calls = []
    p = mp.Process(group=None, target=calls.append, name="by keyword", args=("called",), kwargs={}, daemon=True)
    p.run()
    assert (calls, p.name, p.daemon) == (["called"], "by keyword", True)


@spec.scenario("keywords.only", doc=PROCESS)
def no_other_arguments(mp):
    """The constructor takes daemon by its name only, and no argument of any other name."""
    for arguments, named in ((None, nothing, None, (), {}, True), {}), ((), {"target": nothing, "demon": True}):
        with raises(TypeError):
            mp.Process(*arguments, **named)


@spec.scenario("arguments", doc=PROCESS, args=arg.lists(0, 3))
def arguments_are_passed(mp, args):
    """The target gets args and kwargs in the new process, too."""
    receiver, sender = mp.Pipe(False)
    with receiver, sender, started(mp.Process(target=report, args=(sender, *args), kwargs={"key": [1, 2]})):
        _, *got = receiver.recv()
    assert got == [tuple(args), {"key": [1, 2]}]


@spec.scenario("start.separate", doc=START)
def start_runs_elsewhere(mp):
    """start() has the target invoked in a process other than the one that calls it, and nowhere else."""
    receiver, sender = mp.Pipe(False)
    with receiver:
        with sender, child(mp, report, sender):
            pass
        ((pid, _, _),) = heard(receiver)
    assert (pid == os.getpid()) is False


@spec.scenario("start.once", doc=START)
def start_works_once(mp):
    """A second start() is an error, while the process runs and after it, and nothing runs again."""
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
    """What a process prints is written once, before join() returns, after what was printed before start()."""
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
    """The standard input of a new process is empty, and what waits in that of its creator stays there."""
    assert program(STDIN, mp.get_start_method()).output == "''\nfor the main process\n"


def wait_for_end(mp, p):
    """Waits until the process has ended, without joining it."""
    try:
        os.waitid(os.P_PID, p.pid, os.WEXITED | os.WNOWAIT)
    except ChildProcessError:  # a fork server has started it, and tells by the sentinel that it has ended
        module(mp, "connection").wait([p.sentinel])


def is_zombie(pid):
    """Whether the process has ended, and nobody has asked the system how."""
    try:
        return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT | os.WNOHANG) is not None
    except ChildProcessError:
        return False


@spec.scenario("start.joins", doc=GUIDELINES)
def start_joins_the_completed(mp):
    """A process that has ended without being joined is joined when another one starts."""
    if not hasattr(os, "waitid"):
        return
    with child(mp, nothing) as p:
        wait_for_end(mp, p)
        with child(mp, nothing):
            assert is_zombie(p.pid) is False
    assert p.exitcode == 0


@spec.scenario("is_alive.joins", doc=GUIDELINES)
def is_alive_joins(mp):
    """For a process that has ended, is_alive() returns False, and joins it."""
    if not hasattr(os, "waitid"):
        return
    with child(mp, nothing) as p:
        wait_for_end(mp, p)
        assert p.is_alive() is False
        assert is_zombie(p.pid) is False


@spec.scenario("is_alive.running", doc=IS_ALIVE)
def alive_while_it_runs(mp):
    """A process is alive from the return of start() on until it ends, and neither before nor afterwards."""
    assert mp.Process(target=nothing).is_alive() is False
    with waiting(mp) as (p, go):
        assert (p.is_alive(), p.is_alive()) == (True, True)
        go()
        p.join()
        assert (p.is_alive(), p.is_alive()) == (False, False)


@spec.scenario("join.waits", doc=JOIN, explicit=arg.one_of(False, True))
def join_waits(mp, explicit):
    """Without a timeout, or with None, join() returns when the process has ended, and returns None."""
    with waiting(mp) as (p, go):
        go()
        assert (p.join(None) if explicit else p.join()) is None
        assert (p.exitcode, p.is_alive()) == (0, False)


@spec.scenario("join.expires", doc=JOIN, timeout=arg.one_of(arg.SHORT, 0.03), named=arg.one_of(False, True))
def join_expires(mp, timeout, named):
    """If the process is still running after timeout seconds, join() returns None then, and exitcode is None."""
    with waiting(mp) as (p, _):
        start = monotonic()
        assert (p.join(timeout=timeout) if named else p.join(timeout)) is None
        assert monotonic() - start >= timeout - SLACK
        assert p.exitcode is None


@spec.scenario("join.in-time", doc=JOIN)
def join_before_the_timeout(mp):
    """With a timeout, join() returns None as soon as the process has ended, and exitcode tells that."""
    with waiting(mp) as (p, go):
        go()
        assert p.join(arg.LONG) is None
        assert p.exitcode == 0


@spec.scenario("join.month", doc=JOIN)
def a_month_to_join(mp):
    """A timeout may be as long as a month."""
    with child(mp, int) as process:
        process.join(arg.MONTH)
        assert process.exitcode == 0


@spec.scenario("join.again", doc=JOIN)
def join_many_times(mp):
    """A process can be joined many times, with and without a timeout, and exitcode stays what it is."""
    with child(mp, sys.exit, 3) as p:
        assert [p.join(), p.join(), p.join(arg.SHORT), p.join(arg.LONG), p.join()] == [None] * 5
        assert (p.exitcode, p.exitcode) == (3, 3)


@spec.scenario("join.early", doc=JOIN, timeout=arg.one_of(None, arg.SHORT))
def join_before_start(mp, timeout):
    """It is an error to join a process that has not been started."""
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
    """A process cannot join itself: join() is an error, in the main process as in others."""
    with raises(Exception):
        mp.current_process().join()
    receiver, sender = mp.Pipe(False)
    with receiver:
        with sender, child(mp, join_itself, mp, sender):
            pass
        assert heard(receiver) == ["refused"]


@spec.scenario("name.given", doc=NAME)
def name_is_given(mp):
    """The name is the one given to the constructor, or set afterwards, and several processes may have the same."""
    first, second = mp.Process(name="a name"), mp.Process(name="another")
    assert (first.name, second.name) == ("a name", "another")
    second.name = "a name"
    assert (first.name, second.name) == ("a name", "a name")


def tell_names(mp, conn):
    conn.send((mp.current_process().name, mp.Process().name))


@spec.scenario("name.inside", doc=NAME, late=arg.one_of(False, True))
def name_inside(mp, late):
    """The process itself has the name that it had when it was started."""
    receiver, sender = mp.Pipe(False)
    p = mp.Process(target=tell_names, args=(mp, sender), name="early" if late else "a name")
    p.name = "a name"
    with receiver, sender, started(p):
        assert receiver.recv()[0] == "a name"


@spec.scenario("name.default", doc=NAME)
def default_names(mp):
    """Without a name, that is Process and the numbers of its ancestors and its own, counted by their parents."""
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
    """Before the process is started, its pid is None."""
    assert mp.Process(target=nothing).pid is None


def tell_pids(mp, conn):
    conn.send((os.getpid(), mp.current_process().pid))


@spec.scenario("pid.started", doc=PID)
def pid_of_a_process(mp):
    """The pid is the number by which the system knows the process, for its creator and for itself."""
    receiver, sender = mp.Pipe(False)
    with receiver, sender, child(mp, tell_pids, mp, sender) as p:
        pids = receiver.recv()
        assert (p.pid, p.pid) == pids
    assert (p.pid, p.pid) == pids
    assert mp.current_process().pid == os.getpid()


@spec.scenario("repr", doc=PROCESS)
def states_are_shown(mp):
    """A process shows itself as initial, then started, and in the end stopped with its exit code, signals by name."""
    receiver, sender = mp.Pipe(False)
    p = mp.Process(target=wait_for_word, args=(receiver,))
    assert re.fullmatch(r"<.*Process .*initial>", repr(p)), repr(p)
    with receiver, sender, started(p):
        assert re.fullmatch(r"<.*Process .*started>", repr(p)), repr(p)
        p.terminate()
        p.join()
        assert re.fullmatch(r"<.*Process .*stopped exitcode=-SIGTERM>", repr(p)), repr(p)
