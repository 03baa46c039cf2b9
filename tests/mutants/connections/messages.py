"""Broken messages: buffers, objects and sizes that do not pass as they should."""

import os
import struct
import traceback
from multiprocessing import BufferTooShort, connection

from mutants import BrokenConnection, Mutant, pipe_of


class items_counted_as_bytes(Mutant):
    """Counts the items of a buffer where it should count bytes."""

    breaks = ("message.sent.items",)

    class Connection(BrokenConnection):
        def send_bytes(self, buf, offset=0, size=None):
            super().send_bytes(buf, offset, len(buf) - offset if size is None else size)

    def Pipe(ctx, duplex=True):
        return pipe_of(items_counted_as_bytes.Connection, ctx, duplex)


class only_bytes_are_sent(Mutant):
    """Puts bytes together with what is sent, which not every buffer allows."""

    breaks = ("message.sent.buffers", "message.sent.items")

    class Connection(BrokenConnection):
        def send_bytes(self, buf, offset=0, size=None):
            super().send_bytes(buf + b"", offset, size)

    def Pipe(ctx, duplex=True):
        return pipe_of(only_bytes_are_sent.Connection, ctx, duplex)


class a_copy_is_filled(Mutant):
    """Receives into a copy of the buffer, unless that is a bytearray."""

    breaks = ("message.received.buffers", "message.received.items")

    class Connection(BrokenConnection):
        def recv_bytes_into(self, buf, offset=0):
            return super().recv_bytes_into(buf if isinstance(buf, bytearray) else bytearray(buf), offset)

    def Pipe(ctx, duplex=True):
        return pipe_of(a_copy_is_filled.Connection, ctx, duplex)


class offset_in_items(Mutant):
    """Slices the buffer that it fills by items, and not by bytes."""

    breaks = ("message.received.items",)

    class Connection(BrokenConnection):
        def recv_bytes_into(self, buf, offset=0):
            with memoryview(buf) as m:
                return super().recv_bytes_into(buf, offset * m.itemsize)

    def Pipe(ctx, duplex=True):
        return pipe_of(offset_in_items.Connection, ctx, duplex)


class too_short_without_the_message(Mutant):
    """Raises BufferTooShort with a text instead of the message, which is lost."""

    breaks = ("message.received.too-short", "connection.recv_bytes_into.too-short")

    class Connection(BrokenConnection):
        def recv_bytes_into(self, buf, offset=0):
            try:
                return super().recv_bytes_into(buf, offset)
            except BufferTooShort as error:
                raise BufferTooShort("%d bytes" % len(error.args[0])) from None

    def Pipe(ctx, duplex=True):
        return pipe_of(too_short_without_the_message.Connection, ctx, duplex)


class same_process_same_object(Mutant):
    """Gives the object itself to a receiver in the process that sent it."""

    breaks = ("message.object.recreated",)

    class Connection(BrokenConnection):
        sent = {}  # by pickle

        def send(self, obj):
            data = connection._ForkingPickler.dumps(obj)
            self.sent[bytes(data)] = obj
            self.send_bytes(data)

        def recv(self):
            data = self.recv_bytes()
            return self.sent.pop(data) if data in self.sent else connection._ForkingPickler.loads(data)

    def Pipe(ctx, duplex=True):
        return pipe_of(same_process_same_object.Connection, ctx, duplex)


class unpicklable_objects_dropped(Mutant):
    """Prints the error of an object that does not pickle, like the background thread of a queue."""

    breaks = ("message.object.unpicklable",)

    class Connection(BrokenConnection):
        def send(self, obj):
            try:
                data = connection._ForkingPickler.dumps(obj)
            except Exception:
                traceback.print_exc()
            else:
                self.send_bytes(data)

    def Pipe(ctx, duplex=True):
        return pipe_of(unpicklable_objects_dropped.Connection, ctx, duplex)


class empty_messages_not_sent(Mutant):
    """Sends nothing for a message without bytes."""

    breaks = ("message.boundaries", "message.late-reader")

    class Connection(BrokenConnection):
        def _send_bytes(self, buf):
            if len(buf):
                super()._send_bytes(buf)

    def Pipe(ctx, duplex=True):
        return pipe_of(empty_messages_not_sent.Connection, ctx, duplex)


class length_in_two_bytes(Mutant):
    """Has no room in its header for the length of a large message."""

    breaks = ("message.boundaries", "message.large", "message.late-reader")

    class Connection(BrokenConnection):
        def _send_bytes(self, buf):
            self._send(struct.pack("!H", len(buf)) + bytes(buf))

        def _recv_bytes(self, maxsize=None):
            (size,) = struct.unpack("!H", self._recv(2).getvalue())
            return None if maxsize is not None and size > maxsize else self._recv(size)

    def Pipe(ctx, duplex=True):
        return pipe_of(length_in_two_bytes.Connection, ctx, duplex)


class interrupted_write_is_left(Mutant):
    """Does not go on with a write that a signal has interrupted."""

    breaks = ("message.interrupted",)

    class Connection(BrokenConnection):
        def _send(self, buf):
            os.write(self._handle, buf)

    def Pipe(ctx, duplex=True):
        return pipe_of(interrupted_write_is_left.Connection, ctx, duplex)
