"""Pipes: the pair of connections as a whole, and the lifetimes of connections and processes.

The methods of the two connections are in ``connections``, and what they carry is in
``messages``; this module covers directions, the ends of connections and of the processes that
hold them, and connections that are sent to other processes.
"""

import gc
import selectors

from conformance import Frozen, Spec, arg, child, kill, raises

CONNECTION = "multiprocessing.connection.Connection"
RECV, SEND = CONNECTION + ".recv", CONNECTION + ".send"


class Pipe(Frozen):
    """A pair of connected connections; scenarios state everything about it."""

    duplex: bool = True


pipe = Spec("pipe", Pipe, make=lambda mp, **kwargs: mp.Pipe(**kwargs), documents="multiprocessing.Pipe", actors=2)


@pipe.scenario("pair", duplex=arg.one_of(True, False))
def a_pair(mp, duplex):
    """Pipe() returns a tuple of two connections, which are connected to each other and to no other pair."""
    first, second = mp.Pipe(duplex), mp.Pipe(duplex)
    assert (type(first), len(first)) == (tuple, 2)
    for index, (_, sender) in enumerate((first, second)):
        sender.send(index)
    assert [receiver.recv() for receiver, _ in (first, second)] == [0, 1]
    assert [receiver.poll() for receiver, _ in (first, second)] == [False, False]


@pipe.scenario("duplex.both-ways", how=arg.one_of("default", "positional", "named"))
def duplex_goes_both_ways(mp, how):
    """Both ends of a pipe send and receive if duplex is true or omitted, and neither receives its own messages."""
    makers = {"default": mp.Pipe, "positional": lambda: mp.Pipe(True), "named": lambda: mp.Pipe(duplex=True)}
    a, b = makers[how]()
    a.send("from a")
    assert a.poll() is False
    b.send_bytes(b"from b")
    assert a.recv_bytes() == b"from b"
    assert b.recv() == "from a"


@pipe.scenario("simplex.first-receives", named=arg.one_of(True, False))
def the_first_receives(mp, named):
    """The first connection of Pipe() receives what the second sends if duplex is false."""
    receiver, sender = mp.Pipe(duplex=False) if named else mp.Pipe(False)
    sender.send("object")
    sender.send_bytes(b"bytes")
    assert receiver.poll() is True
    assert receiver.recv() == "object"
    assert receiver.recv_bytes() == b"bytes"


@pipe.scenario("simplex.wrong-way")
def no_other_way(mp):
    """Sending on the first connection of Pipe() or receiving on the second raises OSError if duplex is false."""
    receiver, sender = mp.Pipe(False)
    wrong = [
        lambda: receiver.send("object"),
        lambda: receiver.send_bytes(b"bytes"),
        sender.recv,
        sender.recv_bytes,
        lambda: sender.recv_bytes_into(bytearray(9)),
    ]
    for use in wrong:
        with raises(OSError):
            use()
    sender.send("still there")
    assert receiver.recv() == "still there"


@pipe.scenario("context.closes", doc=CONNECTION, failing=arg.one_of(False, True))
def context_closes(mp, failing):
    """A with statement binds the connection itself and closes it at the end of the block; an exception propagates."""
    a, b = mp.Pipe()
    try:
        with a as entered:
            assert entered is a
            a.send("inside")
            if failing:
                raise KeyError("inside")
    except KeyError:
        assert failing
    else:
        assert not failing
    with raises(OSError):
        a.send("outside")
    assert b.recv() == "inside"
    with raises(EOFError):
        b.recv()


def receiver_of_a_forgotten_sender(mp, duplex):
    receiver, sender = mp.Pipe(duplex)
    sender.send("last words")
    return receiver


@pipe.scenario("close.garbage", doc=CONNECTION + ".close", duplex=arg.one_of(True, False))
def garbage_is_closed(mp, duplex):
    """A connection that is garbage collected is closed."""
    receiver = receiver_of_a_forgotten_sender(mp, duplex)
    for _ in range(3):  # where there are no reference counts, a finalizer may need another round
        gc.collect()
    assert receiver.recv() == "last words"
    with raises(EOFError):
        receiver.recv()


@pipe.scenario("fileno.selects", doc=CONNECTION + ".fileno")
def fileno_can_be_selected(mp):
    """fileno() returns a descriptor that is unique to this end, never changes, and is ready when there is a message."""
    a, b = mp.Pipe()
    assert a.fileno() != b.fileno()
    with selectors.DefaultSelector() as selector:
        selector.register(b.fileno(), selectors.EVENT_READ)
        assert selector.select(0) == []
        a.send("message")
        assert [key.fd for key, _ in selector.select()] == [b.fileno()]


