"""Broken listeners and clients: addresses, families and ends of connections that are not what they should be."""

import os
import pickle
import tempfile
from multiprocessing import connection

from mutants import Mutant, Patched


class address_forgotten(Mutant):
    """Chooses an address although one is given."""

    breaks = ("listener.address.file", "listener.address.port", "listener.family.inferred")

    class Listener(connection.Listener):
        def __init__(self, address=None, family=None, backlog=1, authkey=None):
            super().__init__(None, family, backlog, authkey)

    connection = Patched(connection, Listener=Listener)


class address_as_it_was_given(Mutant):
    """Tells the port zero after the system has chosen another."""

    breaks = ("listener.address.chosen",)

    class Listener(connection.Listener):
        def __init__(self, address=None, *args, **kwargs):
            super().__init__(address, *args, **kwargs)
            self._listener._address = address or self._listener._address

    connection = Patched(connection, Listener=Listener)


class network_by_default(Mutant):
    """Takes AF_INET, which is available everywhere, for the fastest family."""

    breaks = ("listener.address.default",)

    class Listener(connection.Listener):
        def __init__(self, address=None, family=None, *args, **kwargs):
            super().__init__(address, family if address or family else "AF_INET", *args, **kwargs)

    connection = Patched(connection, Listener=Listener)


class public_directory(Mutant):
    """Makes its sockets in the directory that is for everybody."""

    breaks = ("listener.address.private",)

    class Listener(connection.Listener):
        def __init__(self, address=None, family=None, *args, **kwargs):
            if not address and family == "AF_UNIX":
                public = os.path.join(tempfile.gettempdir(), "public")
                os.makedirs(public, exist_ok=True)
                os.chmod(public, 0o777)
                address = tempfile.mktemp(dir=public)
            super().__init__(address, family, *args, **kwargs)

    connection = Patched(connection, Listener=Listener)


class writable_attributes(Mutant):
    """Has plain attributes where there should be read-only properties."""

    breaks = ("listener.address.read-only", "listener.last_accepted.read-only")

    class Listener(connection.Listener):
        address = last_accepted = None

        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            self.address = self._listener._address

        def accept(self):
            accepted = super().accept()
            self.last_accepted = self._listener._last_accepted
            return accepted

    connection = Patched(connection, Listener=Listener)


class family_is_not_inferred(Mutant):
    """Takes the default family for addresses of every format."""

    breaks = ("listener.family.inferred", "listener.address.port", "listener.address.chosen")

    class Listener(connection.Listener):
        def __init__(self, address=None, family=None, *args, **kwargs):
            super().__init__(address, family or "AF_UNIX", *args, **kwargs)

    connection = Patched(connection, Listener=Listener)


class backslashes_are_files(Mutant):
    """Infers AF_UNIX from whatever is a string."""

    breaks = ("listener.family.backslashes",)

    class Listener(connection.Listener):
        def __init__(self, address=None, family=None, *args, **kwargs):
            super().__init__(address, family or ("AF_UNIX" if isinstance(address, str) else None), *args, **kwargs)

    connection = Patched(connection, Listener=Listener)


class address_before_family(Mutant):
    """Infers a family from the address although another is given."""

    breaks = ("listener.family.file",)

    class Listener(connection.Listener):
        def __init__(self, address=None, family=None, *args, **kwargs):
            super().__init__(address, connection.address_type(address) if address else family, *args, **kwargs)

    connection = Patched(connection, Listener=Listener)


class family_forgotten(Mutant):
    """Takes the default family although another is given."""

    breaks = ("listener.family.given", "client.family.given")

    class Listener(connection.Listener):
        def __init__(self, address=None, family=None, *args, **kwargs):
            super().__init__(address, None, *args, **kwargs)

    connection = Patched(connection, Listener=Listener)


class backlog_forgotten(Mutant):
    """Listens with a backlog of one, whatever is asked for."""

    breaks = ("listener.backlog.passed",)

    class Listener(connection.Listener):
        def __init__(self, address=None, family=None, backlog=1, authkey=None):
            super().__init__(address, family, authkey=authkey)

    connection = Patched(connection, Listener=Listener)


class the_first_for_all(Mutant):
    """Returns the first connection again and again."""

    breaks = ("listener.accept.connects",)

    class Listener(connection.Listener):
        first = None

        def accept(self):
            self.first = self.first or super().accept()
            return self.first

    connection = Patched(connection, Listener=Listener)


