"""Authentication: the two ends of a connection prove to each other that they have a secret key, without sending it.

Any process that reaches the address of a listener can connect to it. Either end may have a key, and then challenges
the other end to answer a random message with a digest that depends on the key. An end that does not is refused. The
functions for a single challenge are in ``challenges``.
"""

import select
import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

from conformance import Spec, arg, child, module, raises
from specs.connections.listeners import ACCEPT, CONNECTION, FAMILIES, LISTENER, talk

CLIENT = CONNECTION + ".Client"
KEY = b"a \x00 secret"

authentication = Spec("authentication", documents="library/multiprocessing#authentication-keys")


def meet(mp, key, other, family=None):
    """Returns what a listener and a client with these keys get: connections, or exceptions."""
    connection = module(mp, "connection")
    with connection.Listener(family=family, authkey=key) as listening, ThreadPoolExecutor(1) as threads:
        calling = threads.submit(connection.Client, listening.address, authkey=other)
        return outcome(listening.accept), outcome(calling.result)


def outcome(function):
    try:
        return function()
    except Exception as error:
        return error


@authentication.scenario("accept.authenticates", doc=ACCEPT, key=arg.one_of(b"k", KEY, bytes(range(256))))
def the_same_key(mp, key):
    """accept() and Client() return connections that work if both have the same key, whatever its bytes, and leave no
    messages of the authentication behind."""
    connection = module(mp, "connection")
    for name in FAMILIES:
        mine, theirs = meet(mp, key, bytes(key), name)
        assert (type(mine), type(theirs)) == (connection.Connection, connection.Connection)
        with mine, theirs:
            talk(mine, theirs)


@authentication.scenario("positional", doc=CLIENT)
def keys_by_position(mp):
    """The parameter authkey is the fourth positional argument of Listener() and the third of Client()."""
    connection = module(mp, "connection")
    with connection.Listener(None, FAMILIES[-1], 2, KEY) as listening, ThreadPoolExecutor(1) as threads:
        calling = threads.submit(connection.Client, listening.address, FAMILIES[-1], KEY)
        with listening.accept() as mine, calling.result() as theirs:
            talk(mine, theirs)
        with connection.Client(listening.address) as theirs:
            theirs.send_bytes(b"no proof")
            with raises(mp.AuthenticationError):
                listening.accept()


wrong_keys = arg.one_of((b"secret", b"secre"), (b"secret", b"secret!"), (KEY, b"\x00"))


@authentication.scenario("accept.wrong-key", doc=ACCEPT, keys=wrong_keys)
def the_client_has_a_wrong_key(mp, keys):
    """accept() raises AuthenticationError, a subclass of ProcessError, if the client has a different key."""
    refused, _ = meet(mp, *keys)
    assert type(refused) is mp.AuthenticationError
    assert isinstance(refused, mp.ProcessError)


@authentication.scenario("client.wrong-key", doc="multiprocessing.AuthenticationError", keys=wrong_keys)
def the_listener_has_a_wrong_key(mp, keys):
    """Client() raises AuthenticationError if the listener has a different key."""
    _, refused = meet(mp, *keys)
    assert type(refused) is mp.AuthenticationError


def speak_up(mp, key, message):
    """Fails unless a client that sends only this message, and no answer, is challenged and refused."""
    connection = module(mp, "connection")
    with connection.Listener(authkey=key) as listening, connection.Client(listening.address) as theirs:
        theirs.send_bytes(message)
        with raises(mp.AuthenticationError):
            listening.accept()
        assert theirs.recv_bytes() != b""


@authentication.scenario("accept.no-key", doc=ACCEPT, message=arg.one_of(b"hello", b"", b"x" * 200))
def the_client_has_no_key(mp, message):
    """accept() challenges a client without a key, and raises AuthenticationError if its reply is wrong."""
    speak_up(mp, KEY, message)


@authentication.scenario("accept.empty-key", doc=LISTENER)
def an_empty_key_is_asked_for(mp):
    """An empty key is a key as well: accept() challenges the client and raises
    AuthenticationError if the answer is wrong."""
    speak_up(mp, b"", b"hello")