def speak_and_end(conn, other, messages, held, ready):
    other.close()
    for obj in messages:
        conn.send(obj)
    ready.send("ready")
    if held:
        conn.recv()


@pipe.scenario("end.eof", doc=RECV, killed=arg.one_of(False, True), messages=arg.lists(0, 4))
def the_end_of_a_process(mp, killed, messages):
    """recv() returns what the process at the other end sent before returning or being killed, then raises EOFError."""
    mine, theirs = mp.Pipe()
    reports, ready = mp.Pipe(False)
    with child(mp, speak_and_end, theirs, mine, messages, killed, ready) as process:
        theirs.close()
        ready.close()
        assert reports.recv() == "ready"
        if killed:
            kill(process.pid)
        process.join()
        assert [mine.recv() for _ in messages] == list(messages)
        with raises(EOFError):
            mine.recv()


def send_large(conn, other, size):
    other.close()
    conn.send_bytes(bytes(size))


@pipe.scenario("end.midway", doc=CONNECTION + ".recv_bytes", duplex=arg.one_of(True, False))
def killed_while_sending(mp, duplex):
    """recv_bytes() neither blocks nor returns a partial message if the sender is killed in the middle of a message."""
    receiver, sender = mp.Pipe(duplex)
    with child(mp, send_large, sender, receiver, 5_000_000) as process:
        sender.close()
        assert receiver.poll(None) is True
        kill(process.pid)
        process.join()
        try:
            got = receiver.recv_bytes()
        except Exception:  # which one is not documented
            pass
        else:  # the system had room for the whole message
            assert len(got) == 5_000_000


def wait_for_eof(conn, other, result):
    other.close()
    try:
        result.send(conn.recv())
    except EOFError:
        result.send("end of file")


@pipe.scenario("end.wakes", doc=RECV, duplex=arg.one_of(True, False))
def closing_wakes(mp, duplex):
    """recv() in another process raises EOFError once the last copy of the other end is closed."""
    receiver, sender = mp.Pipe(duplex)
    results, result = mp.Pipe(False)
    with child(mp, wait_for_eof, receiver, sender, result):
        sender.close()
        result.close()
        assert results.recv() == "end of file"


def echo(conn):
    """Sends back whatever it receives until the other end is closed."""
    try:
        while True:
            conn.send(conn.recv())
    except EOFError:
        pass


def hand_over(conn, kept, given):
    conn.send(given)
    conn.recv()  # the other process has it
    given.close()
    echo(kept)


@pipe.scenario("transfer.works", doc=SEND)
def a_connection_is_sent(mp):
    """A connection sent over another connection refers to the same end of its pipe in the receiving process."""
    mine, theirs = mp.Pipe()
    kept, given = mp.Pipe()
    with child(mp, hand_over, theirs, kept, given):
        kept.close()
        given.close()
        got = mine.recv()
        mine.send("got it")
        for obj in "to the other end", [bytes(100_000)]:
            got.send(obj)
            assert got.recv() == obj
        got.close()


def hand_over_and_send(conn, kept, given):
    conn.send(given)
    kept.send(conn.recv())
    kept.close()
    given.close()


@pipe.scenario("transfer.receives", doc=SEND, duplex=arg.one_of(True, False))
def a_receiver_is_sent(mp, duplex):
    """A receiving end sent over a connection receives what the other end of its pipe sends, then raises EOFError."""
    mine, theirs = mp.Pipe()
    given, kept = mp.Pipe(duplex)
    with child(mp, hand_over_and_send, theirs, kept, given):
        kept.close()
        given.close()
        got = mine.recv()
        if not duplex:
            with raises(OSError):
                got.send("the wrong way")
        mine.send("hello")
        assert got.recv() == "hello"
        with raises(EOFError):
            got.recv()


def hand_over_and_receive(conn, kept, given):
    conn.send(given)
    conn.recv()
    conn.send(kept.recv())


@pipe.scenario("transfer.sends", doc=SEND)
def a_sender_is_sent(mp):
    """A sending end sent over a connection can send, but not receive, in the process that received it."""
    mine, theirs = mp.Pipe()
    kept, given = mp.Pipe(False)
    with child(mp, hand_over_and_receive, theirs, kept, given):
        got = mine.recv()
        mine.send("got it")
        with raises(OSError):
            got.recv()
        got.send("hello")
        assert mine.recv() == "hello"