class accept_does_not_wait(Mutant):
    """Accepts only clients that wait already."""

    breaks = ("listener.accept.process",)

    class Listener(connection.Listener):
        def accept(self):
            self._listener._socket.setblocking(False)
            return super().accept()

    connection = Patched(connection, Listener=Listener)


class own_address_accepted(Mutant):
    """Tells its own address in the place of the client's."""

    breaks = ("listener.last_accepted.none", "listener.last_accepted.tells")

    class Listener(connection.Listener):
        last_accepted = connection.Listener.address

    connection = Patched(connection, Listener=Listener)


class the_first_accepted(Mutant):
    """Remembers where its first connection came from."""

    breaks = ("listener.last_accepted.tells",)

    class Listener(connection.Listener):
        first = None

        def accept(self):
            accepted = super().accept()
            self.first = self.first or self._listener._last_accepted
            return accepted

        @property
        def last_accepted(self):
            return self.first

    connection = Patched(connection, Listener=Listener)


class close_accepts_no_more(Mutant):
    """Notes that it is closed, and leaves the socket open."""

    breaks = ("listener.close.closes",)

    class Listener(connection.Listener):
        def close(self):
            self.kept, self._listener = self._listener, None

    connection = Patched(connection, Listener=Listener)


class close_closes_connections(Mutant):
    """Closes what it has accepted together with itself."""

    breaks = ("listener.close.closes",)

    class Listener(connection.Listener):
        accepted = None

        def accept(self):
            self.accepted = super().accept()
            return self.accepted

        def close(self):
            super().close()
            if self.accepted:
                self.accepted.close()

    connection = Patched(connection, Listener=Listener)


class listeners_are_listed(Mutant):
    """Keeps all listeners in a list, from which nobody takes them."""

    breaks = ("listener.close.garbage",)
    listed = []

    class Listener(connection.Listener):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            listeners_are_listed.listed.append(self)

    connection = Patched(connection, Listener=Listener)


class block_left_open(Mutant):
    """Does not close at the end of a block that an exception ends."""

    breaks = ("listener.context.closes",)

    class Listener(connection.Listener):
        def __exit__(self, exc_type, exc_value, exc_tb):
            if exc_type is None:
                self.close()

    connection = Patched(connection, Listener=Listener)


class clients_send_only(Mutant):
    """Gives the client a connection that does not receive."""

    breaks = ("client.connects", "listener.accept.connects")

    def Client(*args, **kwargs):
        conn = connection.Client(*args, **kwargs)
        conn._readable = False
        return conn

    connection = Patched(connection, Client=Client)


class client_copied(Mutant):
    """Leaves another descriptor of each client's socket open."""

    breaks = ("client.ends",)

    def Client(*args, **kwargs):
        conn = connection.Client(*args, **kwargs)
        os.dup(conn.fileno())
        return conn

    connection = Patched(connection, Client=Client)


class client_does_not_block(Mutant):
    """Leaves the client's socket in the mode that the default timeout of sockets gives it."""

    breaks = ("client.waits",)

    def Client(*args, **kwargs):
        conn = connection.Client(*args, **kwargs)
        os.set_blocking(conn.fileno(), False)
        return conn

    connection = Patched(connection, Client=Client)


class client_knows_one_family(Mutant):
    """Refuses to be told any family but AF_INET."""

    breaks = ("client.family.given",)

    def Client(address, family=None, authkey=None):
        if family not in (None, "AF_INET"):
            raise ValueError("Family %s is not recognized." % family)
        return connection.Client(address, family, authkey)

    connection = Patched(connection, Client=Client)


class connected_to_nobody(Mutant):
    """Returns a connection whether there is anybody at the address or not."""

    breaks = ("client.nobody", "listener.close.garbage")

    def Client(*args, **kwargs):
        try:
            return connection.Client(*args, **kwargs)
        except OSError:
            return connection.Pipe()[0]

    connection = Patched(connection, Client=Client)


class speaks_only_its_own_version(Mutant):
    """Pickles with a protocol that no other version knows."""

    breaks = ("client.versions",)

    class Dialect(connection.Connection):
        def send(self, obj):
            self.send_bytes(b"\x80\xff" + pickle.dumps(obj)[2:])

    class Accepting(connection.Listener):
        def accept(self):
            accepted = super().accept()
            accepted.__class__ = speaks_only_its_own_version.Dialect
            return accepted

    connection = Patched(connection, Listener=Accepting)
