"""Messages: what passes over a connection, of any type and any size.

``connections`` says when small messages pass; this module covers the buffers from which and into
which they are copied, objects and their pickles, and messages larger than any buffer of the system.
"""

import array
import os
import signal

from conformance import Frozen, Secret, Spec, arg, child, raises

CONNECTION = "multiprocessing.connection.Connection"
SEND, SEND_BYTES = CONNECTION + ".send", CONNECTION + ".send_bytes"
RECV_BYTES, RECV_BYTES_INTO = CONNECTION + ".recv_bytes", CONNECTION + ".recv_bytes_into"


class Messages(Frozen):
    """Messages between two connections; scenarios state everything about them."""


message = Spec("message", Messages, make=lambda mp: mp.Pipe(), documents=CONNECTION, actors=2, parts=True)


@message.scenario("sent.buffers", doc=SEND_BYTES)
def any_buffer_is_sent(mp):
    """send_bytes() sends the bytes of any bytes-like object, and recv_bytes() returns them as bytes."""
    a, b = mp.Pipe()
    data = b"some \x00 bytes"
    for buffer in data, bytearray(data), memoryview(data), memoryview(b"<" + data)[1:], array.array("B", data):
        a.send_bytes(buffer)
        got = b.recv_bytes()
        assert type(got) is bytes
        assert got == data


@message.scenario("sent.items", doc=SEND_BYTES, code=arg.one_of(*"hiqd"))
def sending_counts_bytes(mp, code):
    """send_bytes() counts offset and size in bytes even if the items of the buffer are larger, and sends all bytes from
    offset on if size is omitted."""
    a, b = mp.Pipe()
    numbers = array.array(code, range(5))
    data, width = numbers.tobytes(), numbers.itemsize
    cases = [
        ((), data),
        ((width,), data[width:]),
        ((3 * width, 2 * width), data[3 * width :]),
        ((1, width), data[1 : 1 + width]),
        ((len(data), 0), b""),
    ]
    for given, promised in cases:
        a.send_bytes(numbers, *given)
        assert b.recv_bytes() == promised
    with raises(ValueError):
        a.send_bytes(numbers, width, len(data))


def shaped(data, *shape):
    """The data as a buffer of several dimensions."""
    return memoryview(data).cast("B", shape)


@message.scenario("sent.shapes", doc=SEND_BYTES)
def sending_several_dimensions(mp):
    """send_bytes() sends the bytes of a buffer that has several dimensions, and counts offset and size in bytes."""
    a, b = mp.Pipe()
    for given, promised in ((), b"abcdef"), ((1,), b"bcdef"), ((2, 3), b"cde"):
        a.send_bytes(shaped(b"abcdef", 2, 3), *given)
        assert b.recv_bytes() == promised


@message.scenario("received.shapes", doc=RECV_BYTES_INTO)
def receiving_into_several_dimensions(mp):
    """recv_bytes_into() fills a buffer that has several dimensions, and counts offset in bytes."""
    a, b = mp.Pipe()
    for offset in 0, 1, 3:
        whole = bytearray(6)
        a.send_bytes(b"abc")
        assert b.recv_bytes_into(shaped(whole, 2, 3), offset) == 3
        assert whole[offset : offset + 3] == b"abc"


@message.scenario("received.buffers", doc=RECV_BYTES_INTO)
def any_buffer_is_filled(mp):
    """recv_bytes_into() fills any writable bytes-like object, even a slice of a larger one, whose
    other bytes it leaves alone."""
    a, b = mp.Pipe()
    whole = bytearray(b".......")
    for buffer in bytearray(3), memoryview(bytearray(3)), array.array("B", [0, 0, 0]), memoryview(whole)[2:5]:
        a.send_bytes(b"abc")
        assert b.recv_bytes_into(buffer) == 3
        assert bytes(buffer) == b"abc"
    assert whole == b"..abc.."


@message.scenario("received.items", doc=RECV_BYTES_INTO, code=arg.one_of(*"Bhiqd"))
def receiving_counts_bytes(mp, code):
    """recv_bytes_into() counts offset and its result in bytes even if the items of the buffer are larger."""
    a, b = mp.Pipe()
    numbers, buffer = array.array(code, range(1, 4)), array.array(code, [0] * 6)
    for first in 0, 1, 3:
        a.send_bytes(numbers)
        assert b.recv_bytes_into(buffer, first * buffer.itemsize) == 3 * buffer.itemsize
    assert buffer.tolist() == [1, 1, 2, 1, 2, 3]
    assert b.poll() is False


@message.scenario("received.unaligned", doc=RECV_BYTES_INTO, code=arg.one_of(*"hiqd"), offset=arg.one_of(0, 1))
def receiving_between_items(mp, code, offset):
    """recv_bytes_into() writes all bytes of the message from byte offset on, even if the message begins or ends within
    an item of the buffer."""
    a, b = mp.Pipe()
    buffer, data = array.array(code, [0] * 3), b"abc"
    a.send_bytes(data)
    assert b.recv_bytes_into(buffer, offset) == len(data)
    assert buffer.tobytes()[offset : offset + len(data)] == data


