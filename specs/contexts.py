"""Contexts: start methods, what a child gets by each of them, and the functions about processes as such.

What can be set only once belongs to a whole process, so that is told by programs of their own.
What is said of one start method in particular holds in a program that uses another one, too.
"""

import os
import shlex
import stat
import sys
import tempfile
import time
from contextlib import contextmanager

from conformance import Spec, arg, child, kill, program, raises

PAGE = "library/multiprocessing#"
START_METHODS, GLOBAL_START_METHOD = PAGE + "contexts-and-start-methods", PAGE + "global-start-method"
GET_CONTEXT, GET_START_METHOD = "multiprocessing.get_context", "multiprocessing.get_start_method"
SET_START_METHOD, SET_EXECUTABLE = "multiprocessing.set_start_method", "multiprocessing.set_executable"
ALL_START_METHODS, PRELOAD = "multiprocessing.get_all_start_methods", "multiprocessing.set_forkserver_preload"
ACTIVE, CURRENT, PARENT = ("multiprocessing." + n for n in ("active_children", "current_process", "parent_process"))
CPU_COUNT = "multiprocessing.cpu_count"

EXCEPTIONS = ["AuthenticationError", "BufferTooShort", "ProcessError", "TimeoutError"]
OBJECTS = ["Array", "Barrier", "BoundedSemaphore", "Condition", "Event", "JoinableQueue", "Lock", "Manager", "Pipe"]
OBJECTS += ["Pool", "Process", "Queue", "RLock", "Semaphore", "SimpleQueue", "Value"]
FUNCTIONS = ["active_children", "cpu_count", "current_process", "freeze_support", "get_context", "get_logger"]
FUNCTIONS += ["get_start_method", "log_to_stderr", "parent_process", "set_executable", "set_forkserver_preload"]
NAMES = [*EXCEPTIONS, *OBJECTS, *FUNCTIONS, "set_start_method"]
CLAIMED = tuple("pool.Pool" if name == "Pool" else name for name in NAMES)  # as the manual indexes them

METHODS = "fork", "spawn", "forkserver"

context = Spec("context", documents=START_METHODS)


def printed(source, *arguments):
    """The lines that a program prints, which must end well."""
    ended = program(source, *arguments)
    if ended.status != 0:
        raise AssertionError("a program ended with status %d: %s" % (ended.status, ended.errors))
    return ended.output.splitlines()


@context.scenario("names", doc="multiprocessing", needs=("get_all_start_methods", *CLAIMED))
def all_names(mp):
    """The module has all functions, classes and exceptions of its reference, and each can be called."""
    source = "import sys\nprint(*(name for name in sys.argv[1:] if not callable(getattr(mp, name, None))))"
    assert printed(source, "get_all_start_methods", *NAMES) == [""]


@context.scenario("names-of-others", doc=PAGE + "pipes-and-queues")
def no_exceptions_of_queues(mp):
    """The exceptions of full and empty queues are those of queue; the module has no such names."""
    assert [name for name in ("Empty", "Full") if hasattr(mp, name)] == []


@context.scenario("no-analogues", doc=PAGE + "miscellaneous")
def not_of_threading(mp):
    """What threading has to count, list and trace threads, its timers and its locals, the module has not."""
    missing = "active_count", "enumerate", "settrace", "setprofile", "Timer", "local"
    assert [name for name in missing if hasattr(mp, name)] == []


@context.scenario("errors.base", doc="multiprocessing.ProcessError")
def one_base_of_errors(mp):
    """All exceptions of the module are kinds of ProcessError, and of none of its others; those of Python are not."""
    errors = [mp.BufferTooShort, mp.AuthenticationError, mp.TimeoutError]
    for error in errors:
        assert issubclass(error, mp.ProcessError)
        assert [other for other in errors if issubclass(error, other)] == [error]
    assert issubclass(mp.ProcessError, Exception)
    assert not issubclass(ValueError, mp.ProcessError)


# Contexts


@context.scenario("get_context.names", doc=GET_CONTEXT, needs=CLAIMED)
def a_context_has_all_names(mp):
    """A context has the functions, classes and exceptions of the module."""
    assert [name for name in NAMES if not callable(getattr(mp, name, None))] == []


