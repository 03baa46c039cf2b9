"""Joining: how a process waits for the end of another, and how processes that have ended are reaped.

This covers join() and is_alive(), and start(), which reaps as well.
"""

import os
import shutil
import signal
import sys
from time import monotonic

from conformance import arg, child, module, raises, unproven
from specs.processes.processes import GUIDELINES, PROCESS, heard, nothing, spec, started, waiting
from specs.synchronization.timeouts import DOUBT, ENDLESS

JOIN, IS_ALIVE = PROCESS + ".join", PROCESS + ".is_alive"


SLACK = 0.001  # seconds: the tolerance for clocks at a deadline


def wait_for_end(mp, p):
    """Waits until the process has ended, without joining it."""
    if not hasattr(os, "waitid"):
        unproven("this Python has no os.waitid(), which waits for the end of a process without joining it")
    try:
        os.waitid(os.P_PID, p.pid, os.WEXITED | os.WNOWAIT)
    except ChildProcessError:  # it was started by a fork server, and the sentinel shows its end
        module(mp, "connection").wait([p.sentinel])


def is_zombie(pid):
    """Whether the process has ended and has not been reaped."""
    try:
        return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT | os.WNOHANG) is not None
    except ChildProcessError:
        return False


@spec.scenario("start.joins", doc=GUIDELINES)
def start_joins_the_completed(mp):
    """Process.start() joins every child process that has ended without being joined."""
    with child(mp, nothing) as p:
        wait_for_end(mp, p)
        with child(mp, nothing):
            assert is_zombie(p.pid) is False
    assert p.exitcode == 0


@spec.scenario("is_alive.joins", doc=GUIDELINES)
def is_alive_joins(mp):
    """Process.is_alive() joins a process that has ended, and returns False."""
    with child(mp, nothing) as p:
        wait_for_end(mp, p)
        assert p.is_alive() is False
        assert is_zombie(p.pid) is False


@spec.scenario("is_alive.running", doc=IS_ALIVE)
def alive_while_it_runs(mp):
    """Process.is_alive() returns True from the return of start() until the process ends, and False before and
    afterwards.
    """
    assert mp.Process(target=nothing).is_alive() is False
    with waiting(mp) as (p, go):
        assert (p.is_alive(), p.is_alive()) == (True, True)
        go()
        p.join()
        assert (p.is_alive(), p.is_alive()) == (False, False)


@spec.scenario("join.waits", doc=JOIN, explicit=arg.one_of(False, True))
def join_waits(mp, explicit):
    """Process.join() without a timeout, or with None, waits until the process has ended, and returns None."""
    with waiting(mp) as (p, go):
        go()
        assert (p.join(None) if explicit else p.join()) is None
        assert (p.exitcode, p.is_alive()) == (0, False)


@spec.scenario("join.expires", doc=JOIN, timeout=arg.one_of(arg.SHORT, 0.03), named=arg.one_of(False, True))
def join_expires(mp, timeout, named):
    """Process.join() returns None once timeout seconds have elapsed, and no earlier, if the process is still running,
    and exitcode is then None.
    """
    with waiting(mp) as (p, _):
        start = monotonic()
        assert (p.join(timeout=timeout) if named else p.join(timeout)) is None
        assert monotonic() - start >= timeout - SLACK
        assert p.exitcode is None


@spec.scenario("join.in-time", doc=JOIN)
def join_before_the_timeout(mp):
    """Process.join(timeout) returns None as soon as the process has ended, and exitcode then reports its exit code."""
    with waiting(mp) as (p, go):
        go()
        assert p.join(arg.LONG) is None
        assert p.exitcode == 0


@spec.scenario("join.month", doc=JOIN)
def a_month_to_join(mp):
    """Process.join() accepts a timeout of a month."""
    with child(mp, int) as process:
        process.join(arg.MONTH)
        assert process.exitcode == 0


