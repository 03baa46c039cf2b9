"""Connections: the two ends of a pipe, between which messages pass whole and in order.

Each end belongs to one process: process 0 keeps the first connection that ``Pipe()`` returns,
process 1 the second, so ``me`` is the end. A message is an object (``send``, ``recv``) or bytes
(``send_bytes``, ``recv_bytes``, ``recv_bytes_into``); what the other kind of reception makes of
it is not documented, except that the message is gone then. Messages are small here, so no send
waits for a reader; large ones are in the streams below and in ``messages``.
"""

from conformance import (
    Blob,
    Frozen,
    Spec,
    arg,
    blocks,
    call,
    expires,
    laws,
    raises,
    replace,
    returns,
    returns_a,
    unspecified,
)

OBJECT, BYTES = "object", "bytes"


class Connection(Frozen):
    """The ends 0 and 1 of a pipe, and the messages on their way to each.

    made: Pipe(duplex) makes two connected connections; duplex is optional, and true unless given.
    inherited: A connection that is passed to a process when that is created is the same end there.
    """

    duplex: bool = True
    inboxes: tuple = ((), ())
    closed: frozenset = frozenset()
    spoiled: frozenset = frozenset()  # ends that met a message longer than their maxlength
    reset: frozenset = frozenset()  # ends whose other end was closed before it had read everything

    def can_receive(self, me):
        return me not in self.closed | self.spoiled and (self.duplex or me == 0)

    def can_send(self, me):
        return me not in self.closed and (self.duplex or me == 1)

    def listens(self, end):
        """Whether what is sent to this end can still be received."""
        return end not in self.closed and (self.duplex or end not in self.spoiled)

    def head(self, me):
        """The oldest message, its kind first, if this end can receive one."""
        return self.inboxes[me][0] if self.can_receive(me) and self.inboxes[me] else None

    def push(self, me, kind, content):
        return self._inbox(1 - me, self.inboxes[1 - me] + ((kind, content),))

    def taken(self, me):
        return self._inbox(me, self.inboxes[me][1:])

    def _inbox(self, me, messages):
        return replace(self, inboxes=(messages, self.inboxes[1]) if me == 0 else (self.inboxes[0], messages))

    def spoil(self, me):
        return replace(self, spoiled=self.spoiled | {me})

    def close(self, me):
        unread = {1 - me} if self.inboxes[me] or me in self.spoiled else set()
        return replace(self, closed=self.closed | {me}, reset=self.reset | unread)


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
    """What a send does that cannot reach anybody."""
    if me in pipe.closed:
        yield "closed", raises(OSError)
    elif not pipe.can_send(me):
        yield "read-only", raises(OSError)
    else:
        yield unspecified  # nobody can receive it: a broken pipe, or silence


def unreceived(pipe, me):
    """What a reception does without a message that it can take."""
    if me in pipe.closed:
        yield "closed", raises(OSError)
    elif me in pipe.spoiled:
        yield "spoiled", raises(OSError)
    elif not pipe.can_receive(me):
        yield "write-only", raises(OSError)
    elif 1 - me in pipe.closed:
        yield "eof", raises(EOFError)
        if me in pipe.reset:  # the system reports first that our own messages were thrown away
            yield raises(ConnectionResetError)
    else:
        yield "waits", blocks


@connection.op(obj=arg.small_items, weight=3)
def send(pipe, me, obj):
    """Sends an object that pickles to the other end.

    sends: The call returns None, and the other end receives an equal object, after what was sent before.
    read-only: The first end of a pipe that is not duplex raises OSError.
    closed: A closed connection raises OSError.
    """
    if pipe.can_send(me) and pipe.listens(1 - me):
        yield "sends", returns(None), pipe.push(me, OBJECT, obj)
    else:
        yield from unsent(pipe, me)


