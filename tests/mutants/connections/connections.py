"""Broken connections: calls that do, return or raise something else than they should."""

import multiprocessing
import os
import struct
import termios
from fcntl import ioctl
from io import BytesIO
from multiprocessing import connection

from mutants import BrokenConnection, Mutant, pipe_of


class duplex_required(Mutant):
    """Cannot be called without saying whether the pipe is duplex."""

    breaks = ("connection.made", "pipe.duplex.both-ways")

    def Pipe(ctx, duplex):
        return ctx._real.Pipe(duplex)


class the_offset_takes_no_room(Mutant):
    """Compares the message with the whole buffer, and cuts off what does not fit after the offset."""

    breaks = ("connection.recv_bytes_into.too-short",)

    class Connection(BrokenConnection):
        def recv_bytes_into(self, buf, offset=0):
            with memoryview(buf) as whole:
                if not 0 <= offset <= len(whole):
                    return super().recv_bytes_into(buf, offset)
                message = self.recv_bytes()
                if len(message) > len(whole):
                    raise multiprocessing.BufferTooShort(message)
                whole[offset:] = (message + bytes(whole[offset + len(message) :]))[: len(whole) - offset]
                return len(message)

    def Pipe(ctx, duplex=True):
        return pipe_of(the_offset_takes_no_room.Connection, ctx, duplex)


class state_cut_short(Mutant):
    """Leaves out the last field when it is pickled for a new process."""

    breaks = ("connection.inherited",)
    start_method = "spawn"

    class Connection(BrokenConnection):
        def __reduce__(self):
            rebuild, state = super().__reduce__()
            return rebuild, state[:-1]

    def Pipe(ctx, duplex=True):
        return pipe_of(state_cut_short.Connection, ctx, duplex)


class always_duplex(Mutant):
    """Makes a duplex pipe whether that is wanted or not."""

    breaks = (
        "connection.send.read-only",
        "connection.recv.write-only",
        "connection.send_bytes.read-only",
        "connection.recv_bytes.write-only",
        "connection.recv_bytes_into.write-only",
        "connection.poll.write-only",
        "pipe.simplex.wrong-way",
    )

    def Pipe(ctx, duplex=True):
        return ctx._real.Pipe(True)


class poll_asks_not_whether_it_reads(Mutant):
    """Polls a connection that is write-only, which never has anything."""

    breaks = ("connection.poll.write-only",)

    class Connection(BrokenConnection):
        def poll(self, timeout=0.0):
            self._check_closed()
            return self._poll(timeout)

    def Pipe(ctx, duplex=True):
        return pipe_of(poll_asks_not_whether_it_reads.Connection, ctx, duplex)


class closed_is_not_checked(Mutant):
    """Goes to the system with the descriptor None when it is closed."""

    breaks = (
        "connection.send.closed",
        "connection.recv.closed",
        "connection.send_bytes.closed",
        "connection.recv_bytes.closed",
        "connection.recv_bytes_into.closed",
        "connection.poll.closed",
        "connection.fileno.closed",
        "pipe.context.closes",
    )

    class Connection(BrokenConnection):
        def _check_closed(self):
            pass

    def Pipe(ctx, duplex=True):
        return pipe_of(closed_is_not_checked.Connection, ctx, duplex)


class close_tells_the_descriptor(Mutant):
    """Returns the descriptor that it closed, like detach()."""

    breaks = ("connection.close.closes",)

    class Connection(BrokenConnection):
        def close(self):
            handle = self._handle
            super().close()
            return handle

    def Pipe(ctx, duplex=True):
        return pipe_of(close_tells_the_descriptor.Connection, ctx, duplex)


class closed_only_once(Mutant):
    """Asks the system to close None when it is closed already."""

    breaks = ("connection.close.again",)

    class Connection(BrokenConnection):
        def close(self):
            self._close()
            self._handle = None

    def Pipe(ctx, duplex=True):
        return pipe_of(closed_only_once.Connection, ctx, duplex)


