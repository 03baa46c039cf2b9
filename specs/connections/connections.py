"""Connections: the two ends of a pipe, between which messages pass whole and in order.

Each end belongs to one process: process 0 keeps the first connection that ``Pipe()`` returns,
process 1 the second, so ``me`` is the end. A message is an object (``send``, ``recv``) or bytes
(``send_bytes``, ``recv_bytes``, ``recv_bytes_into``). What happens when a message of one kind is
received as the other kind is not documented, except that the message is consumed. Messages are
small here, so no send waits for a reader; large messages are in the streams below and in ``messages``.
The states of a pipe are in ``ends``.
"""

from conformance import Blob, Spec, arg, blocks, call, expires, laws, raises, returns, returns_a, unspecified
from specs.connections.ends import BYTES, OBJECT, Connection

connection = Spec(
    "connection",
    Connection,
    make=lambda mp, **kwargs: mp.Pipe(**kwargs),
    documents="multiprocessing.connection.Connection",
    actors=2,
    parts=True,
    duplex=arg.one_of(True, True, False),
)

buffers = arg.one_of(b"", b"a", b"b\n", b"\x00\xff\x00", b"01234", b"0123456789ab", b"%" * 300)


def unsent(pipe, me):
    """What a send does if its message cannot reach the other end."""
    if me in pipe.closed:
        yield "closed", raises(OSError)
    elif not pipe.can_send(me):
        yield "read-only", raises(OSError)
    else:
        yield unspecified  # it can never be received: a broken pipe, or silence


def unreceived(pipe, me):
    """What a reception does if there is no message that it can take."""
    if me in pipe.closed:
        yield "closed", raises(OSError)
    elif me in pipe.spoiled:
        yield "spoiled", raises(OSError)
    elif not pipe.can_receive(me):
        yield "write-only", raises(OSError)
    elif 1 - me in pipe.closed:
        yield "eof", raises(EOFError)
        if me in pipe.reset:  # the system first reports that our own messages were discarded
            yield raises(ConnectionResetError)
    else:
        yield "waits", blocks


@connection.op(obj=arg.small_items, weight=3)
def send(pipe, me, obj):
    """Sends an object that can be pickled to the other end.

    sends: send() returns None, and the other end receives an equal object, after all messages sent before.
    read-only: send() raises OSError on the first end of a pipe that is not duplex.
    closed: send() raises OSError if the connection is closed.
    """
    if pipe.can_send(me) and pipe.listens(1 - me):
        yield "sends", returns(None), pipe.push(me, OBJECT, obj)
    else:
        yield from unsent(pipe, me)


@connection.op(weight=3)
def recv(pipe, me):
    """Receives an object.

    receives: recv() removes the oldest message and returns its object if a message is available.
    waits: recv() blocks until a message is available.
    eof: recv() raises EOFError if no message is left and the other end is closed, even if it is closed only while
        recv() waits.
    write-only: recv() raises OSError on the second end of a pipe that is not duplex.
    spoiled: recv() raises OSError once a message has exceeded the maxlength of recv_bytes().
    closed: recv() raises OSError if the connection is closed.
    """
    kind, content = pipe.head(me) or (None, None)
    if kind is None:
        yield from unreceived(pipe, me)
    elif kind == OBJECT:
        yield "receives", returns(content), pipe.taken(me)
    else:
        yield "", unspecified, pipe.taken(me)


