"""Lifetimes of processes: how one process ends another, learns of its end, and releases what this required.

This covers terminate, kill, interrupt, sentinel and close; ``processes`` and ``families`` have the rest.
"""

import atexit
import gc
import os
import select
import signal
import sys

from conformance import Spec, arg, child, kill, module, raises
from specs.processes.processes import PROCESS, heard, nothing, started, wait_for_word

TERMINATE, KILL, INTERRUPT = PROCESS + ".terminate", PROCESS + ".kill", PROCESS + ".interrupt"
SENTINEL, CLOSE = PROCESS + ".sentinel", PROCESS + ".close"

spec = Spec("lifetime", documents=PROCESS)


def end_tidily(receiver, sender, ignored):
    """Waits, and reports each kind of cleanup that runs at the end."""
    for name in ignored:
        signal.signal(getattr(signal, name), signal.SIG_IGN)
    atexit.register(sender.send, "exit handler")
    try:
        sender.send("ready")
        receiver.recv()
    finally:
        sender.send("finally")


def words_of_the_ended(mp, end, *ignored):
    """The messages of a process that ``end`` ends while it waits, and its exit code."""
    receiver, sender = mp.Pipe(False)
    held, holder = mp.Pipe(False)
    with receiver, held, holder:
        with sender, child(mp, end_tidily, held, sender, ignored) as p:
            sender.close()
            assert receiver.recv() == "ready"
            assert p.exitcode is None
            end(p)
            p.join()
        return heard(receiver), p.exitcode


@spec.scenario("terminate.ends", doc=TERMINATE)
def terminate_ends(mp):
    """Process.terminate() ends a process that is waiting, and its exitcode is then -SIGTERM."""
    _, exitcode = words_of_the_ended(mp, lambda p: p.terminate())
    assert exitcode == -signal.SIGTERM


@spec.scenario("terminate.untidy", doc=TERMINATE)
def terminate_is_untidy(mp):
    """A process ended by Process.terminate() runs neither its finally clauses nor its exit handlers."""
    words, _ = words_of_the_ended(mp, lambda p: p.terminate())
    assert words == []


@spec.scenario("kill.ends", doc=KILL)
def kill_ends(mp):
    """Process.kill() ends a process that ignores SIGTERM, SIGINT and SIGHUP, and its exitcode is then -SIGKILL."""
    _, exitcode = words_of_the_ended(mp, lambda p: p.kill(), "SIGTERM", "SIGINT", "SIGHUP")
    assert exitcode == -signal.SIGKILL


@spec.scenario("kill.untidy", doc=KILL)
def kill_is_untidy(mp):
    """A process ended by Process.kill() runs neither its finally clauses nor its exit handlers."""
    words, _ = words_of_the_ended(mp, lambda p: p.kill())
    assert words == []


def handle(name, status, receiver, sender):
    """Waits with a handler that ends the process; a signal reaches the handler before the loop is over."""
    signal.signal(getattr(signal, name), lambda signum, frame: sys.exit(status))
    sender.send("ready")
    receiver.recv()
    for _ in range(1000):
        pass


def exitcode_of_a_handler(mp, name, end):
    """The exit code of a process whose handler of the signal exits with 42; 0 if the handler is not called.

    The message follows the signal: without it, a signal that arrives just before the process
    begins to wait would be handled only after the wait.
    """
    held, holder = mp.Pipe(False)
    receiver, sender = mp.Pipe(False)
    with held, holder, receiver, sender, child(mp, handle, name, 42, held, sender) as p:
        assert receiver.recv() == "ready"
        end(p)
        holder.send("go")
        p.join()
        return p.exitcode


@spec.scenario("terminate.signal", doc=TERMINATE)
def terminate_sends_sigterm(mp):
    """Process.terminate() sends SIGTERM, which the process may handle."""
    assert exitcode_of_a_handler(mp, "SIGTERM", lambda p: p.terminate()) == 42