@context.scenario("get_context.all-start-methods", doc=GET_CONTEXT)
def a_context_tells_all_start_methods(mp):
    """Like the module, a context tells all start methods."""
    assert set(mp.get_all_start_methods()) <= set(METHODS)


@context.scenario("get_context.named", doc=GET_CONTEXT)
def named_contexts(mp):
    """With the name of a start method, get_context() returns a context of it, and sets nothing for the module."""
    for name in [name for name in METHODS if available(mp, name)]:
        found = mp.get_context(name)
        assert found.get_start_method() == name
        assert found.get_context().get_start_method() == name
    source = """
for name in mp.get_all_start_methods():
    print(name == mp.get_context(method=name).get_start_method())
print(mp.get_start_method(allow_none=True))
"""
    assert set(printed(source)) == {"True", "None"}


def available(mp, name):
    """Whether there is such a context; Windows has spawn alone."""
    try:
        return bool(mp.get_context(name))
    except ValueError:
        return False


@context.scenario("get_context.unknown", doc=GET_CONTEXT, name=arg.one_of("", "thread", "Spawn"))
def unknown_contexts(mp, name):
    """The name of anything but an available start method raises ValueError."""
    with raises(ValueError):
        mp.get_context(name)
    source = "import sys\ntry: print(mp.get_context(sys.argv[1]))\nexcept ValueError: print('ValueError')"
    assert printed(source, name) == ["ValueError"]


@context.scenario("get_context.default", doc=GET_CONTEXT)
def the_default_context(mp):
    """Where no start method is set, get_context() returns the context of the default, and sets it."""
    source = """
print(mp.get_start_method(allow_none=True))
default = mp.get_context()
print(default.get_start_method() == mp.get_start_method(allow_none=True) == mp.get_all_start_methods()[0])
try:
    mp.set_start_method("spawn")
except RuntimeError:
    print("set")
"""
    assert printed(source) == ["None", "True", "set"]


@context.scenario("get_context.global", doc=GET_CONTEXT)
def the_global_context(mp):
    """Once a start method is set, get_context() returns the context of that."""
    source = """
import sys
mp.set_start_method(sys.argv[1])
print(mp.get_context().get_start_method(), mp.get_context(None).get_start_method())
"""
    method = mp.get_start_method()
    assert printed(source, method) == ["%s %s" % (method, method)]


inherited = []


def how(conn, parent):
    """Tells how this process was started: fork copies variables, and forkserver is another parent."""
    started = {(1, True): "fork", (0, True): "spawn", (0, False): "forkserver"}
    conn.send(started.get((len(inherited), os.getppid() == parent), "in no known way"))


@context.scenario("get_context.side-by-side", doc=START_METHODS)
def side_by_side(mp):
    """Contexts are used side by side in one program, and each starts processes by its own method."""
    inherited.append("from the parent")
    try:
        for name in [name for name in METHODS if available(mp, name)]:
            receiver, sender = mp.Pipe(False)
            with receiver, child(mp.get_context(name), how, sender, os.getpid()):
                sender.close()
                assert receiver.recv() == name
    finally:
        inherited.clear()


def touch(*locks):
    for lock in locks:
        lock.acquire()


@context.scenario(
    "get_context.foreign-locks",
    doc=START_METHODS,
    kind=arg.one_of("Lock", "RLock", "Semaphore"),
)
def locks_of_fork(mp, kind):
    """A lock of the fork context cannot be passed to a process that is spawned: it does not start, or it fails."""
    lock = getattr(mp.get_context("fork"), kind)()
    for method in "spawn", "forkserver":
        process = mp.get_context(method).Process(target=touch, args=(lock,))
        try:
            process.start()
        except Exception:  # of which kind, nobody says
            continue
        process.join()
        assert process.exitcode != 0


# The global start method


@context.scenario("get_all_start_methods.default-first", doc=ALL_START_METHODS)
def the_default_is_first(mp):
    """All start methods are a list of different names, of which the first is the default."""
    source = """
methods = mp.get_all_start_methods()
print(type(methods).__name__, len(set(methods)) == len(methods), methods[0] == mp.get_start_method())
mp.set_start_method(methods[-1], force=True)
print(mp.get_all_start_methods() == methods)
"""
    assert printed(source) == ["list True True", "True"]


