"""The laws of long histories, against literal ones and against a brute-force search."""

import random
from functools import partial

import pytest

from conformance.vocabulary.laws import (
    Step,
    never_above,
    nothing_duplicated,
    nothing_invented,
    nothing_lost,
    order_per_sender,
    picked,
    sections,
)


def put(actor, start, end, value):
    return Step(actor, "put", start, end, value)


def got(actor, start, end, value):
    return Step(actor, "get", start, end, value)


def entered(actor, start, end):
    return Step(actor, "acquire", start, end, "True")


def left(actor, start, end):
    return Step(actor, "release", start, end, "None")


SENT = [put(0, 0, 1, "a"), put(0, 2, 3, "b"), put(1, 0, 9, "c")]


@pytest.mark.parametrize(
    ("law", "received"),
    [
        (nothing_invented, []),
        (nothing_invented, [got(2, 0, 1, "c"), got(2, 2, 3, "a")]),
        (nothing_invented, [got(2, 0, 1, "a"), got(3, 2, 3, "a")]),  # is the business of another law
        (nothing_duplicated, [got(2, 0, 1, "a"), got(2, 2, 3, "b"), got(3, 0, 1, "c")]),
        (nothing_lost, [got(2, 0, 1, "a"), got(2, 2, 3, "b"), got(3, 0, 1, "c")]),
        (nothing_lost, [got(2, 0, 1, "a")]),  # the others may still be on their way
        (nothing_lost, []),
        (order_per_sender, [got(2, 0, 1, "a"), got(2, 2, 3, "b")]),
        (order_per_sender, [got(2, 0, 5, "b"), got(3, 4, 6, "a")]),  # they overlap
        (order_per_sender, [got(2, 0, 4, "b"), got(3, 4, 6, "a")]),  # they share an instant
        (order_per_sender, [got(2, 0, 1, "c"), got(2, 2, 3, "a")]),  # of two senders
        (order_per_sender, [got(2, 0, 1, "b")]),  # the rest is lost
    ],
)
def test_law_accepts_a_legal_history(law, received):
    assert law(SENT, received) is None


@pytest.mark.parametrize(
    ("law", "received", "wrong"),
    [
        (nothing_invented, [got(2, 0, 1, "a"), got(3, 2, 3, "x")], "process 3 received x, which nobody sent"),
        (nothing_duplicated, [got(2, 0, 1, "a"), got(3, 2, 3, "a")], "a was sent once and received 2 times"),
        (nothing_lost, [got(2, t, t, v) for t, v in enumerate("aac")], "b was sent and never received"),
        (nothing_lost, [got(2, t, t, v) for t, v in enumerate("aaaa")], "b was sent and never received"),
        (
            order_per_sender,
            [got(2, 0, 3, "b"), got(3, 4, 6, "a")],
            "process 0 sent a before b, but b was received first",
        ),
    ],
)
def test_law_reports_what_broke_it_in_a_sentence(law, received, wrong):
    assert law(SENT, received) == wrong


def test_order_per_sender_looks_beyond_the_neighbor():
    """The second object's reception overlaps both others, and the third still comes before the first."""
    sent = [put(0, t, t, value) for t, value in enumerate("abc")]
    received = [got(2, 0, 3, "c"), got(3, 2, 8, "b"), got(4, 5, 9, "a")]
    assert order_per_sender(sent, received) == "process 0 sent a before c, but c was received first"


@pytest.mark.parametrize(
    ("bound", "enters", "leaves"),
    [
        (1, [], []),
        (1, [entered(0, 0, 1), entered(1, 1, 5)], [left(0, 4, 6)]),  # left before the other's call returned
        (1, [entered(0, 0, 1), entered(1, 0, 4)], [left(0, 4, 6)]),  # at the same instant
        (2, [entered(0, 0, 1), entered(1, 0, 1)], []),
        (1, [entered(0, 0, 1), entered(0, 3, 4)], [left(0, 1, 3), left(0, 4, 5)]),
    ],
)
def test_never_above_accepts_as_many_as_the_bound(bound, enters, leaves):
    assert never_above(bound, enters, leaves) is None


@pytest.mark.parametrize(
    ("bound", "enters", "leaves"),
    [
        (0, [entered(0, 0, 1)], [left(0, 2, 3)]),
        (1, [entered(0, 0, 1), entered(1, 0, 3)], [left(0, 4, 6)]),
        (2, [entered(actor, 0, actor) for actor in range(3)], [left(0, 3, 6)]),
    ],
)
def test_never_above_reports_one_more_than_the_bound(bound, enters, leaves):
    last = max(enters, key=lambda step: step.end)
    wrong = f"with acquire by process {last.actor}, {bound + 1} are inside, where {bound} may be"
    assert never_above(bound, enters, leaves) == wrong


def test_picked_sorts_calls_by_their_start():
    history = [got(0, 5, 6, "a"), put(1, 3, 9, "a"), put(0, 1, 2, "b"), entered(2, 0, 1)]
    assert [step.start for step in picked(history, "put", "get")] == [1, 3, 5]


def test_sections_pairs_an_entry_with_the_departure_that_follows():
    history = [left(0, 0, 1), entered(0, 2, 3), entered(1, 2, 9), left(0, 4, 5), entered(0, 6, 7)]
    assert sections(history, "acquire", "release") == {0: [(entered(0, 2, 3), left(0, 4, 5))]}


def fifo_for_each_sender(calls, lanes=(), earliest=0):
    """Whether the calls can take effect one after the other, each inside its times, as FIFOs do."""
    if not calls:
        return True
    for call in calls:
        instant = max(earliest, call.start)
        after = step(dict(lanes), call)
        if instant <= call.end and after is not None:
            rest = [other for other in calls if other is not call]
            if fifo_for_each_sender(rest, after, instant):
                return True
    return False


def step(lanes, call):
    """The lanes after a call; None if it cannot happen."""
    if call.op == "put":
        return {**lanes, call.actor: (*lanes.get(call.actor, ()), call.value)}.items()
    for sender, lane in lanes.items():
        if lane[:1] == (call.value,):
            return {**lanes, sender: lane[1:]}.items()
    return None


def lane_of(rng, call, values):
    """Calls of one process, one strictly after the other; times are small, so that many coincide."""
    clock = rng.randint(0, 3)
    for value in values:
        start = clock + rng.randint(1, 2)
        clock = start + rng.randint(0, 4)
        yield call(start, clock, value)


def some_history(rng):
    """Sends of one or two processes, all received, none before it is sent."""
    while True:
        counts = [rng.randint(1, 3) for _ in range(rng.randint(1, 2))]
        sent = [s for a, n in enumerate(counts) for s in lane_of(rng, partial(put, a), [f"{a}{i}" for i in range(n)])]
        values = rng.sample([step.value for step in sent], len(sent))
        cut = rng.randint(0, len(values))
        received = [*lane_of(rng, partial(got, 2), values[:cut]), *lane_of(rng, partial(got, 3), values[cut:])]
        sending = {step.value: step for step in sent}
        if all(step.end >= sending[step.value].start for step in received):
            return sent, received


def test_order_per_sender_agrees_with_brute_force():
    rng = random.Random("order")
    seen = {True: 0, False: 0}
    for _ in range(8000):
        sent, received = some_history(rng)
        legal = fifo_for_each_sender(sent + received)
        assert (order_per_sender(picked(sent, "put"), received) is None) == legal, (sent, received)
        seen[legal] += 1
    assert min(seen.values()) > 1000, seen  # neither side is vacuous