def answer(receiver, sender):
    sender.send("ready")
    sender.send(receiver.recv())


def have_a_child(mp, receiver, sender, held):
    with child(mp, answer, receiver, sender):
        held.recv()


def orphan_answers(mp, end):
    """What a grandchild of this process answers, after ``end`` has ended the child that created it."""
    theirs, questions = mp.Pipe(False)
    answers, sender = mp.Pipe(False)
    held, holder = mp.Pipe(False)
    with questions, answers, held, holder:
        with theirs, sender, child(mp, have_a_child, mp, theirs, sender, held) as p:
            theirs.close()
            sender.close()
            assert answers.recv() == "ready"
            end(p)
            p.join()
        questions.send("still there")
        return heard(answers)  # until the grandchild has ended as well


@spec.scenario("terminate.orphans", doc=TERMINATE)
def terminate_makes_orphans(mp):
    """The children of a process ended by Process.terminate() are not terminated, and continue as orphans."""
    assert orphan_answers(mp, lambda p: p.terminate()) == ["still there"]


@spec.scenario("kill.orphans", doc=KILL)
def kill_makes_orphans(mp):
    """The children of a process ended by Process.kill() are not killed, and continue as orphans."""
    assert orphan_answers(mp, lambda p: p.kill()) == ["still there"]


def be_interrupted(ignored, receiver, sender, reaction):
    """Waits, and reports its reaction to the KeyboardInterrupt that comes before the loop is over."""
    if ignored:  # by the shell that started all of this in the background
        signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        sender.send("ready")
        receiver.recv()
        for _ in range(1000):
            pass
    except KeyboardInterrupt:
        sender.send("interrupted")
        if reaction == "exit":
            sys.exit(42)
        if reaction == "raise":
            raise
    finally:
        sender.send("finally")


def interrupted(mp, reaction):
    """The messages of a process that is interrupted while it waits, and its exit code."""
    held, holder = mp.Pipe(False)
    receiver, sender = mp.Pipe(False)
    ignored = signal.getsignal(signal.SIGINT) == signal.SIG_IGN
    with held, holder, receiver:
        with sender, child(mp, be_interrupted, ignored, held, sender, reaction) as p:
            sender.close()
            assert receiver.recv() == "ready"
            p.interrupt()
            holder.send("go")  # for the reason given above
            p.join()
        return heard(receiver), p.exitcode


@spec.scenario("interrupt.raises", doc=INTERRUPT, since=(3, 14))
def interrupt_raises(mp):
    """Process.interrupt() raises KeyboardInterrupt in the process, which runs its finally clauses and ends with exit
    code 1 if the exception propagates.
    """
    assert interrupted(mp, "raise") == (["interrupted", "finally"], 1)


@spec.scenario("interrupt.caught", doc=INTERRUPT, since=(3, 14))
def interrupt_is_caught(mp):
    """Process.interrupt() does not end a process that catches KeyboardInterrupt and discards it."""
    assert interrupted(mp, "discard") == (["interrupted", "finally"], 0)


@spec.scenario("interrupt.exits", doc=INTERRUPT, since=(3, 14))
def interrupt_exits(mp):
    """A process that catches the KeyboardInterrupt of Process.interrupt() may exit with an exit code of its own."""
    assert interrupted(mp, "exit") == (["interrupted", "finally"], 42)


@spec.scenario("interrupt.signal", doc=INTERRUPT, since=(3, 14))
def interrupt_sends_sigint(mp):
    """Process.interrupt() sends SIGINT, which the process may handle."""
    assert exitcode_of_a_handler(mp, "SIGINT", lambda p: p.interrupt()) == 42