@context.scenario("get_all_start_methods.available", doc=ALL_START_METHODS)
def all_that_are_available(mp):
    """The list has those start methods for which there is a context: on Linux all three, everywhere spawn."""
    listed = sorted(printed("print(*mp.get_all_start_methods(), sep='\\n')"))
    assert listed == sorted(name for name in METHODS if available(mp, name))
    assert listed == sorted(METHODS if sys.platform == "linux" else set(listed) | {"spawn"})


@context.scenario("get_start_method.default", doc=START_METHODS)
def defaults(mp):
    """The default is spawn on Windows and macOS; elsewhere fork before Python 3.14, and forkserver since then."""
    if sys.platform in ("win32", "darwin"):
        default = "spawn"
    elif sys.version_info < (3, 14):
        default = "fork"
    else:
        default = "forkserver" if available(mp, "forkserver") else "spawn"
    assert printed("print(mp.get_start_method())") == [default]


@context.scenario("get_start_method.default-without-files", doc=START_METHODS, since=(3, 14))
def no_temporary_directory(mp):
    """Since Python 3.14.9 and 3.15.1, spawn is the default where no temporary directory can be written to."""
    if not (3, 14) < sys.version_info < (3, 14, 9) and not (3, 15) < sys.version_info < (3, 15, 1):
        source = "import tempfile\ntempfile.tempdir = '/no/such/directory'\nprint(mp.get_start_method())"
        assert printed(source) == ["spawn"]


@context.scenario("get_start_method.sets-default", doc=GET_START_METHOD)
def asking_sets_the_default(mp):
    """Where no start method is set, asking for it returns the default, and sets it."""
    source = """
default = mp.get_start_method()
print(default == mp.get_all_start_methods()[0], default == mp.get_start_method(allow_none=True))
try:
    mp.set_start_method("spawn")
except RuntimeError:
    print("set")
"""
    assert printed(source) == ["True True", "set"]


@context.scenario("get_start_method.allow-none", doc=GET_START_METHOD)
def asking_does_not_set(mp):
    """With allow_none, None says that no start method is set, which remains so; one that is set is returned."""
    source = """
print(mp.get_start_method(allow_none=True), mp.get_start_method(True))
mp.set_start_method("spawn")
print(mp.get_start_method(allow_none=True), mp.get_start_method())
"""
    assert printed(source) == ["None None", "spawn spawn"]


HOW = """
import os, sys
inherited = False

def how(conn, parent):
    ways = {(True, True): "fork", (False, True): "spawn", (False, False): "forkserver"}
    conn.send(ways.get((inherited, os.getppid() == parent)))

def print_how(mp):
    receiver, sender = mp.Pipe(False)
    process = mp.Process(target=how, args=(sender, os.getpid()))
    process.start()
    sender.close()
    print(receiver.recv())
    process.join()
"""


@context.scenario("set_start_method.starts", doc=SET_START_METHOD)
def the_global_method_starts(mp):
    """Processes of the module start by the method that is set."""
    source = """
if __name__ == "__main__":
    inherited = True
    mp.set_start_method(sys.argv[1])
    print_how(mp)
"""
    assert printed(HOW + source, mp.get_start_method()) == [mp.get_start_method()]


@context.scenario("set_start_method.default-starts", doc=GLOBAL_START_METHOD)
def the_default_starts(mp):
    """Processes of the module start by the default method if none is set."""
    source = """
if __name__ == "__main__":
    inherited = True
    print(mp.get_all_start_methods()[0])
    print_how(mp)
"""
    default, way = printed(HOW + source)
    assert way == default


@context.scenario("set_start_method.once", doc=SET_START_METHOD)
def set_only_once(mp):
    """A second call raises RuntimeError, with the same method too, and changes nothing."""
    source = """
import sys
mp.set_start_method(sys.argv[1])
for again in "spawn", "fork", sys.argv[1], None:
    try:
        mp.set_start_method(again, force=False)
    except RuntimeError:
        print(mp.get_start_method())
"""
    assert printed(source, mp.get_start_method()) == 4 * [mp.get_start_method()]


@context.scenario("set_start_method.force", doc=SET_START_METHOD)
def set_by_force(mp):
    """With force the method is set whatever was set before, and processes start by it."""
    source = """
if __name__ == "__main__":
    inherited = True
    for method in sys.argv[1:]:
        mp.set_start_method(method, force=True)
        print(mp.get_start_method())
        print_how(mp)
"""
    methods = [name for name in METHODS if available(mp, name)]
    lines = printed(HOW + source, *methods)
    assert (lines[::2], lines[1::2]) == (methods, methods)