class close_forgets_the_descriptor(Mutant):
    """Notes that it is closed, and leaves the descriptor open."""

    breaks = (
        "connection.recv.eof",
        "connection.recv_bytes.eof",
        "connection.poll.ends",
        "pipe.context.closes",
        "pipe.end.wakes",
    )

    class Connection(BrokenConnection):
        def close(self):
            self._handle = None

    def Pipe(ctx, duplex=True):
        return pipe_of(close_forgets_the_descriptor.Connection, ctx, duplex)


class eof_is_an_oserror(Mutant):
    """Raises the error of a message that is cut short at the end of the file."""

    breaks = (
        "connection.recv.eof",
        "connection.recv_bytes.eof",
        "connection.recv_bytes_into.eof",
        "pipe.close.garbage",
        "pipe.end.eof",
    )

    class Connection(BrokenConnection):
        def _recv_bytes(self, maxsize=None):
            try:
                return super()._recv_bytes(maxsize)
            except EOFError:
                raise OSError("got end of file during message") from None

    def Pipe(ctx, duplex=True):
        return pipe_of(eof_is_an_oserror.Connection, ctx, duplex)


class nonblocking_descriptors(Mutant):
    """Leaves its sockets in the mode that does not block."""

    breaks = (
        "connection.recv.waits",
        "connection.recv_bytes.waits",
        "connection.recv_bytes_into.waits",
        "connection.flow.lossless",
        "message.late-reader",
    )

    def Pipe(ctx, duplex=True):
        ends = ctx._real.Pipe(duplex)
        for end in ends:
            os.set_blocking(end.fileno(), False)
        return ends


class sends_return_the_length(Mutant):
    """Returns how many bytes the message has, like write()."""

    breaks = ("connection.send.sends", "connection.send_bytes.whole", "connection.send_bytes.part")

    class Connection(BrokenConnection):
        def send(self, obj):
            data = connection._ForkingPickler.dumps(obj)
            super().send(obj)
            return len(data)

        def send_bytes(self, buf, offset=0, size=None):
            super().send_bytes(buf, offset, size)
            return len(buf) - offset if size is None else size

    def Pipe(ctx, duplex=True):
        return pipe_of(sends_return_the_length.Connection, ctx, duplex)


class offset_at_the_end_refused(Mutant):
    """Takes the offset at which the buffer ends for one outside."""

    breaks = ("connection.send_bytes.part",)

    class Connection(BrokenConnection):
        def send_bytes(self, buf, offset=0, size=None):
            if 0 < memoryview(buf).nbytes <= offset:
                raise ValueError("buffer length <= offset")
            super().send_bytes(buf, offset, size)

    def Pipe(ctx, duplex=True):
        return pipe_of(offset_at_the_end_refused.Connection, ctx, duplex)


class send_bytes_takes_a_slice(Mutant):
    """Sends what a slice of the buffer has, of whatever offset and size."""

    breaks = ("connection.send_bytes.outside", "message.sent.items")

    class Connection(BrokenConnection):
        def send_bytes(self, buf, offset=0, size=None):
            super().send_bytes(bytes(buf)[offset:][:size])

    def Pipe(ctx, duplex=True):
        return pipe_of(send_bytes_takes_a_slice.Connection, ctx, duplex)


class false_objects_not_sent(Mutant):
    """Sends nothing for an object that is false, such as 0."""

    breaks = ("connection.recv.receives", "connection.poll.data")

    class Connection(BrokenConnection):
        def send(self, obj):
            if obj:
                super().send(obj)

    def Pipe(ctx, duplex=True):
        return pipe_of(false_objects_not_sent.Connection, ctx, duplex)


class own_message_first(Mutant):
    """Receives what it sent itself while nothing has come from the other end."""

    breaks = ("connection.recv.waits", "pipe.duplex.both-ways")

    class Connection(BrokenConnection):
        sent = ()

        def _send_bytes(self, buf):
            super()._send_bytes(buf)
            self.sent = (*self.sent, bytes(buf))

        def _recv_bytes(self, maxsize=None):
            if self.sent and not super()._poll(0):
                data, *self.sent = self.sent
                buf = BytesIO()
                buf.write(data)
                return buf
            return super()._recv_bytes(maxsize)

        def _poll(self, timeout):
            return bool(self.sent) or super()._poll(timeout)

    def Pipe(ctx, duplex=True):
        return pipe_of(own_message_first.Connection, ctx, duplex)