@spec.scenario("join.endless", doc=JOIN, doubt=DOUBT)
def join_with_an_endless_timeout(mp):
    """Process.join() accepts a timeout as long as three centuries, or infinite."""
    for timeout in ENDLESS:
        with child(mp, nothing) as process:
            process.join(timeout)
            assert process.exitcode == 0


@spec.scenario("join.again", doc=JOIN)
def join_many_times(mp):
    """Process.join() can be called many times, with and without a timeout, and exitcode does not change."""
    with child(mp, sys.exit, 3) as p:
        assert [p.join(), p.join(), p.join(arg.SHORT), p.join(arg.LONG), p.join()] == [None] * 5
        assert (p.exitcode, p.exitcode) == (3, 3)


@spec.scenario("join.early", doc=JOIN, timeout=arg.one_of(None, arg.SHORT))
def join_before_start(mp, timeout):
    """Process.join() raises an exception if the process has not been started."""
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
    """Process.join() raises an exception if a process, the main process or a child, tries to join itself."""
    with raises(Exception):
        mp.current_process().join()
    receiver, sender = mp.Pipe(False)
    with receiver:
        with sender, child(mp, join_itself, mp, sender):
            pass
        assert heard(receiver) == ["refused"]


def become_cat(source, sink):
    os.dup2(source.fileno(), 0)
    os.dup2(sink.fileno(), 1)
    os.execvp("cat", ["cat"])


@spec.scenario("join.replaced", doc=JOIN)
def join_after_exec(mp):
    """Process.join() returns once timeout seconds have elapsed even if the process has replaced its program with
    os.exec*() and is still running.
    """
    if shutil.which("cat") is None:
        unproven("there is no program cat to replace the process's own")
    source, feed = mp.Pipe(False)
    echo, sink = mp.Pipe(False)
    with feed, echo, child(mp, become_cat, source, sink) as p:
        source.close()
        sink.close()
        os.write(feed.fileno(), b"x")
        assert os.read(echo.fileno(), 1) == b"x"  # the other program is running
        p.join(arg.SHORT)
        assert p.exitcode is None
        feed.close()
    assert p.exitcode == 0


def reap_all(signum, frame):
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def start_and_let_reap(mp, how):
    """Starts a process that ends at once, and is reaped by code that knows nothing of it; returns it once joined."""
    if how == "ignored":
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    elif how == "handled":
        signal.signal(signal.SIGCHLD, reap_all)
    p = mp.Process(target=nothing)
    p.start()
    if how == "waited for":
        try:
            os.waitpid(p.pid, 0)
        except ChildProcessError:
            pass  # a fork server reaps it
    p.join()
    return p


def report_reaped(mp, how, question, conn):
    p = start_and_let_reap(mp, how)
    try:
        conn.send({"is_alive": p.is_alive, "exitcode": lambda: p.exitcode, "close": p.close}[question]())
    except ValueError as error:
        conn.send(error)


def ask_about_reaped(mp, how, question):
    """Answers a question about a process that its creator has joined and other code of the creator has reaped."""
    receiver, sender = mp.Pipe(False)
    with receiver, sender, child(mp, report_reaped, mp, how, question, sender):
        return receiver.recv()


ways = arg.one_of("waited for", "ignored", "handled")


@spec.scenario("is_alive.reaped", doc=IS_ALIVE, how=ways)
def alive_after_it_was_reaped(mp, how):
    """Process.is_alive() returns False after join(), even if other code has reaped the process: os.waitpid(), a handler
    of SIGCHLD, or the system because SIGCHLD is ignored.
    """
    assert ask_about_reaped(mp, how, "is_alive") is False


@spec.scenario("exitcode.reaped", doc=PROCESS + ".exitcode", how=ways)
def exitcode_after_it_was_reaped(mp, how):
    """Process.exitcode is not None after join(), even if other code has reaped the process."""
    assert ask_about_reaped(mp, how, "exitcode") is not None


@spec.scenario("close.reaped", doc=PROCESS + ".close", how=ways)
def close_after_it_was_reaped(mp, how):
    """Process.close() succeeds after join(), even if other code has reaped the process."""
    assert ask_about_reaped(mp, how, "close") is None