@context.scenario("set_start_method.unset", doc=SET_START_METHOD)
def unset_by_force(mp):
    """With None and force no method is set any more, and one can be set without force."""
    source = """
mp.set_start_method("spawn")
mp.set_start_method(None, force=True)
print(mp.get_start_method(allow_none=True))
mp.set_start_method("fork")
print(mp.get_start_method())
"""
    assert printed(source) == ["None", "fork"]


@context.scenario("set_start_method.none", doc=SET_START_METHOD)
def none_sets_the_default(mp):
    """With None and without force the default is set."""
    source = """
mp.set_start_method(None)
print(mp.get_start_method(allow_none=True) == mp.get_all_start_methods()[0])
try:
    mp.set_start_method("spawn")
except RuntimeError:
    print("set")
"""
    assert printed(source) == ["True", "set"]


# What a child gets


@context.scenario("fork.inherits")
def fork_inherits(mp):
    """By fork the child is a copy of its parent: its variables, its descriptors, and objects that do not pickle."""
    ready, unready = os.pipe()
    receiver, sender = mp.Pipe(False)
    forked = mp.get_context("fork")

    def tell():  # a function that does not pickle
        sender.send((inherited, os.fstat(ready).st_ino, os.getppid()))

    inherited.append("as it is now")
    try:
        with receiver, sender, child(forked, lambda: tell()):
            assert receiver.recv() == (["as it is now"], os.fstat(unready).st_ino, os.getpid())
    finally:
        inherited.clear()
        os.close(ready)
        os.close(unready)


THREADS = """
import threading, warnings

warnings.simplefilter("always")
answered = threading.Event()
other = threading.Thread(target=answered.wait)
other.start()
try:
    with warnings.catch_warnings(record=True) as caught:
        process = mp.get_context("fork").Process(target=int)
        process.start()
    process.join()
    print(*{warning.category.__name__ for warning in caught})
finally:
    answered.set()
"""


@context.scenario("fork.warns", since=(3, 12))
def fork_with_threads_warns(mp):
    """By fork, a process that has several threads, and can tell, gets a DeprecationWarning when it starts another."""
    assert printed(THREADS) == ["DeprecationWarning"]


def tell_descriptors(conn, pipe):
    """Tells which of the first descriptors are ends of a certain pipe."""
    conn.send([fd for fd in range(100) if is_pipe(fd, pipe)])


def is_pipe(fd, pipe):
    try:
        found = os.fstat(fd)
    except OSError:
        return False
    return stat.S_ISFIFO(found.st_mode) and (found.st_dev, found.st_ino) == pipe


@context.scenario("fresh.descriptors")
def descriptors_stay_behind(mp):
    """By spawn and forkserver a child gets no descriptors but those that it needs, not even inheritable ones."""
    ends = os.pipe()
    try:
        for end in ends:
            os.set_inheritable(end, True)
        status = os.fstat(ends[0])
        for method in "spawn", "forkserver":
            receiver, sender = mp.Pipe(False)
            start = mp.get_context(method)
            with receiver, sender, child(start, tell_descriptors, sender, (status.st_dev, status.st_ino)):
                assert receiver.recv() == []
    finally:
        for end in ends:
            os.close(end)


def tell_parent(conn):
    tasks = "/proc/%d/task" % os.getppid()
    conn.send((os.getppid(), len(os.listdir(tasks)) if os.path.isdir(tasks) else 1))


@context.scenario("forkserver.server")
def one_server(mp):
    """By forkserver one server forks all children, and it has a single thread."""
    receiver, sender = mp.Pipe(False)
    told = []
    with receiver, sender:
        for _ in range(2):
            with child(mp.get_context("forkserver"), tell_parent, sender):
                told.append(receiver.recv())
    server = told[0][0]
    assert told == [(server, 1), (server, 1)]
    assert server not in (os.getpid(), os.getppid())


