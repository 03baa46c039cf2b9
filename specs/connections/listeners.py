"""Listeners: connections between processes that find each other by an address; ``clients`` covers the other end.

Both ends get connections like those of Pipe(), which ``connections`` and ``messages`` cover. How the two ends verify
each other is in ``authentication``; the listeners here accept any client.
"""

import errno
import gc
import os
import socket
import stat
import tempfile
from contextlib import ExitStack, contextmanager

from conformance import Spec, arg, child, module, raises, unproven

CONNECTION = "multiprocessing.connection"
LISTENER = CONNECTION + ".Listener"
ACCEPT, CLOSE = LISTENER + ".accept", LISTENER + ".close"
FORMATS = "library/multiprocessing#address-formats"

FAMILIES = ["AF_INET", "AF_UNIX"] if hasattr(socket, "AF_UNIX") else ["AF_INET"]
SHORT_OF_BACKLOG = 20  # the most clients that let_in() tries

listener = Spec("listener", documents=LISTENER)


@contextmanager
def connected(mp, *args, **kwargs):
    """Yields a listener with these arguments and no key, an accepted connection, and the client's connection."""
    connection = module(mp, "connection")
    with ExitStack() as closed:
        listening = closed.enter_context(connection.Listener(*args, **kwargs))
        theirs = closed.enter_context(connection.Client(listening.address))
        yield listening, closed.enter_context(listening.accept()), theirs


def system_socket(conn):
    """Returns a copy of the socket that a connection uses."""
    return socket.socket(fileno=os.dup(conn.fileno()))


def family(conn):
    """Returns the family of a connection, as the system knows it."""
    with system_socket(conn) as copy:
        return copy.family.name


def talk(one, other):
    """Fails unless each of two connections receives what the other sends, and nothing else."""
    for sender, receiver in (one, other), (other, one):
        assert receiver.poll() is False
        sender.send(["an", "object"])
        assert receiver.recv() == ["an", "object"]


@contextmanager
def directory():
    """Makes a temporary directory the current one."""
    before = os.getcwd()
    with tempfile.TemporaryDirectory() as path:
        os.chdir(path)
        try:
            yield path
        finally:
            os.chdir(before)


@listener.scenario("address.file", doc=LISTENER + ".address")
def the_name_of_a_file(mp):
    """A listener of family AF_UNIX is bound to the given file name, which is also its attribute address."""
    with tempfile.TemporaryDirectory() as parent:
        path = os.path.join(parent, "socket")
        with connected(mp, path, "AF_UNIX") as (listening, mine, theirs):
            assert listening.address == path
            assert stat.S_ISSOCK(os.stat(path).st_mode)
            with socket.socket(socket.AF_UNIX) as plain:
                plain.connect(path)
            talk(mine, theirs)


def listen_at_a_port(mp):
    """Returns a listener at a given port, and the port. It tries again if another program takes the port first."""
    for _ in range(100):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        try:
            return module(mp, "connection").Listener(("127.0.0.1", port)), port
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
    raise AssertionError("no port was free")


@listener.scenario("address.port", doc=LISTENER + ".address")
def a_host_and_a_port(mp):
    """A listener of family AF_INET is bound to the given host and port, which are also its attribute address."""
    listening, port = listen_at_a_port(mp)
    with listening:
        assert listening.address == ("127.0.0.1", port)
        with socket.create_connection(("127.0.0.1", port)), listening.accept():
            pass


@listener.scenario("address.chosen", doc=LISTENER + ".address")
def the_system_chooses_the_port(mp):
    """The attribute address of a listener created with port zero contains the port that the system chose."""
    with connected(mp, ("localhost", 0)) as (listening, mine, theirs):
        host, port = listening.address
        assert (type(host), type(port)) == (str, int)
        with system_socket(mine) as copy:
            assert copy.getsockname()[1] == port != 0
        talk(mine, theirs)


@listener.scenario("address.default")
def default_address(mp):
    """Listener() without arguments chooses a new address and the fastest family, which is AF_UNIX if available."""
    with connected(mp) as (one, mine, theirs), connected(mp) as (other, _, _):
        assert one.address != other.address
        assert family(mine) == family(theirs) == FAMILIES[-1]
        talk(mine, theirs)