@connection.op(weight=3)
def recv(pipe, me):
    """Receives an object.

    receives: With a message there, the call removes the oldest and returns the object.
    waits: Without a message, it waits until there is one.
    eof: Without a message, when the other end is closed or while the call waits is closed, it raises EOFError.
    write-only: The second end of a pipe that is not duplex raises OSError.
    spoiled: After a message that was longer than its maxlength, the connection raises OSError.
    closed: A closed connection raises OSError.
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

    whole: Without offset and size, all bytes are sent, also none at all, and the call returns None.
    part: The message is the size bytes of the buffer from offset on, or without size all from there on.
    outside: A negative offset or size, or one that leads beyond the end of the buffer, raises ValueError.
    read-only: The first end of a pipe that is not duplex raises OSError.
    closed: A closed connection raises OSError.
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

    receives: With a message there, the call removes the oldest and returns all its bytes, and no others.
    fits: A message of at most maxlength bytes is returned too.
    too-long: A message of more than maxlength bytes raises OSError, and nothing can be received any more.
    negative: A negative maxlength raises ValueError.
    waits: Without a message, it waits until there is one.
    eof: Without a message, when the other end is closed or while the call waits is closed, it raises EOFError.
    write-only: The second end of a pipe that is not duplex raises OSError.
    spoiled: After a message that was longer than its maxlength, the connection raises OSError.
    closed: A closed connection raises OSError.
    """
    kind, content = pipe.head(me) or (None, None)
    if maxlength is not None and maxlength < 0:
        yield "negative", raises(ValueError)
        if pipe.can_receive(me):
            return  # else nobody says which of two errors comes first
    if kind is None:
        yield from unreceived(pipe, me)
    elif kind == OBJECT:  # a pickle, of a length that nobody promises
        yield "", unspecified, pipe.taken(me)
        if maxlength is not None:
            yield "", unspecified, pipe.spoil(me)
    elif maxlength is not None and len(content) > maxlength:
        yield "too-long", raises(OSError), pipe.spoil(me)
    else:
        yield "receives" if maxlength is None else "fits", returns(content), pipe.taken(me)


def receive_into(receiver, room, *offset, **named):
    """Receives into a new buffer of dots: the count, and the buffer with what was left alone."""
    buffer = bytearray(b"." * room)
    count = receiver.recv_bytes_into(buffer, *offset, **named)
    return count, bytes(buffer)


rooms, offsets = arg.one_of(1, 2, 5, 12, 15), arg.one_of(0, 1, 2, 3, 14, -1, 20)


@connection.op(body=receive_into, room=rooms, offset=offsets, weight=2)
def recv_bytes_into(pipe, me, room, offset=0):
    """Receives the bytes of one message into a buffer of ``room`` bytes.

    fills: The message is written to the buffer from offset on, the rest of the buffer stays as it is,
        and the call returns the number of bytes in the message.
    too-short: With too little room after offset, the call removes the message, and raises BufferTooShort
        with the complete message as its first argument.
    outside: An offset that is negative, or beyond the end of the buffer, raises ValueError.
    waits: Without a message, it waits until there is one.
    eof: Without a message, when the other end is closed or while the call waits is closed, it raises EOFError.
    write-only: The second end of a pipe that is not duplex raises OSError.
    spoiled: After a message that was longer than its maxlength, the connection raises OSError.
    closed: A closed connection raises OSError.
    """
    kind, content = pipe.head(me) or (None, None)
    if offset == room:  # forbidden by the manual, and harmless in practice
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


@connection.op(timeout=arg.timeouts, weight=2)
def poll(pipe, me, timeout=0):
    """Whether there is something to receive.

    data: With a message there, the call returns True, at once or as soon as it is there, and leaves it there.
    nothing: Without a message, a call without timeout, or with one that is zero or negative, returns
        False at once.
    waits: Without a message, a call with a timeout waits for one; timeout None stands for no limit.
    expires: A call that found no message in timeout seconds returns False, then and never before.
    ends: When the other end is closed and nothing is left, it does not wait: what would be received at
        once, if only EOFError, is there.
    write-only: The second end of a pipe that is not duplex raises OSError.
    closed: A closed connection raises OSError.
    """
    if pipe.head(me):
        yield "data", returns(True)
    elif me in pipe.spoiled - pipe.closed:
        yield unspecified
    elif not pipe.can_receive(me):
        yield from unreceived(pipe, me)
    elif 1 - me in pipe.closed:
        yield "ends", returns(True)
        yield raises(OSError)  # named pipes of Windows are broken then
    elif timeout is not None and timeout <= 0:
        yield "nothing", returns(False)
    else:
        yield "waits", blocks
        yield "expires", expires(timeout, returns(False))


@connection.op()
def fileno(pipe, me):
    """The descriptor or handle.

    tells: The call returns an integer.
    closed: A closed connection raises OSError.
    """
    if me in pipe.closed:
        yield "closed", raises(OSError)
    elif me in pipe.spoiled:
        yield unspecified  # may have been closed
    else:
        yield "tells", returns_a(int)


