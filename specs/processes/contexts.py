"""Contexts: what they have, and how a start method is chosen; what each of them does is in ``start_methods``.

What can be set only once belongs to a whole process, so that is told by programs of their own.
What is said of one start method in particular holds in a program that uses another one, too.
"""

import os
import sys

from conformance import Spec, arg, child, program, raises

PAGE = "library/multiprocessing#"
START_METHODS, GLOBAL_START_METHOD = PAGE + "contexts-and-start-methods", PAGE + "global-start-method"
GET_CONTEXT, GET_START_METHOD = "multiprocessing.get_context", "multiprocessing.get_start_method"
SET_START_METHOD = "multiprocessing.set_start_method"
ALL_START_METHODS = "multiprocessing.get_all_start_methods"

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
    needs=("spawn", "forkserver"),
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