@message.scenario("received.too-short", doc="multiprocessing.BufferTooShort")
def too_short_for_items(mp):
    """recv_bytes_into() raises BufferTooShort, a subclass of ProcessError, if too few bytes are left after offset, even
    if the items of the buffer are larger."""
    a, b = mp.Pipe()
    data = array.array("i", range(3)).tobytes()
    for items, offset in (2, 0), (3, 4), (5, 12), (0, 0):
        a.send_bytes(data)
        try:
            b.recv_bytes_into(array.array("i", [0] * items), offset)
        except mp.BufferTooShort as error:
            assert error.args[0] == data
            assert isinstance(error, mp.ProcessError)
        else:
            raise AssertionError("BufferTooShort was promised for %d items from byte %d on" % (items, offset))


@message.scenario("object.recreated", doc="multiprocessing.Pipe")
def objects_are_recreated(mp):
    """recv() returns a new object, equal to the sent object at the time of send(), even in the same process."""
    a, b = mp.Pipe()
    sent = [1, {"two": (3.0, None)}, {4}]
    a.send(sent)
    sent.append("later")
    got = b.recv()
    assert got == [1, {"two": (3.0, None)}, {4}]
    assert got[1] is not sent[1]


@message.scenario("object.unpicklable", doc=SEND, size=arg.one_of(0, 100_000))
def objects_that_do_not_pickle(mp, size):
    """send() raises an exception and sends nothing if the object cannot be pickled; the connection stays usable."""
    a, b = mp.Pipe()
    with raises(Exception):
        a.send([bytes(size), Secret()])
    assert b.poll() is False
    a.send("after")
    assert b.recv() == "after"


def send_each(conn, messages):
    for data in messages:
        conn.send_bytes(data)


def into(receiver, room, offset):
    buffer = bytearray(b"." * room)
    return receiver.recv_bytes_into(buffer, offset), bytes(buffer)


@message.scenario(
    "boundaries",
    doc=RECV_BYTES,
    duplex=arg.one_of(True, False),
    size=arg.one_of(8192, 16_384, 65_536, 1_000_000),
    fill=arg.one_of(False, True),
)
def boundaries_are_kept(mp, duplex, size, fill):
    """recv_bytes() and recv_bytes_into() receive each message exactly as it was sent, whatever its
    size, even if it is empty."""
    receiver, sender = mp.Pipe(duplex)
    messages = [b"", os.urandom(size - 1), os.urandom(size), b"", os.urandom(size + 1), b"end"]
    with child(mp, send_each, sender, messages):
        for data in messages:
            if fill:
                assert into(receiver, size + 3, offset=1) == (len(data), (b"." + data).ljust(size + 3, b"."))
            else:
                assert receiver.recv_bytes(len(data)) == data


def echo_alone(conn, other):
    other.close()  # a forked child has inherited both ends
    try:
        while True:
            conn.send(conn.recv())
    except EOFError:
        pass


@message.scenario("large", doc=SEND, size=arg.one_of(70_000, 1_000_000, 5_000_000))
def large_messages_pass(mp, size):
    """send() and recv() exchange messages of several megabytes in both directions, one after another."""
    mine, theirs = mp.Pipe()
    with child(mp, echo_alone, theirs, mine) as process:
        theirs.close()
        for sent in os.urandom(size), [os.urandom(size), "and", {"more": 1}], "small":
            mine.send(sent)
            assert mine.recv() == sent
        mine.close()
    assert process.exitcode == 0


def numbered(sizes):
    return [b"%d" % index * size for index, size in enumerate(sizes)]


def send_numbered(conn, sizes):
    send_each(conn, numbered(sizes))


@message.scenario("late-reader", doc=SEND_BYTES, duplex=arg.one_of(True, False))
def the_reader_may_be_late(mp, duplex):
    """send_bytes() waits for the reader if there is no room for the message, and nothing is lost or mixed up."""
    receiver, sender = mp.Pipe(duplex)
    sizes = [3_000_001, 0, 2_000_002, 13, 1_000_004]
    with child(mp, send_numbered, sender, sizes) as process:
        for data in numbered(sizes):
            assert receiver.poll(None) is True  # the sender waits somewhere in the message
            assert receiver.recv_bytes() == data
    assert process.exitcode == 0


def send_interrupted(conn, ticks, count):
    signal.signal(signal.SIGUSR1, lambda signum, frame: ticks.send("tick"))
    conn.send_bytes(bytes(range(256)) * count)


def interrupt(process, ticks):
    """Sends signals until one is handled; a signal just before a system call is not handled until the call returns."""
    while process.is_alive() and not ticks.poll(0.01):
        os.kill(process.pid, signal.SIGUSR1)


@message.scenario("interrupted", doc=SEND_BYTES, duplex=arg.one_of(True, False))
def signals_do_not_break_messages(mp, duplex):
    """send_bytes() sends the complete message even if signals are handled while it waits for the reader."""
    receiver, sender = mp.Pipe(duplex)
    ticks, clock = mp.Pipe(False)
    with child(mp, send_interrupted, sender, clock, 10_000) as process:
        sender.close()
        assert receiver.poll(None) is True
        for _ in range(4):  # an interrupted write has written a part, and the rest must follow
            interrupt(process, ticks)
            while ticks.poll():
                ticks.recv()
        assert receiver.recv_bytes() == bytes(range(256)) * 10_000
