"""Broken authentication: ends that ask too little, tell too much, or end in another way than they should."""

import hashlib
import hmac
import os
from multiprocessing import AuthenticationError, connection, current_process

from mutants import Mutant, Patched


class keys_end_at_zero(Mutant):
    """Handles the key of a listener as a string of C, which a null byte ends."""

    breaks = ("authentication.accept.authenticates",)

    class Listener(connection.Listener):
        def __init__(self, address=None, family=None, backlog=1, authkey=None):
            super().__init__(address, family, backlog, authkey and authkey.partition(b"\0")[0])

    connection = Patched(connection, Listener=Listener)


class key_before_backlog(Mutant):
    """Takes its arguments in another order."""

    breaks = ("authentication.positional",)

    class Listener(connection.Listener):
        def __init__(self, address=None, family=None, authkey=None, backlog=1):
            super().__init__(address, family, backlog, authkey)

    connection = Patched(connection, Listener=Listener)


class refusals_are_oserrors(Mutant):
    """Handles a failed authentication like a failed connection."""

    breaks = (
        "authentication.accept.wrong-key",
        "authentication.accept.no-key",
        "authentication.accept.empty-key",
        "authentication.accept.next",
        "authentication.accept.proves",
        "authentication.client.wrong-key",
        "authentication.client.no-key",
        "authentication.client.empty-key",
        "authentication.client.demands",
        "authentication.key.inherited",
    )

    class Listener(connection.Listener):
        def accept(self):
            try:
                return super().accept()
            except AuthenticationError:
                raise ConnectionAbortedError from None

    def Client(*args, **kwargs):
        try:
            return connection.Client(*args, **kwargs)
        except AuthenticationError:
            raise ConnectionRefusedError from None

    connection = Patched(connection, Listener=Listener, Client=Client)


class listener_does_not_ask(Mutant):
    """Proves that it knows the key if it is asked to, and does not ask back."""

    breaks = ("authentication.accept.no-key",)

    class Listener(connection.Listener):
        def accept(self):
            return self._listener.accept()

    connection = Patched(connection, Listener=Listener)


class an_empty_key_is_none(Mutant):
    """Takes a key without bytes for no key."""

    breaks = ("authentication.accept.empty-key", "authentication.client.empty-key")

    class Listener(connection.Listener):
        def __init__(self, address=None, family=None, backlog=1, authkey=None):
            super().__init__(address, family, backlog, authkey or None)

    def Client(address, family=None, authkey=None):
        return connection.Client(address, family, authkey or None)

    connection = Patched(connection, Listener=Listener, Client=Client)


class own_key_by_default(Mutant):
    """Uses the key of the process where no key is given, like a manager."""

    breaks = ("authentication.accept.anybody", "authentication.client.asks-nobody")

    class Listener(connection.Listener):
        def __init__(self, address=None, family=None, backlog=1, authkey=None):
            super().__init__(address, family, backlog, current_process().authkey if authkey is None else authkey)

    def Client(address, family=None, authkey=None):
        return connection.Client(address, family, current_process().authkey if authkey is None else authkey)

    connection = Patched(connection, Listener=Listener, Client=Client)


class one_refusal_ends_all(Mutant):
    """Closes the listener when an authentication fails."""

    breaks = ("authentication.accept.next",)

    class Listener(connection.Listener):
        def accept(self):
            try:
                return super().accept()
            except AuthenticationError:
                self.close()
                raise

    connection = Patched(connection, Listener=Listener)


class texts_are_encoded(Mutant):
    """Takes a text for a key."""

    breaks = ("authentication.accept.not-bytes", "authentication.client.not-bytes")

    class Listener(connection.Listener):
        def __init__(self, address=None, family=None, backlog=1, authkey=None):
            super().__init__(address, family, backlog, authkey.encode() if isinstance(authkey, str) else authkey)

    def Client(address, family=None, authkey=None):
        return connection.Client(address, family, None if isinstance(authkey, str) else authkey)

    connection = Patched(connection, Listener=Listener, Client=Client)


class client_does_not_ask(Mutant):
    """Proves that it knows the key, and accepts what comes back as a proof."""

    breaks = ("authentication.client.demands",)

    def Client(address, family=None, authkey=None):
        conn = connection.Client(address, family)
        if authkey is not None:
            connection.answer_challenge(conn, authkey)
            conn.send_bytes(b"#CHALLENGE#" + bytes(20))
            conn.recv_bytes()
            conn.send_bytes(b"#WELCOME#")
        return conn

    connection = Patched(connection, Client=Client)


