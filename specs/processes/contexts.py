"""Contexts: what they provide, and how a start method is chosen; ``start_methods`` has what each method does.

What can be set only once belongs to a whole process, so it is checked in programs of their own.
What is said of one start method in particular holds in a program that uses another one as well.
"""

import os
import sys

from conformance import Spec, arg, child, program, raises, unproven

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
CLAIMED = tuple("pool.Pool" if name == "Pool" else name for name in NAMES)  # as the manual's index names them

METHODS = "fork", "spawn", "forkserver"

context = Spec("context", documents=START_METHODS)


def printed(source, *arguments):
    """The lines that a program prints, which must exit with status 0."""
    ended = program(source, *arguments)
    if ended.status != 0:
        raise AssertionError("a program ended with status %d: %s" % (ended.status, ended.errors))
    return ended.output.splitlines()


@context.scenario("names", doc="multiprocessing", needs=("get_all_start_methods", *CLAIMED))
def all_names(mp):
    """The multiprocessing module provides all functions, classes and exceptions of its reference, and each of them is
    callable.
    """
    source = "import sys\nprint(*(name for name in sys.argv[1:] if not callable(getattr(mp, name, None))))"
    assert printed(source, "get_all_start_methods", *NAMES) == [""]


@context.scenario("names-of-others", doc=PAGE + "pipes-and-queues")
def no_exceptions_of_queues(mp):
    """The multiprocessing module does not have the names Empty and Full; these exceptions are in the queue module."""
    assert [name for name in ("Empty", "Full") if hasattr(mp, name)] == []


@context.scenario("no-analogues", doc=PAGE + "miscellaneous")
def not_of_threading(mp):
    """The multiprocessing module has no active_count(), enumerate(), settrace(), setprofile(), Timer or local, unlike
    threading.
    """
    missing = "active_count", "enumerate", "settrace", "setprofile", "Timer", "local"
    assert [name for name in missing if hasattr(mp, name)] == []


@context.scenario("errors.base", doc="multiprocessing.ProcessError")
def one_base_of_errors(mp):
    """ProcessError is the base class of BufferTooShort, AuthenticationError and TimeoutError, but not of built-in
    exceptions; none of the three is a subclass of another.
    """
    errors = [mp.BufferTooShort, mp.AuthenticationError, mp.TimeoutError]
    for error in errors:
        assert issubclass(error, mp.ProcessError)
        assert [other for other in errors if issubclass(error, other)] == [error]
    assert issubclass(mp.ProcessError, Exception)
    assert not issubclass(ValueError, mp.ProcessError)


# Contexts


@context.scenario("get_context.names", doc=GET_CONTEXT, needs=CLAIMED)
def a_context_has_all_names(mp):
    """A context provides the functions, classes and exceptions of the multiprocessing module."""
    assert [name for name in NAMES if not callable(getattr(mp, name, None))] == []


@context.scenario("get_context.all-start-methods", doc=GET_CONTEXT)
def a_context_tells_all_start_methods(mp):
    """get_all_start_methods() is available on a context, and returns no names other than fork, spawn and forkserver."""
    assert set(mp.get_all_start_methods()) <= set(METHODS)


@context.scenario("get_context.named", doc=GET_CONTEXT)
def named_contexts(mp):
    """get_context(method) returns a context that uses the given start method, and does not set the global start
    method.
    """
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
    """Whether there is a context with this start method; Windows has only spawn."""
    try:
        return bool(mp.get_context(name))
    except ValueError:
        return False


@context.scenario("get_context.unknown", doc=GET_CONTEXT, name=arg.one_of("", "thread", "Spawn"))
def unknown_contexts(mp, name):
    """get_context(method) raises ValueError if method is not the name of an available start method."""
    with raises(ValueError):
        mp.get_context(name)
    source = "import sys\ntry: print(mp.get_context(sys.argv[1]))\nexcept ValueError: print('ValueError')"
    assert printed(source, name) == ["ValueError"]


@context.scenario("get_context.default", doc=GET_CONTEXT)
def the_default_context(mp):
    """get_context() returns a context of the default start method if none is set, and sets the global start method to
    the default.
    """
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
    """get_context() and get_context(None) return a context of the global start method once it is set."""
    source = """
import sys
mp.set_start_method(sys.argv[1])
print(mp.get_context().get_start_method(), mp.get_context(None).get_start_method())
"""
    method = mp.get_start_method()
    assert printed(source, method) == ["%s %s" % (method, method)]


inherited = []


