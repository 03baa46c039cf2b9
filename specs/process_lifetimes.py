"""Lifetimes of processes: how one ends another, learns of its end, and what its own end does to its children.

Here are terminate, kill, interrupt, close, sentinel, daemon and authkey; ``processes`` has the rest.
"""

import atexit
import gc
import os
import select
import signal
import sys
from contextlib import contextmanager
from tempfile import TemporaryDirectory

from conformance import Spec, arg, child, kill, module, program, raises

PROCESS = "multiprocessing.Process"
TERMINATE, KILL, INTERRUPT = PROCESS + ".terminate", PROCESS + ".kill", PROCESS + ".interrupt"
SENTINEL, CLOSE, DAEMON, AUTHKEY = PROCESS + ".sentinel", PROCESS + ".close", PROCESS + ".daemon", PROCESS + ".authkey"
GUIDELINES = "library/multiprocessing#all-start-methods"

spec = Spec("lifetime", documents=PROCESS)


@contextmanager
def started(process):
    """As ``child()`` does, for a process that was made otherwise."""
    process.start()
    try:
        yield process
    except BaseException:
        kill(process.pid)
        process.join()
        raise
    process.join()


def nothing():
    """What a process does that is only to end."""


def wait_for_word(conn):
    return conn.recv()


def heard(receiver):
    """All messages until the end of the pipe."""
    messages = []
    try:
        while True:
            messages.append(receiver.recv())
    except EOFError:
        return messages


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
    p.close()
    # The manual says most methods and attributes. Of these, no use is left without resources.
    for name in "start", "join", "is_alive", "terminate", "kill", "interrupt":
        if name != "interrupt" or sys.version_info >= (3, 14):
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


@spec.scenario("daemon.given", doc=DAEMON)
def daemon_is_given(mp):
    """The flag is a boolean: what the constructor was given, or what was set before start()."""
    assert [mp.Process(daemon=flag).daemon for flag in (True, False)] == [True, False]
    p = mp.Process(target=nothing)
    p.daemon = True
    assert p.daemon is True
    p.daemon = False
    assert p.daemon is False


def tell_flags(mp, conn):
    flags = [mp.Process(**options).daemon for options in ({}, {"daemon": None}, {"daemon": True}, {"daemon": False})]
    conn.send((mp.current_process().daemon, flags))


@spec.scenario("daemon.inherited", doc=DAEMON, daemon=arg.one_of(False, True))
def daemon_is_inherited(mp, daemon):
    """The flag holds in the process itself, and is that of the processes made there, unless they are given one."""
    receiver, sender = mp.Pipe(False)
    with receiver, sender, started(mp.Process(target=tell_flags, args=(mp, sender), daemon=daemon)):
        assert receiver.recv() == (daemon, [daemon, daemon, True, False])


@spec.scenario("daemon.main", doc=DAEMON)
def daemon_by_default(mp):
    """The main process is no daemonic process, and neither are those that it makes without saying so."""
    assert mp.current_process().daemon is False
    assert [mp.Process().daemon, mp.Process(daemon=None).daemon] == [False, False]


@spec.scenario("daemon.late", doc=DAEMON)
def daemon_is_set_late(mp):
    """Once the process is started, it is an error to set the flag, and it stays as it is."""
    receiver, sender = mp.Pipe(False)
    with receiver, sender, child(mp, wait_for_word, receiver) as p:
        with raises(Exception):
            p.daemon = True
        assert p.daemon is False
        sender.send("go")


def say(conn, word):
    conn.send(word)


def try_to_start(mp, conn, options):
    p = mp.Process(target=say, args=(conn, "started"), **options)
    try:
        p.start()
    except Exception:
        conn.send("refused")
    else:
        p.join()


@spec.scenario("daemon.childless", doc=DAEMON, explicit=arg.one_of(False, True))
def daemons_have_no_children(mp, explicit):
    """A daemonic process cannot start a process, daemonic or not: start() is an error."""
    receiver, sender = mp.Pipe(False)
    options = {"daemon": False} if explicit else {}
    with receiver:
        with sender, started(mp.Process(target=try_to_start, args=(mp, sender, options), daemon=True)):
            pass
        assert heard(receiver) == ["refused"]


DAEMONIC = """
import signal, sys

def pause(conn, path):
    with open(path, "w"):
        conn.send("ready")
        signal.pause()

if __name__ == "__main__":
    mp.set_start_method(sys.argv[1])
    receiver, sender = mp.Pipe(False)
    mp.Process(target=pause, args=(sender, sys.argv[2]), daemon=True).start()
    print(receiver.recv())
"""


