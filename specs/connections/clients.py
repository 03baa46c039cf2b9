"""Clients: Client() connects to a listener of any address family, on any version of Python."""

import os
import socket
import tempfile
from array import array
from concurrent.futures import ThreadPoolExecutor

from conformance import Spec, arg, interpreters, module, program, raises, unproven
from specs.connections.listeners import CONNECTION, FAMILIES, connected, directory, family, talk

client = Spec("client", documents=CONNECTION + ".Client")


@client.scenario("connects", doc=CONNECTION, name=arg.one_of(*FAMILIES))
def a_client_is_connected(mp, name):
    """Client() and accept() return Connection objects that send and receive in both directions."""
    with connected(mp, family=name) as (_, mine, theirs):
        assert isinstance(mine, module(mp, "connection").Connection)
        assert isinstance(theirs, module(mp, "connection").Connection)
        for one, other in (mine, theirs), (theirs, mine):
            for size in 0, 1, 10_000:
                data = os.urandom(size)
                one.send_bytes(data)
                assert other.recv_bytes() == data
                other.send(data)
                assert one.recv() == data
        assert mine.fileno() != theirs.fileno()


@client.scenario("ends", name=arg.one_of(*FAMILIES), first=arg.one_of(0, 1))
def one_end_is_closed(mp, name, first):
    """The connections of Client() and accept() receive everything that was sent before the other end was closed,
    and then raise EOFError."""
    with connected(mp, family=name) as (_, *ends):
        closing, other = ends[first], ends[1 - first]
        numbers = array("i", [42, 1729])
        closing.send([2.25, None, "junk", float])
        closing.send_bytes(numbers)
        closing.close()
        assert other.recv() == [2.25, None, "junk", float]
        buffer = array("i", [0] * 3)
        assert other.recv_bytes_into(buffer) == len(numbers.tobytes())
        assert buffer.tolist() == [42, 1729, 0]
        with raises(EOFError):
            other.recv()


# Large messages use AF_UNIX only: while both ends sleep, the system delays what TCP sends, seemingly forever.
@client.scenario("waits", doc=CONNECTION + ".Connection.recv")
def connections_have_no_default_timeout(mp):
    """The connections of Client() and accept() wait for messages and for room to send, even if
    sockets have a default timeout."""
    if "AF_UNIX" not in FAMILIES:
        unproven("sockets have no AF_UNIX here")
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(3600)
    try:
        with connected(mp, family="AF_UNIX") as (_, mine, theirs), ThreadPoolExecutor(1) as threads:
            for one, other in (mine, theirs), (theirs, mine):
                sending = threads.submit(one.send_bytes, bytes(5_000_000))
                assert other.recv_bytes() == bytes(5_000_000)
                sending.result()
    finally:
        socket.setdefaulttimeout(before)


@client.scenario("family.given", name=arg.one_of(*FAMILIES))
def the_client_is_given_a_family(mp, name):
    """Client() uses the family that it is given, or infers it from the address if family is None."""
    connection = module(mp, "connection")
    with connection.Listener(family=name, backlog=3) as listening:
        for args, kwargs in ((name,), {}), ((None,), {}), ((), {"family": name}):
            with connection.Client(listening.address, *args, **kwargs) as theirs, listening.accept() as mine:
                assert family(theirs) == name
                talk(mine, theirs)


@client.scenario("family.backslashes")
def backslashes_in_a_file_name(mp):
    """Client() treats a string that starts with two backslashes as an ordinary file name if family is AF_UNIX."""
    if os.name == "nt":
        unproven("on Windows, such an address names a pipe")
    connection, name = module(mp, "connection"), r"\\name"
    with directory(), connection.Listener(name, "AF_UNIX") as listening:
        assert listening.address == name
        with connection.Client(name, "AF_UNIX") as theirs, listening.accept() as mine:
            talk(mine, theirs)


@client.scenario("nobody")
def nobody_listens(mp):
    """Client() raises OSError if no process listens at the address."""
    if "AF_UNIX" not in FAMILIES:
        unproven("sockets have no AF_UNIX here")
    with tempfile.TemporaryDirectory() as parent, raises(OSError):
        module(mp, "connection").Client(os.path.join(parent, "socket"))


TALK = """
import importlib, sys
connection = getattr(mp, "connection", None) or importlib.import_module(PACKAGE + ".connection")
with connection.Client(sys.argv[1], authkey=b"a key") as talker:
    talker.send(talker.recv())
    talker.send_bytes(talker.recv_bytes())
"""
MESSAGE = ["text", b"bytes", 1, 2.5, None, {"key": (True, False)}]


@client.scenario("versions", doc=CONNECTION)
def versions_understand_each_other(mp):
    """A client that runs on another version of Python can authenticate itself and exchange objects
    and bytes with a listener."""
    for interpreter in interpreters():
        listening = module(mp, "connection").Listener(None, "AF_UNIX", authkey=b"a key")
        with listening, ThreadPoolExecutor(1) as thread:
            ended = thread.submit(program, TALK, listening.address, interpreter=interpreter)
            with listening.accept() as peer:
                peer.send(MESSAGE)
                peer.send_bytes(b"x" * 3000)
                assert peer.recv() == MESSAGE
                assert peer.recv_bytes() == b"x" * 3000
            assert ended.result().status == 0