class listener_does_not_convince(Mutant):
    """Returns the connection although the client was not convinced."""

    breaks = ("authentication.accept.proves",)

    class Listener(connection.Listener):
        def accept(self):
            conn = self._listener.accept()
            connection.deliver_challenge(conn, self._authkey)
            try:
                connection.answer_challenge(conn, self._authkey)
            except AuthenticationError:
                pass
            return conn

    connection = Patched(connection, Listener=Listener)


class key_is_sent(Mutant):
    """Has the client show its key."""

    breaks = ("authentication.key.secret",)

    class Listener(connection.Listener):
        def accept(self):
            conn = self._listener.accept()
            if self._authkey is not None and conn.recv_bytes() != self._authkey:
                raise AuthenticationError
            return conn

    def Client(address, family=None, authkey=None):
        conn = connection.Client(address, family)
        if authkey is not None:
            conn.send_bytes(authkey)
        return conn

    connection = Patched(connection, Listener=Listener, Client=Client)


class a_key_for_each(Mutant):
    """Gives each process a key of its own."""

    breaks = ("authentication.key.inherited",)

    def Process(ctx, **kwargs):
        process = ctx._real.Process(**kwargs)
        process.authkey = os.urandom(32)
        return process


def ask(conn, key, message=None, right=hmac.compare_digest):
    """A challenge in which everything may go wrong."""
    message = message or os.urandom(40)
    conn.send_bytes(b"#CHALLENGE#" + message)
    if not right(hmac.new(key, message, "sha256").digest(), conn.recv_bytes()):
        conn.send_bytes(b"#FAILURE#")
        raise AuthenticationError
    conn.send_bytes(b"#WELCOME#")


def reply(conn, key, digest=lambda *args: hmac.new(*args, "sha256"), welcome=b"#WELCOME#"):
    """The answer to such a challenge."""
    message = conn.recv_bytes()
    conn.send_bytes(digest(key, message[len(b"#CHALLENGE#") :]).digest())
    if not conn.recv_bytes().startswith(welcome):
        raise AuthenticationError


class welcomed_twice(Mutant):
    """Sends the welcome again after a right answer."""

    breaks = ("challenge.deliver.welcomes",)

    def deliver_challenge(conn, key):
        ask(conn, key)
        conn.send_bytes(b"#WELCOME#")

    connection = Patched(connection, deliver_challenge=deliver_challenge, answer_challenge=reply)


class challenge_of_zeros(Mutant):
    """Asks for the digest of the same message each time."""

    breaks = ("challenge.deliver.random", "challenge.deliver.stale")

    def deliver_challenge(conn, key):
        ask(conn, key, bytes(40))

    connection = Patched(connection, deliver_challenge=deliver_challenge, answer_challenge=reply)


class beginnings_compared(Mutant):
    """Compares as much of the digest as was sent."""

    breaks = ("challenge.deliver.wrong",)

    def deliver_challenge(conn, key):
        ask(conn, key, right=lambda digest, sent: digest.startswith(sent))

    connection = Patched(connection, deliver_challenge=deliver_challenge, answer_challenge=reply)


class lengths_compared(Mutant):
    """Looks at nothing but the length of the answer."""

    breaks = ("challenge.deliver.wrong", "challenge.deliver.stale", "challenge.answer.wrong-key")

    def deliver_challenge(conn, key):
        ask(conn, key, right=lambda digest, sent: len(digest) == len(sent))

    connection = Patched(connection, deliver_challenge=deliver_challenge, answer_challenge=reply)


class digest_without_key(Mutant):
    """Takes a digest of the message alone."""

    breaks = ("challenge.answer.key",)

    def answer_challenge(conn, key):
        reply(conn, key, digest=lambda key, message: hashlib.sha256(message))

    connection = Patched(connection, answer_challenge=answer_challenge)


class welcome_not_awaited(Mutant):
    """Takes whatever comes back for a welcome."""

    breaks = ("challenge.answer.not-welcome", "challenge.answer.no-challenge", "challenge.answer.wrong-key")

    def answer_challenge(conn, key):
        reply(conn, key, welcome=b"")

    connection = Patched(connection, deliver_challenge=ask, answer_challenge=answer_challenge)
