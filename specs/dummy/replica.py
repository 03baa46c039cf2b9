"""multiprocessing.dummy: what a replica of the interface has.

The manual says that the module replicates the interface of ``multiprocessing``, and excepts nothing but that
processes are threads. Whoever takes that by its word finds here the names, parameters and results that
programs written for ``multiprocessing`` use.
"""

import sys

from conformance import module, raises
from specs.dummy.dummy import dummy, run
from specs.processes.contexts import NAMES

PROCESS = ("authkey", "close", "kill", "pid", "sentinel", "terminate")
QUEUE = ("cancel_join_thread", "close", "join_thread")
CONNECTION = ("fileno", "recv_bytes_into")


def missing(thing, *names):
    """Which of these attributes a thing has not, without looking at their values."""
    return [name for name in names if name not in dir(thing)]


@dummy.scenario("replica.names")
def names_of_the_package(mp):
    """It has all classes, functions and exceptions that the package has."""
    assert missing(module(mp, "dummy"), *NAMES) == []


@dummy.scenario("replica.process")
def members_of_a_process(mp):
    """A process has a pid, an authkey and a sentinel, and can be closed, terminated and killed."""
    assert missing(module(mp, "dummy").Process(), *PROCESS) == []


@dummy.scenario("replica.exitcode")
def exit_code_of_a_failure(mp):
    """The exit code of a process whose target has raised is 1."""
    ended = run(module(mp, "dummy"), lambda: sys.exit("told to nobody"))
    assert ended.exitcode == 1


@dummy.scenario("replica.queue")
def members_of_a_queue(mp):
    """A queue can be closed, and its thread joined or not."""
    assert missing(module(mp, "dummy").Queue(), *QUEUE) == []


@dummy.scenario("replica.connection")
def members_of_a_connection(mp):
    """A connection has a descriptor, and receives bytes into a buffer."""
    one, _ = module(mp, "dummy").Pipe()
    assert missing(one, *CONNECTION) == []


@dummy.scenario("replica.slices")
def slices_of_bytes(mp):
    """send_bytes() takes an offset and a size."""
    one, other = module(mp, "dummy").Pipe()
    one.send_bytes(b"abcdef", 2, 3)
    assert other.recv_bytes() == b"cde"


@dummy.scenario("replica.closed")
def closed_connections(mp):
    """Calls on a connection that was closed raise OSError."""
    one, _ = module(mp, "dummy").Pipe()
    one.close()
    with raises(OSError):
        one.send("object")


@dummy.scenario("replica.lock")
def parameters_of_a_lock(mp):
    """The first parameter of acquire() is called block."""
    assert module(mp, "dummy").Lock().acquire(block=False) is True


@dummy.scenario("replica.timeout")
def timeout_of_a_lock(mp):
    """The timeout of acquire() can be None, which is its default, and negative ones count as zero."""
    lock = module(mp, "dummy").Lock()
    assert lock.acquire(True, None) is True
    assert lock.acquire(True, -2.5) is False


@dummy.scenario("replica.value")
def values_without_initial_values(mp):
    """Value() needs no initial value, and Array() takes a size."""
    mpd = module(mp, "dummy")
    assert mpd.Value("i").value == 0
    assert mpd.Array("i", 3)[:] == [0, 0, 0]


@dummy.scenario("replica.value-lock")
def values_have_locks(mp):
    """Values and arrays have get_lock() and get_obj()."""
    mpd = module(mp, "dummy")
    assert missing(mpd.Value("i", 0), "get_lock", "get_obj") == []
    assert missing(mpd.Array("i", [1]), "get_lock", "get_obj") == []


@dummy.scenario("replica.manager")
def managers_are_context_managers(mp):
    """A manager is a context manager."""
    assert missing(module(mp, "dummy").Manager(), "__enter__", "__exit__") == []