LEAVER = '''
import os, signal, sys
from importlib import import_module

def files():
    """What this process has mapped of the files in /dev/shm, some of which have had other names."""
    with open("/proc/self/maps") as maps:
        mapped = {int(line.split()[4]) for line in maps if " /dev/shm/" in line}
    return [entry.path for entry in os.scandir("/dev/shm") if entry.inode() in mapped]

def leave(conn, context):
    os.dup2(conn.fileno(), 2)  # what is started for this process alone has that, too
    semaphore = context.Semaphore()
    conn.send(files())
    os.kill(os.getpid(), signal.SIGKILL)

if __name__ == "__main__":
    os.dup2(os.open(sys.argv[1], os.O_WRONLY), 2)
    context = mp.get_context(sys.argv[2])
    receiver, sender = context.Pipe(False)
    child = context.Process(target=leave, args=(sender, context))
    child.start()
    sender.close()
    left = receiver.recv()
    while os.read(receiver.fileno(), 1000):
        pass
    child.join()
    print(*left)
    print(*[file for file in left if not os.path.exists(file)])
    semaphore = context.Semaphore()
    package = "multiprocessing" if isinstance(mp, type) else mp.__name__
    shared = import_module(package + ".shared_memory").SharedMemory(create=True, size=10)
    print(*files(), flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
'''


@context.scenario("tracker.unlinks", needs=("shared_memory",))
def leaked_objects(mp):
    """By spawn and forkserver, semaphores and shared memory that the killed leave go when all processes have ended."""
    if not os.path.isdir("/dev/shm"):
        return  # nothing would be seen
    method = "spawn" if mp.get_start_method() == "fork" else mp.get_start_method()
    with tempfile.TemporaryDirectory() as directory, fifo(os.path.join(directory, "errors")) as errors:
        ended = program(LEAVER, errors.name, method)
        errors.read()  # to the end: then all have ended that could write to it, the tracker among them
    left, lost, more = [line.split(" ") if line else [] for line in ended.output.split("\n")[:3]]
    remaining = [file for file in left + more if os.path.exists(file)]
    for file in remaining:
        os.unlink(file)
    assert lost == []  # by the death of the child, while the program went on
    assert remaining == []
    assert len(more) == 2


@contextmanager
def fifo(path):
    """A named pipe, open for reading, that has no writer yet."""
    os.mkfifo(path)
    with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb", 0) as reader:
        reader = FIFO(path, reader)
        yield reader


class FIFO:
    def __init__(self, path, reader):
        self.name, self.reader = path, reader

    def read(self):
        os.set_blocking(self.reader.fileno(), True)
        return self.reader.read()


# How interpreters are started


@contextmanager
def another_executable():
    """An executable that is Python and leaves a mark in the environment."""
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "python")
        with open(path, "w") as file:
            file.write('#!/bin/sh\nSTARTED_BY="$0" exec %s "$@"\n' % shlex.quote(sys.executable))
        os.chmod(path, 0o700)
        yield path


EXECUTABLE = """
import os, pathlib, sys

def tell(conn):
    conn.send(os.environ.get("STARTED_BY"))

if __name__ == "__main__":
    path, kind = sys.argv[1:]
    mp.set_executable({"str": str, "path": pathlib.Path}[kind](path))
    spawned = mp.get_context("spawn")
    receiver, sender = spawned.Pipe(False)
    process = spawned.Process(target=tell, args=(sender,))
    process.start()
    sender.close()
    print(receiver.recv() == path)
    process.join()
"""


@context.scenario("set_executable.starts", doc=SET_EXECUTABLE)
def the_executable_starts(mp):
    """By spawn, children are started with the executable that was set."""
    with another_executable() as path:
        assert printed(EXECUTABLE, path, "str") == ["True"]


@context.scenario("set_executable.path-like", doc=SET_EXECUTABLE, since=(3, 11))
def a_path_of_an_executable(mp):
    """The executable may be given as an object that stands for a path."""
    with another_executable() as path:
        assert printed(EXECUTABLE, path, "path") == ["True"]


def tell_executable(conn):
    conn.send((sys.executable, sys.version))


@context.scenario("set_executable.default", doc=SET_EXECUTABLE)
def the_default_executable(mp):
    """Without such a call, children are started with sys.executable."""
    receiver, sender = mp.Pipe(False)
    with receiver, child(mp.get_context("spawn"), tell_executable, sender):
        sender.close()
        assert receiver.recv() == (sys.executable, sys.version)


