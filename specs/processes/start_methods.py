"""Start methods: what processes inherit, which interpreter runs them, and what forkserver preloads."""

import os
import shlex
import stat
import sys
import tempfile
from contextlib import contextmanager

from conformance import child, program, unproven
from specs.processes.contexts import context, inherited, printed

SET_EXECUTABLE, PRELOAD = "multiprocessing.set_executable", "multiprocessing.set_forkserver_preload"


@context.scenario("fork.inherits")
def fork_inherits(mp):
    """With the fork start method, a child is a copy of its parent, with its variables, its file descriptors and even
    objects that cannot be pickled.
    """
    ready, unready = os.pipe()
    receiver, sender = mp.Pipe(False)
    forked = mp.get_context("fork")

    def tell():  # a function that cannot be pickled
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
    """With the fork start method, start() issues a DeprecationWarning if it can detect that the calling process has
    several threads.
    """
    assert printed(THREADS) == ["DeprecationWarning"]


def tell_descriptors(conn, pipe):
    """Sends which of the first descriptors are ends of a certain pipe."""
    conn.send([fd for fd in range(100) if is_pipe(fd, pipe)])


def is_pipe(fd, pipe):
    try:
        found = os.fstat(fd)
    except OSError:
        return False
    return stat.S_ISFIFO(found.st_mode) and (found.st_dev, found.st_ino) == pipe


@context.scenario("fresh.descriptors", needs=("spawn", "forkserver"))
def descriptors_stay_behind(mp):
    """With spawn and forkserver, a child process gets no file descriptors of its parent that it does not need, not even
    inheritable ones.
    """
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
    """With the forkserver start method, one server process, which has a single thread, forks all child processes."""
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
    shared_memory = getattr(mp, "shared_memory", None) or import_module(PACKAGE + ".shared_memory")
    shared = shared_memory.SharedMemory(create=True, size=10)
    print(*files(), flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
'''


@context.scenario("tracker.unlinks", needs=("shared_memory", "spawn"))
def leaked_objects(mp):
    """With spawn and forkserver, semaphores and shared memory that killed processes leave behind are removed once all
    processes have ended, and no earlier.
    """
    if not os.path.isdir("/dev/shm"):
        unproven("there is no /dev/shm, so what is left behind cannot be seen")
    method = "spawn" if mp.get_start_method() == "fork" else mp.get_start_method()
    with tempfile.TemporaryDirectory() as directory, fifo(os.path.join(directory, "errors")) as errors:
        ended = program(LEAVER, errors.name, method)
        errors.read()  # to the end: then all possible writers have ended, including the tracker
    left, lost, more = [line.split(" ") if line else [] for line in ended.output.split("\n")[:3]]
    remaining = [file for file in left + more if os.path.exists(file)]
    for file in remaining:
        os.unlink(file)
    assert lost == []  # when the child died, while the program continued
    assert remaining == []
    assert len(more) == 2


@contextmanager
def fifo(path):
    """A named pipe that is open for reading and has no writer yet."""
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
    """An executable that runs Python and leaves a mark in its environment."""
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
    """With the spawn start method, child processes run the executable passed to set_executable()."""
    with another_executable() as path:
        assert printed(EXECUTABLE, path, "str") == ["True"]


@context.scenario("set_executable.path-like", doc=SET_EXECUTABLE, since=(3, 11))
def a_path_of_an_executable(mp):
    """set_executable() accepts the executable as a path-like object."""
    with another_executable() as path:
        assert printed(EXECUTABLE, path, "path") == ["True"]


def tell_executable(conn):
    conn.send((sys.executable, sys.version))


@context.scenario("set_executable.default", doc=SET_EXECUTABLE)
def the_default_executable(mp):
    """With the spawn start method, child processes run sys.executable unless set_executable() has been called."""
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
    """With the forkserver start method, modules passed to set_forkserver_preload() are already imported when a child
    starts.
    """
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


@context.scenario(
    "set_forkserver_preload.of-the-program",
    doc=PRELOAD,
    doubt="the manual promises an attempt, and does not say that the server imports from where the program does",
)
def modules_of_the_program(mp):
    """Modules passed to set_forkserver_preload() are found beside the main module and in directories that the program
    has added to sys.path.
    """
    assert printed(OF_THE_PROGRAM) == ["beside elsewhere"]


@context.scenario("set_forkserver_preload.ignored", doc=PRELOAD)
def unknown_modules(mp):
    """set_forkserver_preload() silently skips modules that cannot be imported, and the other modules are imported."""
    ended = program(PRELOADED, "no_such_module colorsys")
    assert (ended.status, ended.output) == (0, "colorsys\n")
    assert "no_such_module" not in ended.errors


@context.scenario("set_forkserver_preload.ignores", doc=PRELOAD, since=(3, 15))
def on_error_ignore(mp):
    """set_forkserver_preload(module_names, on_error="ignore") silently skips modules that cannot be imported, and the
    other modules are imported.
    """
    ended = program(PRELOADED, "no_such_module colorsys", "ignore")
    assert (ended.status, ended.output) == (0, "colorsys\n")
    assert "no_such_module" not in ended.errors


@context.scenario("set_forkserver_preload.warns", doc=PRELOAD, since=(3, 15))
def on_error_warn(mp):
    """set_forkserver_preload(module_names, on_error="warn") causes an ImportWarning on standard error if a module
    cannot be imported, and the other modules are imported.
    """
    ended = program(PRELOADED, "no_such_module colorsys", "warn")
    assert (ended.status, ended.output) == (0, "colorsys\n")
    assert "ImportWarning" in ended.errors
    assert "no_such_module" in ended.errors


@context.scenario("set_forkserver_preload.fails", doc=PRELOAD, since=(3, 15))
def on_error_fail(mp):
    """set_forkserver_preload(module_names, on_error="fail") ends the server with a traceback if a module cannot be
    imported, and start() raises EOFError or ConnectionError.
    """
    ended = program(PRELOADED, "no_such_module colorsys", "fail")
    assert (ended.status, ended.output) == (0, "broken\n")
    assert "ModuleNotFoundError" in ended.errors
    assert "no_such_module" in ended.errors


@context.scenario("freeze_support.no-effect", doc="multiprocessing.freeze_support")
def not_frozen(mp):
    """freeze_support() has no effect if the program is not frozen, whatever its command-line arguments are."""
    source = "print(mp.freeze_support(), mp.get_start_method(allow_none=True), mp.active_children())"
    assert printed(source, "--multiprocessing-fork", "pipe_handle=0") == ["None None []"]
