"""The programming guidelines: what they promise to programs that follow them, and to some that do not.

Main modules, standard input and the end of a program are checked in programs of their own.
"""

import ctypes
import gc
import os
import weakref

from conformance import Secret, Spec, child, program, raises, unproven

ALL, FRESH = (
    "library/multiprocessing#" + name for name in ("all-start-methods", "the-spawn-and-forkserver-start-methods")
)

guideline = Spec("guideline", documents="library/multiprocessing#programming-guidelines")


def not_fork(mp):
    """The start method if it is spawn or forkserver, the two that the promise is about, and otherwise spawn."""
    return mp.get_start_method() if mp.get_start_method() in ("spawn", "forkserver") else "spawn"


# Joining zombie processes


def end(*objects):
    """A target that returns at once."""


def zombie(mp):
    """A process that has ended, which its parent does not know yet."""
    process = mp.Process(target=end)
    process.start()
    try:
        wait_for_the_end_of(process.pid)
    except ChildProcessError:
        process.join()
        unproven("the process is a child of the fork server, and never a zombie of this one")
    return process


def wait_for_the_end_of(pid):
    """Waits until a child has ended, without reaping it."""
    if hasattr(os, "waitid"):
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    else:  # PyPy
        information, one_process, exited_no_wait = ctypes.create_string_buffer(1024), 1, 0x1000004
        if ctypes.CDLL(None).waitid(one_process, pid, information, exited_no_wait) != 0:
            raise ChildProcessError(pid)


def is_reaped(process):
    """Whether a process that has ended is not, or no longer, a zombie of this process."""
    try:
        os.waitpid(process.pid, os.WNOHANG)
    except ChildProcessError:
        return True
    return False


@guideline.scenario("zombies.active-children", doc="multiprocessing.active_children")
def asking_for_children_reaps(mp):
    """active_children() joins child processes that have ended, and leaves them out of the list it returns."""
    process = zombie(mp)
    assert mp.active_children() == []
    assert is_reaped(process)
    assert process.exitcode == 0


@guideline.scenario("zombies.is-alive", doc=ALL)
def asking_for_one_reaps(mp):
    """Process.is_alive() joins a process that has ended, and returns False."""
    process = zombie(mp)
    assert process.is_alive() is False
    assert is_reaped(process)


@guideline.scenario("zombies.start", doc=ALL)
def starting_another_reaps(mp):
    """Process.start() joins every child process that has ended without being joined."""
    process = zombie(mp)
    with child(mp, end):
        assert is_reaped(process)


# Picklability


@guideline.scenario("pickle.arguments", doc=FRESH, needs=("spawn", "forkserver"))
def arguments_must_pickle(mp):
    """With spawn and forkserver, Process.start() raises an exception and starts no process if the target or one of its
    arguments cannot be pickled.
    """
    for method in "spawn", "forkserver":
        for given in {"args": (Secret(),)}, {"kwargs": {"a": Secret()}}, {"target": Secret()}:
            process = mp.get_context(method).Process(**{"target": end, **given})
            with raises(Exception):
                process.start()
            assert process not in mp.active_children()


SUBCLASS = """
context = mp.get_context("METHOD")

class Worker(context.Process):
    def __init__(self, state):
        super().__init__()
        self.state = state

    def run(self):
        print(self.state, flush=True)

class Secret:
    def __reduce_ex__(self, protocol):
        raise TypeError("a secret stays where it is")

if __name__ == "__main__":
    worker = Worker("its state")
    worker.start()
    worker.join()
    try:
        Worker(Secret()).start()
    except Exception:
        print("refused")
"""


@guideline.scenario("pickle.subclass", doc=FRESH, needs=("spawn",))
def subclasses_must_pickle(mp):
    """With spawn and forkserver, an instance of a Process subclass reaches the child with its state, and start() raises
    an exception if the state cannot be pickled.
    """
    assert program(SUBCLASS.replace("METHOD", not_fork(mp))).output == "its state\nrefused\n"