@connection.op(buf=buffers, offset=arg.one_of(0, 1, 2, 3, -1, 20), size=arg.one_of(0, 1, 2, 3, -1, 20), weight=2)
def send_bytes(pipe, me, buf, offset=0, size=None):
    """Sends bytes as one message.

    whole: send_bytes() sends the whole buffer, even an empty one, and returns None unless offset or size selects a
        part.
    part: send_bytes() sends the size bytes of the buffer from offset on, or all bytes from offset on if size is
        omitted, and returns None.
    outside: send_bytes() raises ValueError if offset or size is negative, or if they reach beyond the end of the
        buffer.
    read-only: send_bytes() raises OSError on the first end of a pipe that is not duplex.
    closed: send_bytes() raises OSError if the connection is closed.
    """
    end = len(buf) if size is None else offset + size
    if not 0 <= offset <= end <= len(buf):
        yield "outside", raises(ValueError)
    if not pipe.can_send(me) or not pipe.listens(1 - me):
        yield from unsent(pipe, me)
    elif 0 <= offset <= end <= len(buf):
        slug = "whole" if (offset, end) == (0, len(buf)) else "part"
        yield slug, returns(None), pipe.push(me, BYTES, buf[offset:end])


@connection.op(maxlength=arg.one_of(0, 1, 3, 5, 12, 300, -1), weight=2)
def recv_bytes(pipe, me, maxlength=None):
    """Receives the bytes of one message.

    receives: recv_bytes() removes the oldest message and returns exactly its bytes if a message is available.
    fits: recv_bytes() removes the oldest message and returns exactly its bytes if it has at most maxlength bytes.
    too-long: recv_bytes() raises OSError if the message is longer than maxlength, and the connection can receive
        nothing more.
    negative: recv_bytes() raises ValueError if maxlength is negative.
    waits: recv_bytes() blocks until a message is available.
    eof: recv_bytes() raises EOFError if no message is left and the other end is closed, even if it is closed only while
        recv_bytes() waits.
    write-only: recv_bytes() raises OSError on the second end of a pipe that is not duplex.
    spoiled: recv_bytes() raises OSError once a message has exceeded the maxlength of recv_bytes().
    closed: recv_bytes() raises OSError if the connection is closed.
    """
    kind, content = pipe.head(me) or (None, None)
    if maxlength is not None and maxlength < 0:
        yield "negative", raises(ValueError)
        if pipe.can_receive(me):
            return  # otherwise, which of the two errors comes first is not documented
    if kind is None:
        yield from unreceived(pipe, me)
    elif kind == OBJECT:  # a pickle, whose length is not documented
        yield "", unspecified, pipe.taken(me)
        if maxlength is not None:
            yield "", unspecified, pipe.spoil(me)
    elif maxlength is not None and len(content) > maxlength:
        yield "too-long", raises(OSError), pipe.spoil(me)
    else:
        yield "receives" if maxlength is None else "fits", returns(content), pipe.taken(me)


def receive_into(receiver, room, *offset, **named):
    """Receives into a new buffer of dots: returns the count and the buffer, whose untouched bytes are still dots."""
    buffer = bytearray(b"." * room)
    count = receiver.recv_bytes_into(buffer, *offset, **named)
    return count, bytes(buffer)


rooms, offsets = arg.one_of(1, 2, 5, 12, 15), arg.one_of(0, 1, 2, 3, 14, -1, 20)


@connection.op(body=receive_into, room=rooms, offset=offsets, weight=2)
def recv_bytes_into(pipe, me, room, offset=0):
    """Receives the bytes of one message into a buffer of ``room`` bytes.

    fills: recv_bytes_into() writes the message to the buffer from offset on, leaves the rest of the buffer alone, and
        returns the number of bytes in the message.
    too-short: recv_bytes_into() removes a message that does not fit after offset, and raises BufferTooShort with the
        complete message as its first argument.
    outside: recv_bytes_into() raises ValueError if offset is negative or beyond the end of the buffer.
    waits: recv_bytes_into() blocks until a message is available.
    eof: recv_bytes_into() raises EOFError if no message is left and the other end is closed, even if it is closed only
        while recv_bytes_into() waits.
    write-only: recv_bytes_into() raises OSError on the second end of a pipe that is not duplex.
    spoiled: recv_bytes_into() raises OSError once a message has exceeded the maxlength of recv_bytes().
    closed: recv_bytes_into() raises OSError if the connection is closed.
    """
    kind, content = pipe.head(me) or (None, None)
    if offset == room:  # the manual forbids it, but it is harmless in practice
        yield unspecified
    if not 0 <= offset <= room:
        yield "outside", raises(ValueError)
        if pipe.can_receive(me):
            return
    if kind is None:
        yield from unreceived(pipe, me)
    elif kind == OBJECT or offset == room:
        yield "", unspecified, pipe.taken(me)
    elif len(content) > room - offset:
        yield "too-short", raises("BufferTooShort", content), pipe.taken(me)
    else:
        filled = b"." * offset + content + b"." * (room - offset - len(content))
        yield "fills", returns((len(content), filled)), pipe.taken(me)