@spec.scenario("daemon.ended", doc=DAEMON)
def daemons_end_with_the_main_process(mp):
    """When the main process exits, it terminates its daemonic processes, and does not wait for them to return."""
    with TemporaryDirectory() as directory:
        path = os.path.join(directory, "fifo")
        os.mkfifo(path)
        reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        try:
            assert program(DAEMONIC, mp.get_start_method(), path)[:2] == (0, "ready\n")
            os.set_blocking(reader, True)
            assert os.read(reader, 1) == b""  # the only one who could write has ended
        finally:
            os.close(reader)


def pause(sender):
    sender.send("ready")
    signal.pause()


def leave_a_daemon(mp, sender, held):
    mp.Process(target=pause, args=(sender,), daemon=True).start()
    held.recv()


@spec.scenario("daemon.ended-below", doc=DAEMON)
def daemons_end_with_any_process(mp):
    """When a process that is not the main process exits, it terminates its daemonic processes, too."""
    receiver, sender = mp.Pipe(False)
    held, holder = mp.Pipe(False)
    with receiver, held, holder:
        with sender, child(mp, leave_a_daemon, mp, sender, held) as p:
            sender.close()
            assert receiver.recv() == "ready"
            holder.send("go")
        assert heard(receiver) == []
    assert p.exitcode == 0


@spec.scenario("daemon.siblings", doc=DAEMON)
def daemons_of_others_stay(mp):
    """A process that exits leaves the daemonic processes of its creator alone."""
    receiver, sender = mp.Pipe(False)
    with receiver, sender, started(mp.Process(target=wait_for_word, args=(receiver,), daemon=True)) as daemon:
        with child(mp, nothing) as p:
            pass
        sender.send("go")
        daemon.join()
    assert (p.exitcode, daemon.exitcode) == (0, 0)


WAITING = """
import sys

def wait(conn):
    word = conn.recv()
    sum(range(2_000_000))  # so that a main process that does not wait is gone
    print("child", word)

if __name__ == "__main__":
    mp.set_start_method(sys.argv[1])
    receiver, sender = mp.Pipe(False)
    mp.Process(target=wait, args=(receiver,)).start()
    print("main", flush=True)
    sender.send("goes on")
"""


@spec.scenario("exit.joins", doc=GUIDELINES)
def the_main_process_joins(mp):
    """A main process that has come to its end exits when all its processes have ended that are not daemonic."""
    ended = program(WAITING, mp.get_start_method())
    assert (ended.status, ended.output.splitlines()) == (0, ["main", "child goes on"])


def say_later(sender, held):
    held.recv()
    sum(range(2_000_000))  # so that a process that does not wait is gone
    sender.send("last words")


def leave_a_child(mp, sender, held, holder):
    mp.Process(target=say_later, args=(sender, held)).start()
    holder.send("go")


@spec.scenario("exit.joins-below", doc=GUIDELINES)
def any_process_joins(mp):
    """A process that is not the main process waits for its processes at its end, too."""
    receiver, sender = mp.Pipe(False)
    held, holder = mp.Pipe(False)
    with receiver, held, holder:
        with sender, child(mp, leave_a_child, mp, sender, held, holder) as p:
            pass
        assert receiver.poll() is True
        assert heard(receiver) == ["last words"]
    assert p.exitcode == 0


@spec.scenario("authkey.random", doc=AUTHKEY)
def authkey_of_the_main_process(mp):
    """The key of a main process is a byte string, and another one in every program."""
    mine = mp.current_process().authkey
    ended = program("print(mp.current_process().authkey.hex())")
    theirs = bytes.fromhex(ended.output)
    assert isinstance(mine, bytes)
    assert min(len(mine), len(theirs)) > 0
    assert (mine == theirs) is False


def tell_key(mp, conn):
    conn.send((bytes(mp.current_process().authkey), bytes(mp.Process().authkey)))


@spec.scenario("authkey.inherited", doc=AUTHKEY)
def authkey_is_inherited(mp):
    """A process has the key that its creator had when the object was made, and hands it on."""
    me = mp.current_process()
    mine = me.authkey
    try:
        me.authkey = b"another key"
        assert me.authkey == b"another key"
        receiver, sender = mp.Pipe(False)
        p = mp.Process(target=tell_key, args=(mp, sender))
        assert (p.authkey, isinstance(p.authkey, bytes)) == (b"another key", True)
    finally:
        me.authkey = mine
    with receiver, sender, started(p):
        assert receiver.recv() == (b"another key", b"another key")


@spec.scenario("authkey.set", doc=AUTHKEY)
def authkey_is_set(mp):
    """The key of a process may be set to another byte string, which it finds; that of its creator stays."""
    receiver, sender = mp.Pipe(False)
    mine = bytes(mp.current_process().authkey)
    p = mp.Process(target=tell_key, args=(mp, sender))
    assert p.authkey == mine
    p.authkey = b"of its own"
    assert p.authkey == b"of its own"
    with receiver, sender, started(p):
        assert receiver.recv() == (b"of its own", b"of its own")
    assert mp.current_process().authkey == mine