class recv_bytes_gives_a_view(Mutant):
    """Returns a view of its buffer instead of bytes."""

    breaks = ("connection.recv_bytes.receives", "connection.recv_bytes.fits", "message.sent.buffers")

    class Connection(BrokenConnection):
        def recv_bytes(self, maxlength=None):
            return memoryview(super().recv_bytes(maxlength))

    def Pipe(ctx, duplex=True):
        return pipe_of(recv_bytes_gives_a_view.Connection, ctx, duplex)


class maxlength_excluded(Mutant):
    """Takes a message of just maxlength bytes for too long."""

    breaks = ("connection.recv_bytes.fits", "message.boundaries")

    class Connection(BrokenConnection):
        def _recv_bytes(self, maxsize=None):
            return super()._recv_bytes(maxsize and maxsize - 1)

    def Pipe(ctx, duplex=True):
        return pipe_of(maxlength_excluded.Connection, ctx, duplex)


class maxlength_cuts(Mutant):
    """Returns the first maxlength bytes of a longer message, or without the last if maxlength is -1."""

    breaks = ("connection.recv_bytes.too-long", "connection.recv_bytes.negative")

    class Connection(BrokenConnection):
        def recv_bytes(self, maxlength=None):
            return super().recv_bytes()[:maxlength]

    def Pipe(ctx, duplex=True):
        return pipe_of(maxlength_cuts.Connection, ctx, duplex)


class too_long_is_skipped(Mutant):
    """Goes on with the next message after one that was longer than maxlength."""

    breaks = ("connection.recv_bytes.spoiled",)

    class Connection(BrokenConnection):
        def recv_bytes(self, maxlength=None):
            if maxlength is not None and maxlength < 0:
                raise ValueError("negative maxlength")
            data = super().recv_bytes()
            if maxlength is not None and len(data) > maxlength:
                raise OSError("bad message length")
            return data

    def Pipe(ctx, duplex=True):
        return pipe_of(too_long_is_skipped.Connection, ctx, duplex)


class recv_after_too_long(Mutant):
    """Asks not whether it may receive, and takes a message that was too long for the length of the next."""

    breaks = ("connection.recv.spoiled",)

    class Connection(BrokenConnection):
        def recv(self):
            self._check_closed()
            return connection._ForkingPickler.loads(self._recv_bytes().getbuffer())

    def Pipe(ctx, duplex=True):
        return pipe_of(recv_after_too_long.Connection, ctx, duplex)


class recv_bytes_into_after_too_long(Mutant):
    """Receives into a buffer even after a message that was longer than maxlength."""

    breaks = ("connection.recv_bytes_into.spoiled",)

    class Connection(BrokenConnection):
        def recv_bytes_into(self, buf, offset=0):
            readable, self._readable = self._readable, True
            try:
                return super().recv_bytes_into(buf, offset)
            finally:
                self._readable = readable

    def Pipe(ctx, duplex=True):
        return pipe_of(recv_bytes_into_after_too_long.Connection, ctx, duplex)


class filled_by_a_slice(Mutant):
    """Puts what fits where a slice of the buffer begins, of whatever offset."""

    breaks = (
        "connection.recv_bytes_into.too-short",
        "connection.recv_bytes_into.outside",
        "message.received.too-short",
    )

    class Connection(BrokenConnection):
        def recv_bytes_into(self, buf, offset=0):
            data = self.recv_bytes()
            with memoryview(buf) as whole, whole.cast("B") as m:
                BytesIO(data).readinto(m[offset:])
            return len(data)

    def Pipe(ctx, duplex=True):
        return pipe_of(filled_by_a_slice.Connection, ctx, duplex)


class filled_from_the_start(Mutant):
    """Checks the offset into the buffer, and then forgets it."""

    breaks = ("connection.recv_bytes_into.fills", "message.received.items")

    class Connection(BrokenConnection):
        def recv_bytes_into(self, buf, offset=0):
            copy = bytearray(buf)
            size = super().recv_bytes_into(copy, offset)
            BytesIO(copy[offset : offset + size]).readinto(buf)
            return size

    def Pipe(ctx, duplex=True):
        return pipe_of(filled_from_the_start.Connection, ctx, duplex)