@connection.op(timeout=arg.unsigned_timeouts, weight=2)
def poll(pipe, me, timeout=0):
    """Returns whether a message is available.

    data: poll() returns True if a message is available, or as soon as one arrives, and does not remove it.
    nothing: poll() returns False at once if no message is available and timeout is omitted or zero.
    waits: poll() waits up to timeout seconds for a message, or without a limit if timeout is None.
    expires: poll() returns False once timeout seconds have elapsed without a message, and no earlier.
    ends: poll() returns True as soon as the other end is closed and no message is left, since recv() would raise
        EOFError.
    write-only: poll() raises OSError on the second end of a pipe that is not duplex.
    closed: poll() raises OSError if the connection is closed.
    """
    if pipe.head(me):
        yield "data", returns(True)
    elif me in pipe.spoiled - pipe.closed:
        yield unspecified
    elif not pipe.can_receive(me):
        yield from unreceived(pipe, me)
    elif 1 - me in pipe.closed:
        yield "ends", returns(True)
        yield raises(OSError)  # a named pipe of Windows is broken then
    elif timeout is not None and timeout <= 0:
        yield "nothing", returns(False)
    else:
        yield "waits", blocks
        yield "expires", expires(timeout, returns(False))


@connection.op()
def fileno(pipe, me):
    """Returns the file descriptor or handle of the connection.

    tells: fileno() returns an integer.
    closed: fileno() raises OSError if the connection is closed.
    """
    if me in pipe.closed:
        yield "closed", raises(OSError)
    elif me in pipe.spoiled:
        yield unspecified  # it may have been closed
    else:
        yield "tells", returns_a(int)


@connection.op()
def close(pipe, me):
    """Closes this end.

    closes: close() returns None. Messages sent before can still be received at the other end.
    again: close() returns None and does nothing if the connection is already closed.
    """
    if me in pipe.closed:
        yield "again", returns(None)
    else:
        yield "closes", returns(None), pipe.close(me)


connection.rescue(call("send", "rescue"), call("close"))
connection.pin(
    "the other end is closed while recv() waits",
    {0: [call("recv")]},
    {1: [call("close")]},
    {0: [call("recv"), call("poll")]},
    duplex=True,
)
connection.pin(
    "the other end is closed while poll() waits",
    {0: [call("poll", None)]},
    {1: [call("close")]},
    {0: [call("recv_bytes")]},
    duplex=False,
)
connection.pin(
    "a message arrives while poll() waits, and its sender closes the other end at once",
    {1: [call("poll", None)]},
    {0: [call("send", "a"), call("close")]},
    {1: [call("recv"), call("recv")]},
)
connection.pin(
    "an end that got a message longer than maxlength receives nothing more, but can still send",
    {1: [call("send_bytes", b"01234"), call("send_bytes", b"a")]},
    {0: [call("recv_bytes", 5), call("recv_bytes", 0)]},
    {0: [call("recv_bytes"), call("recv"), call("recv_bytes_into", 5)]},
    {0: [call("send", "b")], 1: [call("recv")]},
    duplex=True,
)
connection.pin(
    "a message is longer than maxlength on a pipe that is not duplex",
    {1: [call("send_bytes", b"01234")]},
    {0: [call("recv_bytes", 2), call("recv_bytes")]},
    duplex=False,
)
connection.pin(
    "one message does not fit into the buffer, one just fits after an offset, and one is empty",
    {1: [call("send_bytes", b"01234", 1, 3), call("send_bytes", b"01234", 2), call("send_bytes", b"")]},
    {0: [call("recv_bytes_into", 2), call("recv_bytes_into", 5, 2), call("recv_bytes")]},
    duplex=False,
)
connection.pin(
    "the buffer has room for the message, but not after offset",
    {1: [call("send_bytes", b"01234")]},
    {0: [call("recv_bytes_into", 5, 2)]},
    duplex=False,
)
connection.pin(
    "a pipe that is not duplex is used in the wrong direction, with a negative maxlength as well",
    {0: [call("send", 1)], 1: [call("recv_bytes", -1)]},
    {0: [call("recv")]},
    duplex=False,
)