def use(conn, lock, rlock, condition, semaphore, bounded, event, barrier, value, array, *queues):
    for each in lock, rlock, condition, semaphore, bounded:
        with each:
            pass
    event.set()
    barrier.wait()
    value.value, array[1] = 1, 2
    for queue in queues:
        queue.put("item")
    conn.send("done")


@guideline.scenario("pickle.types", doc=ALL)
def types_are_inherited(mp):
    """Synchronization primitives, queues, connections, shared values and shared arrays work in a process to which they
    are passed as arguments.
    """
    event, value, array = mp.Event(), mp.Value("i", 0), mp.Array("i", 3)
    queues = mp.Queue(), mp.JoinableQueue(), mp.SimpleQueue()
    locks = mp.Lock(), mp.RLock(), mp.Condition(), mp.Semaphore(1), mp.BoundedSemaphore(1)
    receiver, sender = mp.Pipe(False)
    with receiver, sender, child(mp, use, sender, *locks, event, mp.Barrier(1), value, array, *queues):
        assert [queue.get() for queue in queues] == ["item"] * 3
        assert receiver.recv() == "done"
    assert (event.is_set(), value.value, array[:]) == (True, 1, [0, 2, 0])
    for queue in queues[:2]:
        queue.close()


# Global variables and resources

CONSTANT = ("a", 1, None)
resources = []


def tell_constant(conn):
    conn.send(CONSTANT)


@guideline.scenario("globals.constants", doc=FRESH)
def constants_are_the_same(mp):
    """A constant defined at module level has the same value in a child process as in its parent."""
    receiver, sender = mp.Pipe(False)
    with receiver, sender, child(mp, tell_constant, sender):
        assert receiver.recv() == CONSTANT


def use_resources():
    resources[0].acquire()


@guideline.scenario("globals.forked", doc=ALL)
def resources_are_forked(mp):
    """With the fork start method, a child can use a resource that its parent has stored in a global variable."""
    forked = mp.get_context("fork")
    resources.append(forked.Semaphore(2))
    try:
        with child(forked, use_resources):
            pass
        assert resources[0].acquire(False) is True
        assert resources[0].acquire(False) is False
    finally:
        resources.clear()


class Resource:
    """An object whose garbage collection a weak reference reveals."""


def wait_for_go(conn, resource):
    conn.recv()


@guideline.scenario("arguments.kept", doc=ALL)
def arguments_are_kept(mp):
    """An argument of a child process is not garbage collected in the parent while the child is alive."""
    receiver, sender = mp.Pipe(False)
    resource = Resource()
    freed = weakref.ref(resource)
    process = mp.Process(target=wait_for_go, args=(receiver, resource))
    del resource
    process.start()
    try:
        for _ in range(3):  # for interpreters without reference counts
            gc.collect()
        assert freed() is not None
    finally:
        sender.send("go")
        process.join()


# The main module

UNGUARDED = """
import os

counter = os.path.join(os.path.dirname(os.path.abspath(__file__)), "counter")
with open(counter, "a") as file:
    file.write("imported\\n")

def foo():
    print("hello", flush=True)

if os.path.getsize(counter) < 50:  # or a broken implementation would never end
    p = mp.get_context("METHOD").Process(target=foo)
    p.start()
    p.join()
"""


@guideline.scenario("main.unguarded", doc=FRESH, needs=("spawn",))
def unguarded_main(mp):
    """With spawn and forkserver, a child fails with RuntimeError if importing the main module starts a process, and its
    target is not called.
    """
    ended = program(UNGUARDED.replace("METHOD", not_fork(mp)))
    assert "RuntimeError" in ended.errors
    assert ended.output == ""


