"""Lifetimes of processes: how one ends another, learns of its end, and lets go of what it needed for that.

Here are terminate, kill, interrupt, sentinel and close; ``processes`` and ``process_families`` have the rest.
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
    """Waits, and tells of every kind of tidying up at the end."""
    for name in ignored:
        signal.signal(getattr(signal, name), signal.SIG_IGN)
    atexit.register(sender.send, "exit handler")
    try:
        sender.send("ready")
        receiver.recv()
    finally:
        sender.send("finally")


def words_of_the_ended(mp, end, *ignored):
    """What a process says that ``end`` ends while it waits, and its exit code."""
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
    """terminate() ends a process that waits; its exit code is that of SIGTERM."""
    _, exitcode = words_of_the_ended(mp, lambda p: p.terminate())
    assert exitcode == -signal.SIGTERM


@spec.scenario("terminate.untidy", doc=TERMINATE)
def terminate_is_untidy(mp):
    """A process that is terminated runs neither its finally clauses nor its exit handlers."""
    words, _ = words_of_the_ended(mp, lambda p: p.terminate())
    assert words == []


@spec.scenario("kill.ends", doc=KILL)
def kill_ends(mp):
    """kill() ends a process that ignores every signal that can be ignored; its exit code is that of SIGKILL."""
    _, exitcode = words_of_the_ended(mp, lambda p: p.kill(), "SIGTERM", "SIGINT", "SIGHUP")
    assert exitcode == -signal.SIGKILL


@spec.scenario("kill.untidy", doc=KILL)
def kill_is_untidy(mp):
    """A process that is killed runs neither its finally clauses nor its exit handlers."""
    words, _ = words_of_the_ended(mp, lambda p: p.kill())
    assert words == []


def handle(name, status, receiver, sender):
    """Waits with a handler that ends the process; it is called before the loop is over, if there is a signal."""
    signal.signal(getattr(signal, name), lambda signum, frame: sys.exit(status))
    sender.send("ready")
    receiver.recv()
    for _ in range(1000):
        pass


def exitcode_of_a_handler(mp, name, end):
    """The exit code of a process whose handler of the signal exits with 42; 0 if that is not called.

    The message comes after the signal: without it, a signal that arrives just before the process
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
    """What terminate() sends is SIGTERM, which the process may handle."""
    assert exitcode_of_a_handler(mp, "SIGTERM", lambda p: p.terminate()) == 42


def answer(receiver, sender):
    sender.send("ready")
    sender.send(receiver.recv())


def have_a_child(mp, receiver, sender, held):
    with child(mp, answer, receiver, sender):
        held.recv()


def orphan_answers(mp, end):
    """What a grandchild of this process answers, after ``end`` has ended the child that is its creator."""
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
        return heard(answers)  # until the grandchild has ended, too


@spec.scenario("terminate.orphans", doc=TERMINATE)
def terminate_makes_orphans(mp):
    """The children of a process that is terminated are not: they go on as orphans."""
    assert orphan_answers(mp, lambda p: p.terminate()) == ["still there"]


@spec.scenario("kill.orphans", doc=KILL)
def kill_makes_orphans(mp):
    """The children of a process that is killed are not: they go on as orphans."""
    assert orphan_answers(mp, lambda p: p.kill()) == ["still there"]


def be_interrupted(ignored, receiver, sender, reaction):
    """Waits, and tells how the KeyboardInterrupt was met that comes before the loop is over."""
    if ignored:  # by the shell that started all this in the background
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
    """What a process says that is interrupted while it waits, and its exit code."""
    held, holder = mp.Pipe(False)
    receiver, sender = mp.Pipe(False)
    ignored = signal.getsignal(signal.SIGINT) == signal.SIG_IGN
    with held, holder, receiver:
        with sender, child(mp, be_interrupted, ignored, held, sender, reaction) as p:
            sender.close()
            assert receiver.recv() == "ready"
            p.interrupt()
            holder.send("go")  # for the reason that is told above
            p.join()
        return heard(receiver), p.exitcode


@spec.scenario("interrupt.raises", doc=INTERRUPT, since=(3, 14))
def interrupt_raises(mp):
    """interrupt() raises KeyboardInterrupt in the process, which ends it, tidily, with the exit code 1."""
    assert interrupted(mp, "raise") == (["interrupted", "finally"], 1)


@spec.scenario("interrupt.caught", doc=INTERRUPT, since=(3, 14))
def interrupt_is_caught(mp):
    """A process that catches KeyboardInterrupt and discards it is not ended by interrupt()."""
    assert interrupted(mp, "discard") == (["interrupted", "finally"], 0)


@spec.scenario("interrupt.exits", doc=INTERRUPT, since=(3, 14))
def interrupt_exits(mp):
    """A process that catches KeyboardInterrupt may exit with an exit code of its own."""
    assert interrupted(mp, "exit") == (["interrupted", "finally"], 42)


@spec.scenario("interrupt.signal", doc=INTERRUPT, since=(3, 14))
def interrupt_sends_sigint(mp):
    """What interrupt() sends is SIGINT, for which the process may set another handler."""
    assert exitcode_of_a_handler(mp, "SIGINT", lambda p: p.interrupt()) == 42


@spec.scenario("sentinel.waits", doc=SENTINEL, killed=arg.one_of(False, True))
def sentinel_is_waited_for(mp, killed):
    """The sentinel is ready for connection.wait() when the process has ended, however, and not while it runs."""
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
    """The sentinel is a file descriptor, which select() finds readable when the process has ended."""
    receiver, sender = mp.Pipe(False)
    with receiver, sender, child(mp, wait_for_word, receiver) as p:
        assert select.select([p.sentinel], [], [], 0)[0] == []
        sender.send("go")
        assert select.select([p.sentinel], [], [])[0] == [p.sentinel]


@spec.scenario("sentinel.several", doc=SENTINEL)
def sentinel_among_others(mp):
    """Among sentinels and connections, connection.wait() finds the sentinels of processes that have ended."""
    receiver, sender = mp.Pipe(False)
    with receiver, sender, child(mp, wait_for_word, receiver) as waiting, child(mp, nothing) as p:
        several = [waiting.sentinel, p.sentinel, receiver]
        assert module(mp, "connection").wait(several) == [p.sentinel]
        sender.send("go")


@spec.scenario("sentinel.orphans", doc=SENTINEL)
def sentinel_of_a_parent(mp):
    """The sentinel is ready when the process itself has ended, although a child of its own goes on."""
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
    """close() raises ValueError while the process is running, and leaves the object as it is."""
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
    """After close(), what needs the underlying process raises ValueError."""
    p = mp.Process(target=nothing)
    with started(p):
        pass
    signals = [name for name in ("kill", "interrupt") if hasattr(p, name)]  # clauses of their own promise them
    p.close()
    # The manual says most methods and attributes. Of these, no use is left without resources.
    for name in ("start", "join", "is_alive", "terminate", *signals):
        with raises(ValueError):
            getattr(p, name)()
    for name in "pid", "exitcode", "sentinel":
        with raises(ValueError):
            getattr(p, name)


def descriptors():
    """How many descriptors this process has open."""
    return len(os.listdir("/dev/fd"))


@spec.scenario("close.releases", doc=CLOSE)
def close_releases(mp):
    """close() releases all resources: of a process that has been closed, no descriptor stays open."""
    closed, counts = [], []
    for _ in range(2):  # a tracker of resources, or a fork server, may start with the first, and stay
        with child(mp, nothing) as p:
            pass
        p.close()
        closed.append(p)
        gc.collect()
        counts.append(descriptors())
    assert max(counts) == counts[0]
