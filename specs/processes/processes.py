"""Processes: how they are created and started, what runs in them, and what their creator can learn about them.

This covers the constructor, run and start; ``joining`` covers join and is_alive, and ``names`` name and pid.
``exit_codes`` says how processes end by themselves, ``lifetimes`` how others end them, and ``families`` what they
inherit from their creator, and what its end does to them.
"""

import os
from contextlib import contextmanager

from conformance import Spec, arg, child, kill, program, raises

PROCESS = "multiprocessing.Process"
RUN, START = PROCESS + ".run", PROCESS + ".start"
GUIDELINES = "library/multiprocessing#all-start-methods"

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


@spec.scenario(
    "keywords.only", doc=PROCESS, doubt="keyword-only says how to call the constructor, and not that another call fails"
)
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