GUARDED = """
import sys
print("imported" if __name__ == "__main__" else "imported again", flush=True)

def foo(*args, **kwargs):
    print("hello", args, kwargs, flush=True)

if __name__ == "__main__":
    mp.freeze_support()
    mp.set_start_method(sys.argv[1])
    p = mp.Process(target=foo, args=("bob",), kwargs={"a": 1})
    p.start()
    p.join()
    print("exit code", p.exitcode)
"""


@guideline.scenario("main.guarded", doc=FRESH)
def guarded_main(mp):
    """A child process can call a function of the main module if the main module starts processes only under
    if __name__ == "__main__".
    """
    ended = program(GUARDED, mp.get_start_method())
    lines = [line for line in ended.output.splitlines() if line != "imported again"]
    assert lines == ["imported", "hello ('bob',) {'a': 1}", "exit code 0"]


FUNCTIONS = """
import sys

def square(number):
    print("square", flush=True)
    return number * number

if __name__ == "__main__":
    context = mp.get_context(sys.argv[1])
    p = context.Process(target=square, args=(3,))
    p.start()
    p.join()
    print("exit code", p.exitcode)
    if p.exitcode == 0:  # else no worker would find the function, either, and map() would wait for ever
        with context.Pool(1) as pool:
            print(pool.map(square, [2]))
"""


@guideline.scenario("main.functions", doc=FRESH)
def functions_of_main(mp):
    """Child processes and pool workers can call the functions of an importable main module."""
    lines = program(FUNCTIONS, mp.get_start_method()).output.splitlines()
    assert lines == ["square", "exit code 0", "square", "[4]"]


INTERACTIVE = """
import sys
if __name__ == "__main__":
    def knight():
        print("Ni!")
    p = mp.get_context(sys.argv[1]).Process(target=knight)
    p.start()
    p.join()
    print(p.exitcode)
"""


@guideline.scenario("main.undefined", doc="multiprocessing.Process", needs=("spawn",))
def not_importable(mp):
    """With spawn and forkserver, a child fails with AttributeError and exit code 1 if it does not find its target in
    the main module.
    """
    ended = program(INTERACTIVE, not_fork(mp))
    assert ended.output == "1\n"
    assert "AttributeError" in ended.errors


# Standard input, queues, and the end of a program

STDIN = """
import os, sys

def read():
    print("child:", repr(sys.stdin.read()), flush=True)

if __name__ == "__main__":
    ready, other = os.pipe()
    os.write(other, b"for the parent\\n")
    os.close(other)
    os.dup2(ready, 0)
    process = mp.get_context(sys.argv[1]).Process(target=read)
    process.start()
    process.join()
    print("parent:", repr(os.read(0, 100)))
"""


@guideline.scenario("stdin.empty", doc=ALL)
def stdin_is_empty(mp):
    """The standard input of a child process is empty, and the child consumes none of its parent's standard input."""
    assert program(STDIN, mp.get_start_method()).output == "child: ''\nparent: b'for the parent\\n'\n"


def put_much(queue):
    queue.put("X" * 1_000_000)


@guideline.scenario("queues.drained", doc=ALL)
def drained_before_joined(mp):
    """A process that has put a large object into a queue can be joined once the object has been taken out."""
    queue = mp.Queue()
    with child(mp, put_much, queue) as process:
        assert len(queue.get()) == 1_000_000
        process.join()
        assert process.exitcode == 0
    queue.close()


JOINED = """
import atexit, sys

def linger(receiver, sender):
    sender.close()
    print(receiver.recv(), flush=True)
    print("main has gone" if receiver.poll(0.05) else "main waits", flush=True)

if __name__ == "__main__":
    receiver, sender = mp.Pipe(False)
    mp.get_context(sys.argv[1]).Process(target=linger, args=(receiver, sender)).start()
    atexit.register(sender.send, "main exits")
"""


@guideline.scenario("exit.joins", doc=ALL)
def joined_at_exit(mp):
    """The main process joins its non-daemonic child processes before it exits."""
    assert program(JOINED, mp.get_start_method()).output == "main exits\nmain waits\n"