PRELOADED = """
import os, sys

def tell(conn):
    conn.send([name for name in ("colorsys", "wave") if name in sys.modules])

if __name__ == "__main__":
    modules, *on_error = sys.argv[1:]
    os.environ["PYTHONWARNINGS"] = "always"  # for the server
    mp.set_forkserver_preload(modules.split(), **{"on_error": name for name in on_error})
    context = mp.get_context("forkserver")
    receiver, sender = context.Pipe(False)
    process = context.Process(target=tell, args=(sender,))
    try:
        process.start()
    except (EOFError, ConnectionError):
        print("broken")
    else:
        sender.close()
        print(*receiver.recv())
        process.join()
"""


@context.scenario("set_forkserver_preload.inherited", doc=PRELOAD)
def preloaded_modules(mp):
    """By forkserver, children have imported the modules of the list from the start."""
    assert printed(PRELOADED, "colorsys") == ["colorsys"]


OF_THE_PROGRAM = """
import os, sys, tempfile

def tell(conn):
    conn.send([name for name in ("beside", "elsewhere") if name in sys.modules])

if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as directory:
        for name, place in ("beside", os.path.dirname(__file__)), ("elsewhere", directory):
            open(os.path.join(place, name + ".py"), "w").close()
        sys.path.append(directory)
        mp.set_forkserver_preload(["beside", "elsewhere"])
        context = mp.get_context("forkserver")
        receiver, sender = context.Pipe(False)
        process = context.Process(target=tell, args=(sender,))
        process.start()
        sender.close()
        print(*receiver.recv())
        process.join()
"""


@context.scenario("set_forkserver_preload.of-the-program", doc=PRELOAD)
def modules_of_the_program(mp):
    """The server finds modules where the program does: beside its main module, and where it has sys.path look."""
    assert printed(OF_THE_PROGRAM) == ["beside elsewhere"]


@context.scenario("set_forkserver_preload.ignored", doc=PRELOAD)
def unknown_modules(mp):
    """A module of the list that cannot be imported is silently left out, and the others are not."""
    ended = program(PRELOADED, "no_such_module colorsys")
    assert (ended.status, ended.output) == (0, "colorsys\n")
    assert "no_such_module" not in ended.errors


@context.scenario("set_forkserver_preload.ignores", doc=PRELOAD, since=(3, 15))
def on_error_ignore(mp):
    """With on_error="ignore" a module that cannot be imported is silently left out, as without."""
    ended = program(PRELOADED, "no_such_module colorsys", "ignore")
    assert (ended.status, ended.output) == (0, "colorsys\n")
    assert "no_such_module" not in ended.errors


@context.scenario("set_forkserver_preload.warns", doc=PRELOAD, since=(3, 15))
def on_error_warn(mp):
    """With on_error="warn" an ImportWarning is written to stderr for it, and the others are imported."""
    ended = program(PRELOADED, "no_such_module colorsys", "warn")
    assert (ended.status, ended.output) == (0, "colorsys\n")
    assert "ImportWarning" in ended.errors
    assert "no_such_module" in ended.errors


@context.scenario("set_forkserver_preload.fails", doc=PRELOAD, since=(3, 15))
def on_error_fail(mp):
    """With on_error="fail" the server ends with a traceback, so that start() raises EOFError or ConnectionError."""
    ended = program(PRELOADED, "no_such_module colorsys", "fail")
    assert (ended.status, ended.output) == (0, "broken\n")
    assert "ModuleNotFoundError" in ended.errors
    assert "no_such_module" in ended.errors


@context.scenario("freeze_support.no-effect", doc="multiprocessing.freeze_support")
def not_frozen(mp):
    """Where the program is not frozen, freeze_support() has no effect, whatever the program's arguments."""
    source = "print(mp.freeze_support(), mp.get_start_method(allow_none=True), mp.active_children())"
    assert printed(source, "--multiprocessing-fork", "pipe_handle=0") == ["None None []"]


# Processes


def tell_children(mp, conn, gate):
    conn.send(len(mp.active_children()))
    gate.acquire()


def wait_for(gate):
    gate.acquire()


