"""Families of processes: what a process passes on to its children, and what its end does to them.

This covers daemon, authkey, and the end of a process that has children.
"""

import os
import signal
from tempfile import TemporaryDirectory

from conformance import arg, child, program, raises
from specs.processes.lifetimes import spec
from specs.processes.processes import GUIDELINES, PROCESS, heard, nothing, started, wait_for_word

DAEMON, AUTHKEY = PROCESS + ".daemon", PROCESS + ".authkey"


@spec.scenario("daemon.given", doc=DAEMON)
def daemon_is_given(mp):
    """Process.daemon is the boolean passed to the constructor, or the one set before start()."""
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
    """Process.daemon has the same value in the process itself, and Process objects created there inherit it unless they
    are given True or False.
    """
    receiver, sender = mp.Pipe(False)
    with receiver, sender, started(mp.Process(target=tell_flags, args=(mp, sender), daemon=daemon)):
        assert receiver.recv() == (daemon, [daemon, daemon, True, False])


@spec.scenario("daemon.main", doc=DAEMON)
def daemon_by_default(mp):
    """Process.daemon is False for the main process, and by default for Process objects created there."""
    assert mp.current_process().daemon is False
    assert [mp.Process().daemon, mp.Process(daemon=None).daemon] == [False, False]


@spec.scenario("daemon.late", doc=DAEMON)
def daemon_is_set_late(mp):
    """Setting Process.daemon after start() raises an exception and does not change the value."""
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
    """Process.start() raises an exception in a daemonic process, whether the new process would be daemonic or not."""
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
    """The main process terminates its daemonic child processes when it exits."""
    with TemporaryDirectory() as directory:
        path = os.path.join(directory, "fifo")
        os.mkfifo(path)
        reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        try:
            assert program(DAEMONIC, mp.get_start_method(), path)[:2] == (0, "ready\n")
            os.set_blocking(reader, True)
            assert os.read(reader, 1) == b""  # the only process that could write has ended
        finally:
            os.close(reader)


def pause(sender):
    sender.send("ready")
    signal.pause()


def leave_a_daemon(mp, sender, held):
    mp.Process(target=pause, args=(sender,), daemon=True).start()
    held.recv()


NEEDED = """
import atexit, sys, time

def serve(conn, asking):
    asking.close()
    try:
        while True:
            conn.send(conn.recv() + 1)
    except EOFError:
        pass

def ask(conn, gone):
    try:
        gone.recv()  # the main process exits
        until = time.monotonic() + 0.3
        while time.monotonic() < until:
            conn.send(1)
            conn.recv()
        print("answered", flush=True)
    except (EOFError, OSError):
        print("terminated", flush=True)

if __name__ == "__main__":
    mp.set_start_method(sys.argv[1])
    asking, serving = mp.Pipe()
    receiver, sender = mp.Pipe(False)
    mp.Process(target=serve, args=(serving, asking), daemon=True).start()
    serving.close()
    mp.Process(target=ask, args=(asking, receiver)).start()
    asking.close()
    atexit.register(sender.send, "exit")
"""


@spec.scenario("daemon.last", doc=DAEMON)
def daemons_end_last(mp):
    """The main process terminates its daemonic child processes only once its non-daemonic child processes have exited,
    which may need them until then.
    """
    assert program(NEEDED, mp.get_start_method())[:2] == (0, "answered\n")


UNWILLING = """
import signal, sys

def stay(conn, other):
    other.close()
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    conn.send("ready")
    try:
        conn.recv()  # until the main process has exited
    except EOFError:
        pass

if __name__ == "__main__":
    mp.set_start_method(sys.argv[1])
    mine, theirs = mp.Pipe()
    mp.Process(target=stay, args=(theirs, mine), daemon=True).start()
    theirs.close()
    print(mine.recv())
"""


@spec.scenario("daemon.unjoined", doc=DAEMON)
def daemons_are_not_joined(mp):
    """The main process exits without joining its daemonic child processes, even if they ignore SIGTERM."""
    assert program(UNWILLING, mp.get_start_method())[:2] == (0, "ready\n")


@spec.scenario("daemon.ended-below", doc=DAEMON)
def daemons_end_with_any_process(mp):
    """A child process terminates its own daemonic child processes when it exits."""
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
    """A process that exits does not terminate the daemonic processes of its parent."""
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
    """The main process joins its non-daemonic child processes before it exits."""
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
    """A child process joins its own non-daemonic child processes before it exits."""
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
    """Process.authkey of the main process is a non-empty byte string that differs in every program."""
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
    """A process inherits the authkey that its creator had when the Process object was created, and passes the key on to
    Process objects created there.
    """
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
    """Setting Process.authkey to a byte string before start() gives the new process this key, and leaves the key of its
    creator unchanged.
    """
    receiver, sender = mp.Pipe(False)
    mine = bytes(mp.current_process().authkey)
    p = mp.Process(target=tell_key, args=(mp, sender))
    assert p.authkey == mine
    p.authkey = b"of its own"
    assert p.authkey == b"of its own"
    with receiver, sender, started(p):
        assert receiver.recv() == (b"of its own", b"of its own")
    assert mp.current_process().authkey == mine