def how(conn, parent):
    """Sends how this process was started: fork copies variables, and with forkserver, another process is the parent."""
    started = {(1, True): "fork", (0, True): "spawn", (0, False): "forkserver"}
    conn.send(started.get((len(inherited), os.getppid() == parent), "in no known way"))


@context.scenario("get_context.side-by-side", doc=START_METHODS)
def side_by_side(mp):
    """Contexts with different start methods can be used in the same program, and each starts processes with its own
    method.
    """
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
    """With spawn and forkserver, a process given a lock or semaphore of the fork context fails to start or ends with a
    nonzero exit code.
    """
    lock = getattr(mp.get_context("fork"), kind)()
    for method in "spawn", "forkserver":
        process = mp.get_context(method).Process(target=touch, args=(lock,))
        try:
            process.start()
        except Exception:  # the manual does not say which
            continue
        process.join()
        assert process.exitcode != 0


# The global start method


@context.scenario("get_all_start_methods.default-first", doc=ALL_START_METHODS)
def the_default_is_first(mp):
    """get_all_start_methods() returns a list of distinct names, and the first is the default even if another start
    method is set.
    """
    source = """
methods = mp.get_all_start_methods()
print(type(methods).__name__, len(set(methods)) == len(methods), methods[0] == mp.get_start_method())
mp.set_start_method(methods[-1], force=True)
print(mp.get_all_start_methods() == methods)
"""
    assert printed(source) == ["list True True", "True"]


@context.scenario("get_all_start_methods.available", doc=ALL_START_METHODS)
def all_that_are_available(mp):
    """get_all_start_methods() lists exactly the start methods for which get_context() returns a context: all three on
    Linux, and spawn on every platform.
    """
    listed = sorted(printed("print(*mp.get_all_start_methods(), sep='\\n')"))
    assert listed == sorted(name for name in METHODS if available(mp, name))
    assert listed == sorted(METHODS if sys.platform == "linux" else set(listed) | {"spawn"})


@context.scenario("get_start_method.default", doc=START_METHODS)
def defaults(mp):
    """The default start method is spawn on Windows and macOS; elsewhere it is fork before Python 3.14 and forkserver
    since then, or spawn if forkserver is not available.
    """
    if sys.platform in ("win32", "darwin"):
        default = "spawn"
    elif sys.version_info < (3, 14):
        default = "fork"
    else:
        default = "forkserver" if available(mp, "forkserver") else "spawn"
    assert printed("print(mp.get_start_method())") == [default]


@context.scenario("get_start_method.default-without-files", doc=START_METHODS, since=(3, 14))
def no_temporary_directory(mp):
    """Since Python 3.14.9 and 3.15.1, the default start method is spawn if there is no writable temporary directory."""
    if (3, 14) < sys.version_info < (3, 14, 9) or (3, 15) < sys.version_info < (3, 15, 1):
        unproven("this release does not promise it")
    source = "import tempfile\ntempfile.tempdir = '/no/such/directory'\nprint(mp.get_start_method())"
    assert printed(source) == ["spawn"]


@context.scenario("get_start_method.sets-default", doc=GET_START_METHOD)
def asking_sets_the_default(mp):
    """get_start_method() returns the default if no start method is set, and sets the global start method to the
    default.
    """
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
    """get_start_method(allow_none=True) returns None and sets nothing if no start method is set, and otherwise returns
    the start method.
    """
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
    """Processes created by multiprocessing.Process() use the start method that set_start_method() has set."""
    source = """
if __name__ == "__main__":
    inherited = True
    mp.set_start_method(sys.argv[1])
    print_how(mp)
"""
    assert printed(HOW + source, mp.get_start_method()) == [mp.get_start_method()]


@context.scenario("set_start_method.default-starts", doc=GLOBAL_START_METHOD)
def the_default_starts(mp):
    """Processes created by multiprocessing.Process() use the default start method if none is set."""
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
    """set_start_method() raises RuntimeError and changes nothing if a start method is already set, even if method is
    the same one or None.
    """
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
    """set_start_method(method, force=True) sets the start method even if one is already set, and processes then use the
    new one.
    """
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
    """set_start_method(None, force=True) leaves no start method set, and one can then be set without force."""
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
    """set_start_method(None) sets the start method to the default if none is set."""
    source = """
mp.set_start_method(None)
print(mp.get_start_method(allow_none=True) == mp.get_all_start_methods()[0])
try:
    mp.set_start_method("spawn")
except RuntimeError:
    print("set")
"""
    assert printed(source) == ["True", "set"]