@authentication.scenario(
    "accept.hangs-up",
    doc=ACCEPT,
    doubt="the client has not failed to authenticate, it has gone: EOFError or OSError tells more",
)
def the_client_hangs_up(mp):
    """accept() raises AuthenticationError if the client disconnects without answering the challenge."""
    connection = module(mp, "connection")
    with connection.Listener(("127.0.0.1", 0), authkey=KEY) as listening:
        socket.create_connection(listening.address).close()
        with raises(mp.AuthenticationError):
            listening.accept()


@authentication.scenario(
    "client.hangs-up",
    doc=CLIENT,
    doubt="the listener has not failed to authenticate, it has gone: EOFError or OSError tells more",
)
def the_listener_hangs_up(mp):
    """Client() raises AuthenticationError if it has a key and the listener disconnects without a challenge."""
    connection = module(mp, "connection")
    with socket.create_server(("127.0.0.1", 0)) as door, ThreadPoolExecutor(1) as threads:
        calling = threads.submit(connection.Client, door.getsockname(), authkey=KEY)
        door.accept()[0].close()
        with raises(mp.AuthenticationError):
            calling.result()


def say(mp, key, message):
    """Fails unless a client with a key refuses a listener that sends nothing but this message, even repeatedly."""
    connection = module(mp, "connection")
    with connection.Listener() as listening, ThreadPoolExecutor(1) as threads:
        calling = threads.submit(connection.Client, listening.address, authkey=key)
        with listening.accept() as mine:
            for _ in range(3):
                mine.send_bytes(message)
            with raises(mp.AuthenticationError):
                calling.result()


@authentication.scenario("client.no-key", doc=CLIENT, message=arg.one_of(b"hello", b"", b"x" * 200))
def the_listener_has_no_key(mp, message):
    """Client() raises AuthenticationError if it has a key and the listener sends neither a challenge nor an answer."""
    say(mp, KEY, message)


@authentication.scenario("client.empty-key", doc=CLIENT)
def an_empty_key_is_a_key(mp):
    """An empty key is a key as well: Client() raises AuthenticationError if the listener has a different key."""
    _, refused = meet(mp, b"secret", b"")
    assert type(refused) is mp.AuthenticationError


@authentication.scenario("accept.anybody", doc=LISTENER)
def nobody_is_asked(mp):
    """accept() accepts any client, without a message from either end, if authkey is omitted or None."""
    connection = module(mp, "connection")
    for kwargs in {}, {"authkey": None}:
        with ExitStack() as closed:
            listening = closed.enter_context(connection.Listener(("127.0.0.1", 0), **kwargs))
            plain = closed.enter_context(socket.create_connection(listening.address))
            mine = closed.enter_context(listening.accept())
            assert mine.poll() is False
            mine.close()
            assert plain.recv(1) == b""


@authentication.scenario("client.asks-nobody", doc=CLIENT)
def nobody_is_challenged(mp):
    """Client() connects without a message from either end if authkey is omitted or None."""
    connection = module(mp, "connection")
    with socket.socket() as plain:
        plain.bind(("127.0.0.1", 0))
        plain.listen(2)
        for kwargs in {}, {"authkey": None}:
            with connection.Client(plain.getsockname(), **kwargs) as theirs, plain.accept()[0] as mine:
                assert theirs.poll() is False
                theirs.close()
                assert mine.recv(1) == b""


@authentication.scenario("accept.next", doc=ACCEPT)
def the_next_client(mp):
    """accept() accepts the next client even if the previous client failed to authenticate."""
    connection = module(mp, "connection")
    with ExitStack() as closed:
        listening = closed.enter_context(connection.Listener(authkey=KEY))
        threads = closed.enter_context(ThreadPoolExecutor(1))
        stranger = closed.enter_context(connection.Client(listening.address))
        stranger.send_bytes(b"let me in")
        with raises(mp.AuthenticationError):
            listening.accept()
        calling = threads.submit(connection.Client, listening.address, authkey=KEY)
        with listening.accept() as mine, calling.result() as theirs:
            talk(mine, theirs)


