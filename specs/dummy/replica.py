"""multiprocessing.dummy: what a replica of the interface has.

The manual says that the module replicates the interface of ``multiprocessing``, with the sole exception that
processes are threads. This file takes the manual at its word and states the names, parameters, and results that
programs written for ``multiprocessing`` rely on.
"""

import sys

from conformance import module, raises
from specs.dummy.dummy import dummy, run
from specs.processes.contexts import NAMES

PROCESS = ("authkey", "close", "kill", "pid", "sentinel", "terminate")
QUEUE = ("cancel_join_thread", "close", "join_thread")
CONNECTION = ("fileno", "recv_bytes_into")


def missing(thing, *names):
    """Returns the names of the attributes that an object lacks, without looking at their values."""
    return [name for name in names if name not in dir(thing)]


@dummy.scenario("replica.names")
def names_of_the_package(mp):
    """The multiprocessing.dummy module has all classes, functions, and exceptions of multiprocessing."""
    assert missing(module(mp, "dummy"), *NAMES) == []


@dummy.scenario("replica.process")
def members_of_a_process(mp):
    """A process has the attributes pid, authkey, and sentinel, and the methods close(), terminate(), and kill()."""
    assert missing(module(mp, "dummy").Process(), *PROCESS) == []


@dummy.scenario("replica.exitcode")
def exit_code_of_a_failure(mp):
    """The attribute exitcode of a process is 1 if its target called sys.exit() with a message."""
    ended = run(module(mp, "dummy"), lambda: sys.exit("told to nobody"))
    assert ended.exitcode == 1


@dummy.scenario("replica.queue")
def members_of_a_queue(mp):
    """A queue has the methods close(), join_thread(), and cancel_join_thread()."""
    assert missing(module(mp, "dummy").Queue(), *QUEUE) == []


@dummy.scenario("replica.connection")
def members_of_a_connection(mp):
    """A connection has the methods fileno() and recv_bytes_into()."""
    one, _ = module(mp, "dummy").Pipe()
    assert missing(one, *CONNECTION) == []


@dummy.scenario("replica.slices")
def slices_of_bytes(mp):
    """send_bytes() accepts an offset and a size, and sends only that part of the bytes."""
    one, other = module(mp, "dummy").Pipe()
    one.send_bytes(b"abcdef", 2, 3)
    assert other.recv_bytes() == b"cde"


@dummy.scenario("replica.closed")
def closed_connections(mp):
    """send() raises OSError if the connection has been closed."""
    one, _ = module(mp, "dummy").Pipe()
    one.close()
    with raises(OSError):
        one.send("object")


@dummy.scenario("replica.lock")
def parameters_of_a_lock(mp):
    """The first parameter of acquire() is named block."""
    assert module(mp, "dummy").Lock().acquire(block=False) is True


@dummy.scenario("replica.timeout")
def timeout_of_a_lock(mp):
    """acquire() accepts a timeout of None, and treats a negative timeout as zero."""
    lock = module(mp, "dummy").Lock()
    assert lock.acquire(True, None) is True
    assert lock.acquire(True, -2.5) is False


@dummy.scenario("replica.value")
def values_without_initial_values(mp):
    """Value() needs no initial value and Array() accepts a size instead of elements; both then start at zero."""
    mpd = module(mp, "dummy")
    assert mpd.Value("i").value == 0
    assert mpd.Array("i", 3)[:] == [0, 0, 0]


@dummy.scenario("replica.value-lock")
def values_have_locks(mp):
    """Values and arrays have the methods get_lock() and get_obj()."""
    mpd = module(mp, "dummy")
    assert missing(mpd.Value("i", 0), "get_lock", "get_obj") == []
    assert missing(mpd.Array("i", [1]), "get_lock", "get_obj") == []


@dummy.scenario("replica.manager")
def managers_are_context_managers(mp):
    """A manager is a context manager."""
    assert missing(module(mp, "dummy").Manager(), "__enter__", "__exit__") == []