@connection.op()
def close(pipe, me):
    """Closes this end.

    closes: The call returns None. What was sent before can still be received at the other end.
    again: On a closed connection, it returns None and does nothing.
    """
    if me in pipe.closed:
        yield "again", returns(None)
    else:
        yield "closes", returns(None), pipe.close(me)


connection.rescue(call("send", "rescue"), call("close"))
connection.pin({0: [call("recv")]}, {1: [call("close")]}, {0: [call("recv"), call("poll")]}, duplex=True)
connection.pin({0: [call("poll", None)]}, {1: [call("close")]}, {0: [call("recv_bytes")]}, duplex=False)
connection.pin({1: [call("poll", None)]}, {0: [call("send", "a"), call("close")]}, {1: [call("recv"), call("recv")]})
connection.pin(
    {1: [call("send_bytes", b"01234"), call("send_bytes", b"a")]},
    {0: [call("recv_bytes", 5), call("recv_bytes", 0)]},
    {0: [call("recv_bytes"), call("recv"), call("recv_bytes_into", 5)]},
    {0: [call("send", "b")], 1: [call("recv")]},
    duplex=True,
)
connection.pin({1: [call("send_bytes", b"01234")]}, {0: [call("recv_bytes", 2), call("recv_bytes")]}, duplex=False)
connection.pin(
    {1: [call("send_bytes", b"01234", 1, 3), call("send_bytes", b"01234", 2), call("send_bytes", b"")]},
    {0: [call("recv_bytes_into", 2), call("recv_bytes_into", 5, 2), call("recv_bytes")]},
    duplex=False,
)
# The buffer has room for the message, but not after the offset.
connection.pin({1: [call("send_bytes", b"01234")]}, {0: [call("recv_bytes_into", 5, 2)]}, duplex=False)
connection.pin({0: [call("send", 1)], 1: [call("recv_bytes", -1)]}, {0: [call("recv")]}, duplex=False)


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
    """One end sends distinct messages, small or up to beyond the size of buffers, the other receives them."""
    sent = [call("send" + kind, message(1, serial, size)) for serial in range(each)]
    return [[call("recv" + kind)] * each, sent]


@connection.stream(stuck="exchange.lossless", bursts=arg.integers(2, 12), size=arg.one_of(0, 200, 20_000, 70_000))
def exchange(bursts, size):
    """Both ends send distinct messages and receive in turn, several at a time if these are small.

    With large messages the second end receives first: nobody promises that a send comes back
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
    """What is wrong with the messages to one of the ends."""
    sent, received = laws.picked(history, "send", "send_bytes"), laws.picked(history, "recv", "recv_bytes")
    for end in (0, 1):
        wrong = check([s for s in sent if s.actor != end], [r for r in received if r.actor == end])
        if wrong:
            return wrong
    return None


@connection.law(flow, "flow.lossless")
def nothing_is_lost_in_a_flow(history):
    """Whatever one end sends at full speed, the other can receive."""
    return each_way(laws.nothing_lost, history)


@connection.law(flow, "flow.faithful")
def a_flow_is_faithful(history):
    """What is received at full speed was sent, whole, and is received once."""
    return each_way(laws.nothing_invented, history) or each_way(laws.nothing_duplicated, history)


@connection.law(flow, "flow.order")
def a_flow_keeps_order(history):
    """Messages are received in the order in which they were sent."""
    return each_way(laws.order_per_sender, history)


@connection.law(exchange, "exchange.lossless")
def nothing_is_lost_in_an_exchange(history):
    """With both ends of a duplex pipe sending, each receives all that the other sent."""
    return each_way(laws.nothing_lost, history)


@connection.law(exchange, "exchange.faithful")
def an_exchange_is_faithful(history):
    """With both ends of a duplex pipe sending, each receives only what the other sent, and that once."""
    return each_way(laws.nothing_invented, history) or each_way(laws.nothing_duplicated, history)


@connection.law(exchange, "exchange.order")
def an_exchange_keeps_order(history):
    """With both ends of a duplex pipe sending, each direction keeps its order."""
    return each_way(laws.order_per_sender, history)


@connection.scenario("poll.month", doc="multiprocessing.connection.Connection.poll")
def a_month_to_poll(mp):
    """A timeout may be as long as a month."""
    receiver, sender = mp.Pipe(duplex=False)
    with receiver, sender:
        sender.send("in time")
        assert receiver.poll(arg.MONTH) is True
