"""Challenges: deliver_challenge() and answer_challenge(), of which each end of a connection that has a key calls both.

What accept() and Client() do with them is in ``authentication``.
"""

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from conformance import Spec, arg, module, raises
from specs.connections.authentication import KEY, outcome, wrong_keys
from specs.connections.listeners import CONNECTION

DELIVER, ANSWER = CONNECTION + ".deliver_challenge", CONNECTION + ".answer_challenge"

challenge = Spec("challenge", documents=CONNECTION)


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
