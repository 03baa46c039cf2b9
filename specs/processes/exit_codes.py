"""Exit codes: what the creator of a process learns about how the process ended."""

import builtins
import os
import signal
import sys
import threading

from conformance import arg, child, kill
from specs.processes.joining import wait_for_end
from specs.processes.processes import PROCESS, heard, nothing, spec, wait_for_word, waiting

EXITCODE = PROCESS + ".exitcode"


@spec.scenario("exitcode.none", doc=EXITCODE)
def exitcode_of_the_living(mp):
    """Process.exitcode is None before start() and while the process is running."""
    assert mp.Process(target=nothing).exitcode is None
    with waiting(mp) as (p, _):
        assert (p.exitcode, p.exitcode) == (None, None)


@spec.scenario("exitcode.unjoined", doc=EXITCODE)
def exitcode_without_join(mp):
    """Process.exitcode is the exit code of a process that has ended, even if neither join() nor is_alive() has been
    called.
    """
    with child(mp, sys.exit, 3) as p:
        wait_for_end(mp, p)
        assert p.exitcode == 3


def count_up(ctx, first, exitcodes):
    """Starts processes one after another, each of which ends with a status of its own."""
    for status in range(first, first + 8):
        process = ctx.Process(target=sys.exit, args=(status,))
        process.start()
        process.join()
        exitcodes.append((status, process.exitcode))


@spec.scenario("exitcode.threads", doc=EXITCODE)
def exitcodes_for_threads(mp):
    """With the forkserver start method, Process.exitcode is the code with which the process ended even if several
    threads start and join processes at the same time.
    """
    ctx, exitcodes = mp.get_context("forkserver"), []
    threads = [threading.Thread(target=count_up, args=(ctx, first, exitcodes)) for first in (1, 21, 41, 61)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [(status, found) for status, found in sorted(exitcodes) if found != status] == []


def return_value(value):
    return value


@spec.scenario("exitcode.returned", doc=EXITCODE, value=arg.one_of(None, 3, "text"))
def exitcode_of_a_return(mp, value):
    """Process.exitcode is 0 if run() returns, whatever the target returns."""
    with child(mp, return_value, value) as p:
        pass
    assert (p.exitcode, p.exitcode) == (0, 0)


@spec.scenario("exitcode.exit", doc=EXITCODE, status=arg.one_of(0, 3, 255))
def exitcode_of_an_exit(mp, status):
    """Process.exitcode is N if the process ends with sys.exit(N)."""
    with child(mp, sys.exit, status) as p:
        pass
    assert (p.exitcode, p.exitcode) == (status, status)


@spec.scenario("exitcode.exit-wide", doc=EXITCODE, status=arg.one_of(256, -1, 1 << 31, 1 << 40, -(1 << 40)))
def exitcode_of_a_wide_exit(mp, status):
    """A process that calls sys.exit(N) ends, and never returns from start(), even if the operating system has no exit
    status N.
    """
    creator, p = os.getpid(), mp.Process(target=sys.exit, args=(status,))
    try:
        p.start()
    finally:
        if os.getpid() != creator:
            os._exit(99)
    p.join()
    assert p.is_alive() is False
    assert p.exitcode not in (None, 99)


@spec.scenario("exitcode.exit-none", doc=EXITCODE, explicit=arg.one_of(False, True))
def exitcode_of_an_exit_without_a_status(mp, explicit):
    """Process.exitcode is 0 if the process calls sys.exit() without an argument or with None."""
    args = (None,) if explicit else ()
    with child(mp, sys.exit, *args) as p:
        pass
    assert p.exitcode == 0


class Wire:
    """A standard error stream that sends what is written to it over a connection."""

    def __init__(self, conn):
        self.write = conn.send

    def flush(self):
        pass


def exit_with_text(conn, text):
    sys.stderr = Wire(conn)
    sys.exit(text)


@spec.scenario("exitcode.exit-text", doc=EXITCODE)
def exitcode_of_an_exit_with_text(mp):
    """Process.exitcode is 1 if the process calls sys.exit() with a string, and the string is printed to sys.stderr."""
    receiver, sender = mp.Pipe(False)
    with receiver:
        with sender, child(mp, exit_with_text, sender, "last words") as p:
            pass
        assert "".join(heard(receiver)).strip() == "last words"
    assert p.exitcode == 1


def exit_by_system(status):
    os._exit(status)


@spec.scenario("exitcode.os-exit", doc=EXITCODE, status=arg.one_of(0, 7))
def exitcode_of_a_system_call(mp, status):
    """Process.exitcode is N if the process ends with os._exit(N)."""
    with child(mp, exit_by_system, status) as p:
        pass
    assert p.exitcode == status


def fail(error):
    raise getattr(builtins, error)("in a child")


@spec.scenario("exitcode.exception", doc=EXITCODE, error=arg.one_of("ValueError", "KeyboardInterrupt", "GeneratorExit"))
def exitcode_of_an_exception(mp, error):
    """Process.exitcode is 1 if an exception other than SystemExit propagates out of run()."""
    with child(mp, fail, error) as p:
        pass
    assert (p.exitcode, p.exitcode) == (1, 1)


@spec.scenario("exitcode.signal", doc=EXITCODE, signum=arg.one_of("SIGTERM", "SIGKILL", "SIGUSR1"))
def exitcode_of_a_signal(mp, signum):
    """Process.exitcode is -N if signal N terminates the process."""
    receiver, sender = mp.Pipe(False)
    with receiver, sender, child(mp, wait_for_word, receiver) as p:
        kill(p.pid, getattr(signal, signum))
        p.join()
        assert (p.exitcode, p.exitcode) == (-getattr(signal, signum),) * 2