class poll_inverted(Mutant):
    """Returns True if there is nothing to receive."""

    breaks = ("connection.poll.data", "connection.poll.nothing", "connection.poll.ends")

    class Connection(BrokenConnection):
        def poll(self, timeout=0.0):
            return not super().poll(timeout)

    def Pipe(ctx, duplex=True):
        return pipe_of(poll_inverted.Connection, ctx, duplex)


class poll_never_waits(Mutant):
    """Returns at once, whatever the timeout."""

    breaks = ("connection.poll.waits", "connection.poll.expires")

    class Connection(BrokenConnection):
        def _poll(self, timeout):
            return super()._poll(0)

    def Pipe(ctx, duplex=True):
        return pipe_of(poll_never_waits.Connection, ctx, duplex)


class poll_by_default_waits(Mutant):
    """Waits without limit if no timeout is given, or a negative one, like the poll of the system."""

    breaks = ("connection.poll.nothing", "pipe.pair")

    class Connection(BrokenConnection):
        def poll(self, timeout=-1):
            return super().poll(None if timeout is not None and timeout < 0 else timeout)

    def Pipe(ctx, duplex=True):
        return pipe_of(poll_by_default_waits.Connection, ctx, duplex)


class poll_counts_bytes(Mutant):
    """Returns False at the end of the file, where there are no bytes to read."""

    breaks = ("connection.poll.ends",)

    class Connection(BrokenConnection):
        def _poll(self, timeout):
            super()._poll(timeout)
            size = struct.calcsize("i")
            return ioctl(self._handle, termios.FIONREAD, bytes(size)) != bytes(size)

    def Pipe(ctx, duplex=True):
        return pipe_of(poll_counts_bytes.Connection, ctx, duplex)


class fileno_without_return(Mutant):
    """Checks whether it is closed, and forgets to return the descriptor."""

    breaks = ("connection.fileno.tells", "pipe.fileno.selects")

    class Connection(BrokenConnection):
        def fileno(self):
            self._check_closed()

    def Pipe(ctx, duplex=True):
        return pipe_of(fileno_without_return.Connection, ctx, duplex)


class every_fifth_again(Mutant):
    """Gives every fifth time what is in its buffer already."""

    breaks = ("connection.flow.faithful", "connection.exchange.faithful")

    class Connection(BrokenConnection):
        count, last = 0, None

        def _recv_bytes(self, maxsize=None):
            self.count += 1
            if self.count % 5:
                self.last = super()._recv_bytes(maxsize)
            return self.last

    def Pipe(ctx, duplex=True):
        return pipe_of(every_fifth_again.Connection, ctx, duplex)


class newest_first(Mutant):
    """Reads all that is there, and then gives the newest."""

    breaks = ("connection.flow.order", "connection.exchange.order")

    class Connection(BrokenConnection):
        read = ()

        def _recv_bytes(self, maxsize=None):
            read = [*self.read] or [super()._recv_bytes(maxsize)]
            while super()._poll(0):
                try:
                    read.append(super()._recv_bytes(maxsize))
                except EOFError:
                    break
            *self.read, newest = read
            return newest

        def _poll(self, timeout):
            return bool(self.read) or super()._poll(timeout)

    def Pipe(ctx, duplex=True):
        return pipe_of(newest_first.Connection, ctx, duplex)


class send_flushes_what_came(Mutant):
    """Throws away before it sends what is there to receive, as if that were an old answer."""

    breaks = ("connection.exchange.lossless",)

    class Connection(BrokenConnection):
        def send(self, obj):
            while self._readable and self._poll(0):
                self._recv_bytes()
            super().send(obj)

    def Pipe(ctx, duplex=True):
        return pipe_of(send_flushes_what_came.Connection, ctx, duplex)


class milliseconds_in_31_bits(Mutant):
    """Counts a timeout in milliseconds, in a type that is too small."""

    breaks = ("connection.poll.month",)

    class Connection(BrokenConnection):
        def poll(self, timeout=0.0):
            if timeout is not None and timeout * 1000 >= 2**31:
                raise OverflowError("timeout is too large")
            return super().poll(timeout)

    def Pipe(ctx, duplex=True):
        return pipe_of(milliseconds_in_31_bits.Connection, ctx, duplex)
