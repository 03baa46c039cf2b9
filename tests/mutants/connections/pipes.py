"""Broken pipes: ends that are exchanged, forgotten, or lost on their way."""

import os
import struct
from io import BytesIO

from mutants import BrokenConnection, Mutant, pipe_of


class a_list(Mutant):
    """Returns the two ends in a list."""

    breaks = ("pipe.pair",)

    def Pipe(ctx, duplex=True):
        return list(ctx._real.Pipe(duplex))


class ends_of_two_pipes(Mutant):
    """Joins the receiver to the sender of the pipe that was made before."""

    breaks = ("pipe.pair",)
    kept = []

    def Pipe(ctx, duplex=True):
        kept = ends_of_two_pipes.kept
        receiver, sender = ctx._real.Pipe(duplex)
        kept.append(sender)
        return receiver, kept.pop(0) if len(kept) > 1 else ctx._real.Pipe(duplex)[1]


class simplex_by_default(Mutant):
    """Makes a pipe in one direction unless duplex is wanted."""

    breaks = ("pipe.duplex.both-ways",)

    def Pipe(ctx, duplex=False):
        return ctx._real.Pipe(duplex)


class sender_first(Mutant):
    """Returns the sender first, as if it were the standard input."""

    breaks = ("pipe.simplex.first-receives", "pipe.simplex.wrong-way")

    def Pipe(ctx, duplex=True):
        ends = ctx._real.Pipe(duplex)
        return ends if duplex else ends[::-1]


class exit_swallows(Mutant):
    """Tells the with statement that the exception is dealt with."""

    breaks = ("pipe.context.closes",)

    class Connection(BrokenConnection):
        def __exit__(self, *exc_info):
            self.close()
            return True

    def Pipe(ctx, duplex=True):
        return pipe_of(exit_swallows.Connection, ctx, duplex)


class exit_does_not_close(Mutant):
    """Stays open at the end of a with statement."""

    breaks = ("pipe.context.closes",)

    class Connection(BrokenConnection):
        def __exit__(self, *exc_info):
            self._check_closed()

    def Pipe(ctx, duplex=True):
        return pipe_of(exit_does_not_close.Connection, ctx, duplex)


class garbage_stays_open(Mutant):
    """Is not closed when it is garbage collected."""

    breaks = ("pipe.close.garbage",)

    class Connection(BrokenConnection):
        def __del__(self):
            pass

    def Pipe(ctx, duplex=True):
        return pipe_of(garbage_stays_open.Connection, ctx, duplex)


class fileno_is_a_copy(Mutant):
    """Gives a new descriptor at every call."""

    breaks = ("pipe.fileno.selects",)

    class Connection(BrokenConnection):
        def fileno(self):
            return os.dup(super().fileno())

    def Pipe(ctx, duplex=True):
        return pipe_of(fileno_is_a_copy.Connection, ctx, duplex)


class copies_are_kept(Mutant):
    """Keeps a copy of each descriptor, so that no end is ever closed for the other."""

    breaks = ("pipe.close.garbage", "pipe.end.eof", "pipe.end.midway", "pipe.end.wakes")

    def Pipe(ctx, duplex=True):
        ends = ctx._real.Pipe(duplex)
        for end in ends:
            os.dup(end.fileno())
        return ends


class parts_of_messages(Mutant):
    """Takes what came before the end of the file for the whole message."""

    breaks = ("pipe.end.midway",)

    class Connection(BrokenConnection):
        def _recv_bytes(self, maxsize=None):
            (size,) = struct.unpack("!i", self._recv(4).getvalue())
            if maxsize is not None and size > maxsize:
                return None
            buf = BytesIO()
            while chunk := os.read(self._handle, size - buf.tell()):
                buf.write(chunk)
            return buf

    def Pipe(ctx, duplex=True):
        return pipe_of(parts_of_messages.Connection, ctx, duplex)


class number_instead_of_descriptor(Mutant):
    """Sends the number of its descriptor, which means nothing in another process."""

    breaks = ("pipe.transfer.works", "pipe.transfer.receives")

    class Connection(BrokenConnection):
        def __reduce__(self):
            return type(self), (self.fileno(), self._readable, self._writable)

    def Pipe(ctx, duplex=True):
        return pipe_of(number_instead_of_descriptor.Connection, ctx, duplex)


class directions_exchanged(Mutant):
    """Arrives as writable if it is readable, and as readable if it is writable."""

    breaks = ("pipe.transfer.receives", "pipe.transfer.sends")

    class Connection(BrokenConnection):
        def __reduce__(self):
            rebuild, (kind, handle, readable, writable) = super().__reduce__()
            return rebuild, (kind, handle, writable, readable)

    def Pipe(ctx, duplex=True):
        return pipe_of(directions_exchanged.Connection, ctx, duplex)