@authentication.scenario("accept.not-bytes", doc=LISTENER)
def the_key_of_a_listener_is_bytes(mp):
    """Listener() raises TypeError if authkey is a string instead of bytes."""
    with raises(TypeError):
        module(mp, "connection").Listener(authkey="secret")


@authentication.scenario("client.not-bytes", doc=CLIENT)
def the_key_of_a_client_is_bytes(mp):
    """Client() raises TypeError if authkey is a string instead of bytes."""
    connection = module(mp, "connection")
    with connection.Listener() as listening, raises(TypeError):
        connection.Client(listening.address, authkey="secret")


@authentication.scenario("client.demands")
def both_ends_prove_it(mp):
    """Client() challenges the listener as well, and raises AuthenticationError if the answer is wrong."""
    connection = module(mp, "connection")
    with connection.Listener() as listening, ThreadPoolExecutor(1) as threads:
        calling = threads.submit(connection.Client, listening.address, authkey=KEY)
        with listening.accept() as mine:
            connection.deliver_challenge(mine, KEY)
            mine.send_bytes(b"no proof")
            with raises(mp.AuthenticationError):
                calling.result()


@authentication.scenario("accept.proves")
def both_ends_are_convinced(mp):
    """accept() answers the client's challenge, and raises AuthenticationError if the client rejects the answer."""
    connection = module(mp, "connection")
    with ExitStack() as closed:
        listening = closed.enter_context(connection.Listener(authkey=KEY))
        threads = closed.enter_context(ThreadPoolExecutor(1))
        theirs = closed.enter_context(connection.Client(listening.address))
        accepting = threads.submit(listening.accept)
        connection.answer_challenge(theirs, KEY)
        with raises(mp.AuthenticationError):
            connection.deliver_challenge(theirs, b"another key")
        with raises(mp.AuthenticationError):
            accepting.result()


def relay(one, other):
    """Passes messages between two connections until one is closed, and returns all of them."""
    passed, to = [], {one: other, other: one}
    while True:
        for conn in select.select([one, other], [], [])[0]:
            try:
                passed.append(conn.recv_bytes())
            except EOFError:
                return passed
            to[conn].send_bytes(passed[-1])


@authentication.scenario("key.secret", key=arg.one_of(KEY, b"x" * 300))
def the_key_is_not_sent(mp, key):
    """The key appears in none of the messages by which accept() and Client() prove to each other that they have it."""
    connection = module(mp, "connection")
    with ExitStack() as closed:
        listening = closed.enter_context(connection.Listener(authkey=key))
        between = closed.enter_context(connection.Listener())
        threads = closed.enter_context(ThreadPoolExecutor(3))
        accepting = threads.submit(listening.accept)
        calling = threads.submit(connection.Client, between.address, authkey=key)
        with between.accept() as caller, connection.Client(listening.address) as called:
            listened_in = threads.submit(relay, caller, called)
            with accepting.result() as mine, calling.result() as theirs:
                mine.send_bytes(b"in")
                assert theirs.recv_bytes() == b"in"
            passed = listened_in.result()
    assert passed[-1] == b"in"
    assert not [data for data in passed if key in data]


def call_with_own_key(connect, current_process, address):
    with connect(address, authkey=current_process().authkey) as conn:
        conn.send("hello")


@authentication.scenario("key.inherited")
def the_key_of_the_process(mp):
    """A child inherits the authkey of its parent: a listener with this key accepts the child, and refuses a client
    that does not have the key."""
    connection = module(mp, "connection")
    with connection.Listener(authkey=mp.current_process().authkey) as listening:
        args = connection.Client, mp.current_process, listening.address
        with child(mp, call_with_own_key, *args) as process, listening.accept() as mine:
            assert mine.recv() == "hello"
        with connection.Client(listening.address) as stranger:
            stranger.send_bytes(b"hello")
            with raises(mp.AuthenticationError):
                listening.accept()
    assert process.exitcode == 0