@listener.scenario("address.private")
def private_directory(mp):
    """Listener() creates the socket in a directory that only its user can access if family is
    AF_UNIX and address is omitted."""
    if "AF_UNIX" not in FAMILIES:
        unproven("sockets have no AF_UNIX here")
    with connected(mp, family="AF_UNIX") as (listening, mine, theirs):
        parent = os.path.dirname(listening.address)
        assert parent != tempfile.gettempdir()  # which is private in a run of this suite
        assert stat.S_IMODE(os.stat(parent).st_mode) & 0o077 == 0
        assert os.stat(parent).st_uid == os.getuid()
        assert stat.S_ISSOCK(os.stat(listening.address).st_mode)
        talk(mine, theirs)


@listener.scenario("address.read-only", doc=LISTENER + ".address")
def address_is_read_only(mp):
    """Assigning to the attribute address of a listener raises AttributeError."""
    with module(mp, "connection").Listener(("127.0.0.1", 0)) as listening:
        address = listening.address
        with raises(AttributeError):
            listening.address = ("127.0.0.1", 1)
        assert listening.address == address


@listener.scenario("family.inferred", doc=FORMATS)
def family_is_inferred(mp):
    """Listener() and Client() infer AF_INET from a tuple and AF_UNIX from a string if family is omitted."""
    with tempfile.TemporaryDirectory() as parent:
        for name, address in zip(FAMILIES, [("127.0.0.1", 0), os.path.join(parent, "socket")]):
            with connected(mp, address) as (_, mine, theirs):
                assert family(mine) == family(theirs) == name


@listener.scenario("family.backslashes", doc=FORMATS)
def backslashes(mp):
    """An address that starts with two backslashes names a Windows named pipe, never a file, if family is omitted."""
    if os.name == "nt":
        unproven("on Windows, such an address names a pipe")
    connection = module(mp, "connection")
    with directory(), socket.socket(socket.AF_UNIX) as plain:
        with raises(Exception):
            connection.Listener(r"\\.\pipe\name")
        assert os.listdir() == []
        plain.bind(r"\\.\pipe\name")
        plain.listen()
        with raises(Exception):
            connection.Client(r"\\.\pipe\name")


@listener.scenario("family.given", name=arg.one_of(*FAMILIES))
def family_is_given(mp, name):
    """Listener() uses the family that it is given, and chooses a new address of that family if
    address is omitted or None."""
    with connected(mp, None, name) as (one, *ends), connected(mp, family=name) as (other, mine, theirs):
        assert type(one.address) is type(other.address) is (str if name == "AF_UNIX" else tuple)
        assert one.address != other.address
        assert family(ends[0]) == family(mine) == name
        talk(*ends)
        talk(mine, theirs)


@listener.scenario("family.file", doc=FORMATS)
def a_file_with_backslashes(mp):
    """Listener() treats a string that starts with two backslashes as an ordinary file name if family is AF_UNIX."""
    if os.name == "nt":
        unproven("on Windows, such an address names a pipe")
    with directory(), module(mp, "connection").Listener(r"\\name", "AF_UNIX") as listening:
        assert listening.address == r"\\name"
        with socket.socket(socket.AF_UNIX) as plain:
            plain.connect(r"\\name")


def let_in(bound):
    """Returns how many clients, up to a limit, can wait for accept() at this address."""
    with ExitStack() as closed:
        for count in range(SHORT_OF_BACKLOG):
            caller = closed.enter_context(socket.socket(socket.AF_UNIX))
            caller.setblocking(False)
            try:
                caller.connect(bound)
            except OSError:
                return count
    return SHORT_OF_BACKLOG


@listener.scenario("backlog.passed")
def backlog(mp):
    """As many clients can wait for accept() as for a socket with the same backlog; the default
    backlog of Listener() is 1."""
    if "AF_UNIX" not in FAMILIES:
        unproven("without AF_UNIX, a client that is not admitted waits")
    for backlog, kwargs in (1, {}), (0, {"backlog": 0}), (3, {"backlog": 3}), (9, {"backlog": 9}):
        with directory(), socket.socket(socket.AF_UNIX) as plain:
            plain.bind("plain")
            plain.listen(backlog)
            with module(mp, "connection").Listener("listener", **kwargs):
                assert let_in("listener") == let_in("plain")