@context.scenario("active_children.living", doc=ACTIVE)
def living_children(mp):
    """A list of the objects of those children that have started and not ended, and not of the children of others."""
    receiver, sender = mp.Pipe(False)
    gate, other = mp.Semaphore(0), mp.Semaphore(0)
    mp.Process(target=wait_for, args=(gate,))  # never started
    assert mp.active_children() == []
    with receiver, sender, child(mp, wait_for, gate) as first:
        with child(mp, tell_children, mp, sender, other) as second:
            assert receiver.recv() == 0  # in a child that has a sibling, and no children
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
    """The main process is a Process like others: it has its identifier, and is always the same object."""
    current = mp.current_process()
    assert current is mp.current_process()
    assert current.pid == os.getpid()


def tell_current(mp, conn):
    current = mp.current_process()
    conn.send((os.getpid(), current.pid, current.name, current.daemon, current is mp.current_process()))


@context.scenario("current_process.child", doc=CURRENT)
def the_process_of_a_child(mp):
    """In a child it is the object of the child, with the name, the flags and the identifier that the parent sees."""
    receiver, sender = mp.Pipe(False)
    with receiver, child(mp, tell_current, mp, sender) as process:
        sender.close()
        assert receiver.recv() == (process.pid, process.pid, process.name, process.daemon, True)


@context.scenario("parent_process.main", doc=PARENT)
def no_parent(mp):
    """The main process has no parent process: it is None."""
    assert mp.parent_process() is None


def tell_process_of_parent(mp, conn):
    parent = mp.parent_process()
    conn.send(parent and (parent.pid, parent.name, parent.is_alive()))


@context.scenario("parent_process.child", doc=PARENT)
def the_parent(mp):
    """In a child it is the process that started it, whoever has forked it, and it is alive."""
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
    """A grandchild can wait for the end of the child, which is its parent and is not alive after that."""
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
    """The number of CPUs is that of os.cpu_count()."""
    assert mp.cpu_count() == os.cpu_count()


@context.scenario("cpu_count.affinity", doc=CPU_COUNT)
def cpus_of_others(mp):
    """The number counts the CPUs that this process may not use, too."""
    source = "import os\nos.sched_setaffinity(0, {min(os.sched_getaffinity(0))})\nprint(mp.cpu_count())"
    if hasattr(os, "sched_setaffinity"):
        assert printed(source) == printed("print(mp.cpu_count())")


@context.scenario("cpu_count.unknown", doc=CPU_COUNT)
def unknown_cpus(mp):
    """Where the number cannot be determined, NotImplementedError is raised."""
    count = os.cpu_count
    os.cpu_count = lambda: None
    try:
        with raises(NotImplementedError):
            mp.cpu_count()
    finally:
        os.cpu_count = count


@context.scenario("cpu_count.overridden", doc=CPU_COUNT, since=(3, 13))
def another_number(mp):
    """The environment variable PYTHON_CPU_COUNT overrides the number."""
    before = os.environ.get("PYTHON_CPU_COUNT")
    os.environ["PYTHON_CPU_COUNT"] = "321"
    try:
        assert printed("print(mp.cpu_count())") == ["321"]
    finally:
        os.environ.pop("PYTHON_CPU_COUNT")
        os.environ.update({"PYTHON_CPU_COUNT": before} if before else {})


# The examples of the introduction


def put_examples(queue, conn):
    queue.put([42, None, "hello"])
    conn.send([42, None, "hello"])
    conn.close()


@context.scenario("introduction.exchange", doc=PAGE + "exchanging-objects-between-processes")
def objects_are_exchanged(mp):
    """Objects come to the parent from a child by the queue and by the pipe that are its arguments."""
    queue = mp.Queue()
    mine, theirs = mp.Pipe()
    with mine, theirs, child(mp, put_examples, queue, theirs):
        assert queue.get() == [42, None, "hello"]
        assert mine.recv() == [42, None, "hello"]
    queue.close()


def change_examples(n, a):
    n.value = 3.1415927
    for i in range(len(a)):
        a[i] = -a[i]


@context.scenario("introduction.shared-state", doc=PAGE + "sharing-state-between-processes")
def state_is_shared(mp):
    """What a child writes into a value and into an array that are its arguments, the parent reads."""
    number, array = mp.Value("d", 0.0), mp.Array("i", range(10))
    with child(mp, change_examples, number, array):
        pass
    assert number.value == 3.1415927
    assert array[:] == [0, -1, -2, -3, -4, -5, -6, -7, -8, -9]