@spec.scenario("sentinel.waits", doc=SENTINEL, killed=arg.one_of(False, True))
def sentinel_is_waited_for(mp, killed):
    """Process.sentinel is ready for connection.wait() once the process has ended or been killed, even after join(), and
    not while the process is running.
    """
    wait = module(mp, "connection").wait
    receiver, sender = mp.Pipe(False)
    with receiver, sender, child(mp, wait_for_word, receiver) as p:
        assert wait([p.sentinel], 0) == []
        if killed:
            kill(p.pid)
        else:
            sender.send("go")
        assert wait([p.sentinel]) == [p.sentinel]
        p.join()
        assert wait([p.sentinel]) == [p.sentinel]


@spec.scenario("sentinel.selects", doc=SENTINEL)
def sentinel_is_selected(mp):
    """Process.sentinel is a file descriptor that select.select() reports as readable once the process has ended, and no
    earlier.
    """
    receiver, sender = mp.Pipe(False)
    with receiver, sender, child(mp, wait_for_word, receiver) as p:
        assert select.select([p.sentinel], [], [], 0)[0] == []
        sender.send("go")
        assert select.select([p.sentinel], [], [])[0] == [p.sentinel]


@spec.scenario("sentinel.several", doc=SENTINEL)
def sentinel_among_others(mp):
    """wait() of multiprocessing.connection accepts sentinels and connections together, and returns the sentinels of
    processes that have ended.
    """
    receiver, sender = mp.Pipe(False)
    with receiver, sender, child(mp, wait_for_word, receiver) as waiting, child(mp, nothing) as p:
        several = [waiting.sentinel, p.sentinel, receiver]
        assert module(mp, "connection").wait(several) == [p.sentinel]
        sender.send("go")


@spec.scenario("sentinel.orphans", doc=SENTINEL)
def sentinel_of_a_parent(mp):
    """Process.sentinel is ready once the process itself has ended, even if a child of the process continues."""
    held_by_child, end_child = mp.Pipe(False)
    theirs, questions = mp.Pipe(False)
    answers, sender = mp.Pipe(False)
    with held_by_child, end_child, theirs, questions, answers:
        with sender, child(mp, have_a_child, mp, theirs, sender, held_by_child) as p:
            sender.close()
            assert answers.recv() == "ready"
            kill(p.pid)
            assert module(mp, "connection").wait([p.sentinel]) == [p.sentinel]
        questions.send("go")
        assert heard(answers) == ["go"]


@spec.scenario("close.running", doc=CLOSE)
def close_while_running(mp):
    """Process.close() raises ValueError while the process is running, and leaves the object usable."""
    receiver, sender = mp.Pipe(False)
    with receiver, sender, child(mp, wait_for_word, receiver) as p:
        with raises(ValueError):
            p.close()
        assert p.is_alive() is True
        sender.send("go")
        p.join()
        assert p.exitcode == 0


@spec.scenario("close.useless", doc=CLOSE)
def closed_objects_are_useless(mp):
    """start(), join(), is_alive(), terminate(), kill(), interrupt(), pid, exitcode and sentinel of a process raise
    ValueError after close().
    """
    p = mp.Process(target=nothing)
    with started(p):
        pass
    signals = [name for name in ("kill", "interrupt") if hasattr(p, name)]  # other clauses promise that they exist
    p.close()
    # The manual says most methods and attributes. Without the resources, these cannot be of any use.
    for name in ("start", "join", "is_alive", "terminate", *signals):
        with raises(ValueError):
            getattr(p, name)()
    for name in "pid", "exitcode", "sentinel":
        with raises(ValueError):
            getattr(p, name)


def descriptors():
    """How many file descriptors this process has open."""
    return len(os.listdir("/dev/fd"))


@spec.scenario("close.releases", doc=CLOSE)
def close_releases(mp):
    """Process.close() releases all resources that the Process object holds, and leaves no file descriptor open."""
    closed, counts = [], []
    for _ in range(2):  # the first may start a resource tracker or a fork server, which stays
        with child(mp, nothing) as p:
            pass
        p.close()
        closed.append(p)
        gc.collect()
        counts.append(descriptors())
    assert max(counts) == counts[0]
