"""The two ends of a pipe, and the messages between them: the states of ``connections``."""

from conformance import Frozen, replace

OBJECT, BYTES = "object", "bytes"


class Connection(Frozen):
    """The ends 0 and 1 of a pipe, and the messages on their way to each.

    made: Pipe(duplex) creates the two connected ends of a pipe; duplex is optional, and true by default.
    inherited: A connection passed as an argument to a new process refers to the same connection in that process.
    """

    duplex: bool = True
    inboxes: tuple = ((), ())
    closed: frozenset = frozenset()
    spoiled: frozenset = frozenset()  # ends that received a message longer than maxlength
    reset: frozenset = frozenset()  # ends whose other end was closed before it had read everything

    def can_receive(self, me):
        return me not in self.closed | self.spoiled and (self.duplex or me == 0)

    def can_send(self, me):
        return me not in self.closed and (self.duplex or me == 1)

    def listens(self, end):
        """Whether a message sent to this end can still be received."""
        return end not in self.closed and (self.duplex or end not in self.spoiled)

    def head(self, me):
        """The oldest message, as its kind and its content, if this end can receive one."""
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