def message(sender, serial, size):
    return Blob(size + serial, sender) if size else (sender, serial)


@connection.stream(
    stuck="flow.lossless",
    make={"duplex": False},
    kind=arg.one_of("", "_bytes"),
    each=arg.integers(10, 60),
    size=arg.one_of(20, 16_350, 65_500, 70_000),
)
def flow(kind, each, size):
    """One end sends distinct messages, from small ones to ones larger than any buffer, and the other receives them."""
    sent = [call("send" + kind, message(1, serial, size)) for serial in range(each)]
    return [[call("recv" + kind)] * each, sent]


@connection.stream(stuck="exchange.lossless", bursts=arg.integers(2, 12), size=arg.one_of(0, 200, 20_000, 70_000))
def exchange(bursts, size):
    """Both ends send distinct messages and receive in turn, several at a time if the messages are small.

    With large messages the second end receives first: it is not documented that a send returns
    before the other end receives.
    """
    burst = 1 if size > 1000 else 5
    programs = []
    for end in (0, 1):
        sends = [call("send", message(end, serial, size)) for serial in range(bursts * burst)]
        turns = [(sends[at : at + burst], [call("recv")] * burst) for at in range(0, len(sends), burst)]
        programs.append([step for turn in turns for part in turn[:: -1 if end and burst == 1 else 1] for step in part])
    return programs


def each_way(check, history):
    """What is wrong with the messages to one of the ends, or None."""
    sent, received = laws.picked(history, "send", "send_bytes"), laws.picked(history, "recv", "recv_bytes")
    for end in (0, 1):
        wrong = check([s for s in sent if s.actor != end], [r for r in received if r.actor == end])
        if wrong:
            return wrong
    return None


def unfaithful(history):
    """What was received without having been sent, or more than once, at one of the ends, or None."""
    return each_way(laws.nothing_invented, history) or each_way(laws.nothing_duplicated, history)


@connection.law(flow, "flow.lossless")
def nothing_is_lost_in_a_flow(history):
    """Every message that one end sends at full speed can be received at the other end."""
    return each_way(laws.nothing_lost, history)


@connection.law(flow, "flow.faithful")
def a_flow_is_faithful(history):
    """Every message received at full speed was sent, arrives whole, and is received only once."""
    return unfaithful(history)


@connection.law(flow, "flow.order")
def a_flow_keeps_order(history):
    """Messages are received in the order in which they were sent."""
    return each_way(laws.order_per_sender, history)


@connection.law(exchange, "exchange.lossless")
def nothing_is_lost_in_an_exchange(history):
    """Each end of a duplex pipe receives every message that the other end sent, even if both
    ends send at the same time."""
    return each_way(laws.nothing_lost, history)


@connection.law(exchange, "exchange.faithful")
def an_exchange_is_faithful(history):
    """Each end of a duplex pipe receives only what the other end sent, and only once, even if both
    ends send at the same time."""
    return unfaithful(history)


@connection.law(exchange, "exchange.order")
def an_exchange_keeps_order(history):
    """Messages keep their order in each direction of a duplex pipe, even if both ends send at the same time."""
    return each_way(laws.order_per_sender, history)
