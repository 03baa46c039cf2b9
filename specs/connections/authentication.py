"""Authentication: the two ends of a connection prove to each other that they have a secret key, without sending it.

Any process that reaches the address of a listener can connect to it. Either end may have a key, and then challenges
the other end to answer a random message with a digest that depends on the key. An end that does not is refused.
"""

import select
import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager

from conformance import Spec, arg, child, module, raises

CONNECTION = "multiprocessing.connection"
LISTENER, CLIENT = CONNECTION + ".Listener", CONNECTION + ".Client"
ACCEPT = LISTENER + ".accept"
DELIVER, ANSWER = CONNECTION + ".deliver_challenge", CONNECTION + ".answer_challenge"

FAMILIES = ["AF_INET", "AF_UNIX"] if hasattr(socket, "AF_UNIX") else ["AF_INET"]
KEY = b"a \x00 secret"

authentication = Spec("authentication", documents="library/multiprocessing#authentication-keys")
challenge = Spec("challenge", documents=CONNECTION)


def talk(one, other):
    """Fails unless each of two connections receives what the other sends, and nothing else."""
    for sender, receiver in (one, other), (other, one):
        assert receiver.poll() is False
        sender.send(["an", "object"])
        assert receiver.recv() == ["an", "object"]


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


@contextmanager
def delivery(mp, key):
    """Yields a connection whose other end is about to deliver a challenge, and the future of that delivery."""
    mine, theirs = mp.Pipe()
    with theirs, ThreadPoolExecutor(1) as threads, mine:  # closed first, so that the thread does not wait for it
        yield mine, threads.submit(module(mp, "connection").deliver_challenge, theirs, key)


def asked(mp, key):
    """Returns what deliver_challenge() sends."""
    mine, theirs = mp.Pipe()
    with mine, theirs:
        mine.send_bytes(b"too early for an answer")
        outcome(lambda: module(mp, "connection").deliver_challenge(theirs, key))
        return mine.recv_bytes()


def answer(mp, key, message):
    """Returns what answer_challenge() sends when it receives this message."""
    mine, theirs = mp.Pipe()
    with mine, theirs:
        mine.send_bytes(message)
        mine.send_bytes(b"no welcome")
        outcome(lambda: module(mp, "connection").answer_challenge(theirs, key))
        return mine.recv_bytes()


@challenge.scenario("deliver.welcomes", doc=DELIVER, key=arg.one_of(KEY, b"", b"x" * 300))
def a_right_answer(mp, key):
    """deliver_challenge() and answer_challenge() return if their keys are equal, and leave no messages behind."""
    with delivery(mp, key) as (mine, delivering):
        module(mp, "connection").answer_challenge(mine, key)
        delivering.result()
        assert mine.poll() is False
    with delivery(mp, key) as (mine, delivering):
        mine.send_bytes(answer(mp, key, mine.recv_bytes()))
        delivering.result()
        assert mine.recv_bytes() != b""
        assert mine.poll() is False


@challenge.scenario("deliver.random", doc=DELIVER)
def a_challenge_is_random(mp):
    """deliver_challenge() sends a different challenge each time, and each has a different answer."""
    messages = [asked(mp, KEY) for _ in range(4)]
    assert len(set(messages)) == 4
    assert len({answer(mp, KEY, message) for message in messages}) == 4


def spoilt(digest):
    """Returns messages that resemble the digest but differ from it."""
    flipped = digest[:-1] + bytes([digest[-1] ^ 1])
    return [digest[:-1], flipped, digest + digest, b"", digest[:1]]


@challenge.scenario("deliver.wrong", doc=DELIVER)
def a_wrong_answer(mp):
    """deliver_challenge() raises AuthenticationError and sends no welcome if the answer is not exactly the
    digest of the challenge."""
    for number in range(5):
        with delivery(mp, KEY) as (mine, delivering):
            message = mine.recv_bytes()
            mine.send_bytes(spoilt(answer(mp, KEY, message))[number])
            with raises(mp.AuthenticationError):
                delivering.result()
            reply = mine.recv_bytes()
        mine, theirs = mp.Pipe()
        with mine, theirs:
            mine.send_bytes(message)
            mine.send_bytes(reply)
            with raises(mp.AuthenticationError):
                module(mp, "connection").answer_challenge(theirs, KEY)


@challenge.scenario("deliver.stale", doc=DELIVER)
def a_stale_answer(mp):
    """deliver_challenge() raises AuthenticationError on the answer to another challenge and on the challenge itself."""
    stale = answer(mp, KEY, asked(mp, KEY))
    with delivery(mp, KEY) as (mine, delivering):
        mine.recv_bytes()
        mine.send_bytes(stale)
        with raises(mp.AuthenticationError):
            delivering.result()
    with delivery(mp, KEY) as (mine, delivering):
        mine.send_bytes(mine.recv_bytes())
        with raises(mp.AuthenticationError):
            delivering.result()


@challenge.scenario("answer.key", doc=ANSWER)
def an_answer_takes_the_key(mp):
    """answer_challenge() sends the same digest for the same challenge and key, and another if either differs."""
    message, other = asked(mp, KEY), asked(mp, KEY)
    assert answer(mp, KEY, message) == answer(mp, KEY, message)
    answers = {answer(mp, key, text) for key in (KEY, b"another key", b"") for text in (message, other)}
    assert len(answers) == 6
    assert not [sent for sent in answers if KEY in sent]


@challenge.scenario("answer.wrong-key", doc=ANSWER, keys=wrong_keys)
def an_answer_by_a_wrong_key(mp, keys):
    """answer_challenge() and deliver_challenge() raise AuthenticationError if their keys differ."""
    with delivery(mp, keys[0]) as (mine, delivering):
        with raises(mp.AuthenticationError):
            module(mp, "connection").answer_challenge(mine, keys[1])
        with raises(mp.AuthenticationError):
            delivering.result()


@challenge.scenario("answer.not-welcome", doc=ANSWER, reply=arg.one_of(b"", b"hello", b"x" * 200))
def an_answer_is_not_welcome(mp, reply):
    """answer_challenge() raises AuthenticationError if a right answer is not welcomed."""
    mine, theirs = mp.Pipe()
    with mine, theirs:
        mine.send_bytes(asked(mp, KEY))
        mine.send_bytes(reply)
        with raises(mp.AuthenticationError):
            module(mp, "connection").answer_challenge(theirs, KEY)


@challenge.scenario("answer.no-challenge", doc=ANSWER, message=arg.one_of(b"", b"hello", b"x" * 200))
def no_challenge_at_all(mp, message):
    """answer_challenge() raises AuthenticationError if it receives neither a challenge nor a welcome."""
    mine, theirs = mp.Pipe()
    with mine, theirs:
        mine.send_bytes(message)
        mine.send_bytes(message)
        with raises(mp.AuthenticationError):
            module(mp, "connection").answer_challenge(theirs, KEY)