@listener.scenario("accept.connects", doc=ACCEPT, name=arg.one_of(*FAMILIES))
def each_client_is_accepted(mp, name):
    """accept() returns a connection to one of the clients that have connected, a different client each time."""
    connection = module(mp, "connection")
    with ExitStack() as closed:
        listening = closed.enter_context(connection.Listener(family=name, backlog=3))
        clients = [closed.enter_context(connection.Client(listening.address)) for _ in range(3)]
        for number, theirs in enumerate(clients):
            theirs.send(number)
        accepted = [closed.enter_context(listening.accept()) for _ in clients]
        mine = {conn.recv(): conn for conn in accepted}
        assert sorted(mine) == [0, 1, 2]
        for number, theirs in enumerate(clients):
            talk(mine[number], theirs)


def call_from_afar(connect, address):
    with connect(address) as conn:
        conn.send([conn.recv(), "and back"])


@listener.scenario("accept.process", doc=ACCEPT, name=arg.one_of(*FAMILIES))
def another_process_connects(mp, name):
    """accept() waits for a client, which may be in another process that knows the address."""
    connection = module(mp, "connection")
    with connection.Listener(family=name) as listening, ExitStack() as closed:
        process = closed.enter_context(child(mp, call_from_afar, connection.Client, listening.address))
        mine = closed.enter_context(listening.accept())
        mine.send("there")
        assert mine.recv() == ["there", "and back"]
        with raises(EOFError):
            mine.recv()
    assert process.exitcode == 0


@listener.scenario("last_accepted.none", doc=LISTENER + ".last_accepted", name=arg.one_of(*FAMILIES))
def nobody_was_accepted(mp, name):
    """The attribute last_accepted is None until a connection is accepted, even while a client waits for accept()."""
    connection = module(mp, "connection")
    with connection.Listener(family=name) as listening:
        assert listening.last_accepted is None
        with connection.Client(listening.address):
            assert listening.last_accepted is None


@listener.scenario("last_accepted.tells", doc=LISTENER + ".last_accepted")
def the_last_was_accepted(mp):
    """The attribute last_accepted is the address of the client whose connection was accepted last."""
    connection = module(mp, "connection")
    with connection.Listener(("127.0.0.1", 0)) as listening:
        for _ in range(2):
            with connection.Client(listening.address) as theirs, listening.accept(), system_socket(theirs) as copy:
                assert listening.last_accepted == copy.getsockname()


@listener.scenario("last_accepted.read-only", doc=LISTENER + ".last_accepted")
def last_accepted_is_read_only(mp):
    """Assigning to the attribute last_accepted of a listener raises AttributeError."""
    with module(mp, "connection").Listener(("127.0.0.1", 0)) as listening:
        with raises(AttributeError):
            listening.last_accepted = ("127.0.0.1", 1)
        assert listening.last_accepted is None


@listener.scenario("close.closes", doc=CLOSE, name=arg.one_of(*FAMILIES))
def a_listener_is_closed(mp, name):
    """close() makes accept() raise OSError and disconnects clients that were not accepted;
    accepted connections stay open."""
    connection = module(mp, "connection")
    with connected(mp, family=name) as (listening, mine, theirs), connection.Client(listening.address) as waiting:
        address = listening.address
        listening.close()
        with raises(OSError):
            listening.accept()
        try:
            waiting.recv()
        except (EOFError, ConnectionError):
            pass
        else:
            raise AssertionError("somebody has spoken to a client that was never accepted")
        if name == "AF_UNIX":  # another program may have taken a port by now
            with raises(OSError):
                connection.Client(address)
        talk(mine, theirs)


def address_of_a_forgotten_listener(mp, name):
    return module(mp, "connection").Listener(family=name).address


@listener.scenario("close.garbage", doc=CLOSE)
def garbage_listens_no_more(mp):
    """A listener that is garbage collected is closed."""
    if "AF_UNIX" not in FAMILIES:
        unproven("sockets have no AF_UNIX here")
    address = address_of_a_forgotten_listener(mp, "AF_UNIX")
    for _ in range(3):  # where there are no reference counts, a finalizer may need another round
        gc.collect()
    with raises(OSError):
        module(mp, "connection").Client(address)


@listener.scenario("context.closes", failing=arg.one_of(False, True))
def listening_in_a_block(mp, failing):
    """A with statement binds the listener itself and closes it at the end of the block; an exception propagates."""
    listening = module(mp, "connection").Listener(("127.0.0.1", 0))
    try:
        with listening as entered:
            assert entered is listening
            with socket.create_connection(listening.address), listening.accept():
                pass
            if failing:
                raise KeyError("inside")
    except KeyError:
        assert failing
    else:
        assert not failing
    with raises(OSError):
        listening.accept()
