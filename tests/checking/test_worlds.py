"""The checker, against literal histories and against a brute-force search."""

import random

import pytest

from conformance import catalogue
from conformance.checking.rest import at_rest
from conformance.checking.script import Call
from conformance.checking.worlds import EARLY, Explained, Refuted, World, absorb, explain
from conformance.vocabulary.outcomes import Blocks, Expires, Observed, phase, raises, returns
from conformance.vocabulary.spec import Others

MS = 1_000_000
NONE, TRUE, FALSE = Observed("returned", "None"), Observed("returned", "True"), Observed("returned", "False")


def refuted(spec, state, history):
    """The call that nothing explains, if there is one."""
    found = explain(spec, state, history)
    return found if isinstance(found, Refuted) else None


def heads(calls):
    """The first call of each process."""
    return list({call.actor: call for call in sorted(calls, key=lambda call: -call.id)}.values())


def brute_force(spec, state, history):
    """Whether some order of the calls' steps explains the history.

    Tries every order in which the calls, one after the other in each process, may take their
    steps; open calls may take some, all or none. An order is possible when instants can be chosen:
    the latest of the earliest instants so far is no later than any end.
    """
    return explains(spec, state, {}, history, 0)


def explains(spec, state, phases, left, earliest):
    """Whether what is left may follow, with no step before ``earliest``; ``phases`` are those of calls under way."""
    if all(call.end is None for call in left):
        return True
    for call in left:
        if any(c.actor == call.actor and c.id < call.id for c in left):
            continue
        operation, args, kwargs = spec.operations[call.op], call.args, dict(call.kwargs)
        for move in operation.moves(state, call.actor, args, kwargs, Others(), phases.get(call.id)):
            start = max(earliest, first_instant(call, move.outcome))
            if start <= (float("inf") if call.end is None else call.end):
                step = phase(move.outcome)
                rest = left if step else [c for c in left if c is not call]
                if explains(spec, move.state, {**phases, call.id: step}, rest, start):
                    return True
    return False


def first_instant(call, outcome):
    """When the call may end so, or take that step, at the earliest; never if the outcome is not what it did."""
    if isinstance(outcome, Blocks) or (call.observed and not outcome.admits(call.observed)):
        return float("inf")
    if isinstance(outcome, Expires):
        late = float("inf") if outcome.timeout is None else call.start + int(max(outcome.timeout, 0) * 1e9) - EARLY
        return max(call.start, late)
    return call.start


SUBJECTS = {
    "lock": ({}, [("acquire", (), ("True", "False")), ("acquire", (False,), ("True", "False")),
                  ("acquire", (True, 0.003), ("True", "False")), ("release", (), ("None", "ValueError"))]),
    "semaphore": ({"value": 1}, [("acquire", (), ("True", "False")), ("acquire", (True, 0.003), ("True", "False")),
                                 ("release", (), ("None",)), ("get_value", (), ("0", "1", "2"))]),
    "rlock": ({}, [("acquire", (False,), ("True", "False")), ("acquire", (True, 0.003), ("True", "False")),
                   ("release", (), ("None", "AssertionError"))]),
    "event": ({}, [("set", (), ("None",)), ("clear", (), ("None",)), ("is_set", (), ("True", "False")),
                   ("wait", (0.003,), ("True", "False")), ("wait", (), ("True", "False"))]),
    "simplequeue": ({}, [("put", (1,), ("None",)), ("put", (2,), ("None",)), ("get", (), ("1", "2")),
                         ("empty", (), ("True", "False"))]),
    "condition": ({}, [("acquire", (False,), ("True", "False")), ("acquire", (), ("True",)),
                       ("release", (), ("None", "AssertionError")), ("notify", (), ("None", "RuntimeError")),
                       ("wait", (0.002,), ("True", "False", "RuntimeError")), ("wait", (), ("True",))]),
    "barrier": ({"parties": 2}, [("wait", (), ("0", "1", "BrokenBarrierError")), ("abort", (), ("None",)),
                                 ("wait", (0.002,), ("0", "1", "BrokenBarrierError")), ("reset", (), ("None",)),
                                 ("is_broken", (), ("True", "False"))]),
}  # fmt: skip


def observation(text):
    if text.endswith("Error"):
        module = "threading" if text == "BrokenBarrierError" else "builtins"
        return Observed("raised", "()", (f"{module}.{text}", "builtins.Exception"))
    return Observed("returned", text)


def some_history(rng, alphabet):
    """A few calls of two or three processes; times are small, so that many coincide."""
    history, count = [], rng.randint(2, 5)
    clocks = [rng.randint(0, 2) for _ in range(rng.randint(2, 3))]
    dead = set()
    while len(history) < count and len(dead) < len(clocks):
        actor = rng.choice([a for a in range(len(clocks)) if a not in dead])
        op, args, results = rng.choice(alphabet)
        start = clocks[actor] + rng.randint(1, 2)  # a process's stamps differ, those of two may coincide
        clocks[actor] = end = start + rng.randint(0, 5)
        call = Call(len(history), actor, op, args, {}, start * MS)
        if rng.random() < 0.1:
            dead.add(actor)
        else:
            call = call.finished(start * MS, end * MS, observation(rng.choice(results)))
        history.append(call)
    return history


@pytest.mark.parametrize("name", SUBJECTS)
def test_absorb_agrees_with_brute_force(name):
    make, alphabet = SUBJECTS[name]
    spec = catalogue.entry(name).spec
    rng = random.Random(name)
    seen = {True: 0, False: 0}
    for _ in range(4000):
        history = some_history(rng, alphabet)
        legal = brute_force(spec, spec.state(**make), history)
        assert (refuted(spec, spec.state(**make), history) is None) == legal, history
        seen[legal] += 1
    assert min(seen.values()) > 400, seen  # neither side is vacuous


@pytest.mark.parametrize("name", SUBJECTS)
def test_absorb_accepts_legal_histories_read_out_of_order(name):
    """Replies may be read a little out of order, and that must not refute a legal history.

    A process sends its reply before it makes its next call, so a call that is not read yet, though
    one that ended later is, is the last that its process has begun.
    """
    make, alphabet = SUBJECTS[name]
    spec = catalogue.entry(name).spec
    rng = random.Random(f"{name} out of order")
    tried = 0
    while tried < 300:
        history = some_history(rng, alphabet)
        if refuted(spec, spec.state(**make), history):
            continue
        tried += 1
        worlds, left = frozenset({World(spec.state(**make))}), list(history)
        finished = [call for call in history if call.end is not None]
        for call in sorted(finished, key=lambda call: sent(call, history, rng)):
            left.remove(call)
            unread = [Call(c.id, c.actor, c.op, c.args, c.kwargs, c.start) for c in left]
            after = absorb(spec, worlds, call, heads(unread))
            assert isinstance(after, Explained), history
            worlds = after.worlds


def sent(call, history, rng):
    """Some instant between the end of the call and the start of its process's next one."""
    later = [c.start for c in history if c.actor == call.actor and c.id > call.id]
    return rng.uniform(call.end, min(later, default=call.end + 3 * MS))


def done(id_, actor, op, start, end, observed, *args):
    return Call(id_, actor, op, args, {}, start * MS).finished(start * MS, end * MS, observed)


def test_absorb_refutes_a_lost_wake_up_at_the_deadline():
    """The wait gives up at 14 ms although the event was set at 5: nothing was unset at the deadline."""
    spec = catalogue.entry("event").spec
    history = [done(0, 0, "wait", 0, 14, FALSE, 0.012), done(1, 1, "set", 5, 6, NONE)]
    assert refuted(spec, spec.state(), history).blamed == "returns"


def test_absorb_accepts_a_late_timeout():
    spec = catalogue.entry("event").spec
    assert refuted(spec, spec.state(), [done(0, 0, "wait", 0, 500, FALSE, 0.012)]) is None


def test_absorb_refutes_an_early_timeout():
    spec = catalogue.entry("event").spec
    assert refuted(spec, spec.state(), [done(0, 0, "wait", 0, 10, FALSE, 0.012)]).blamed == "expires"


def test_absorb_accepts_full_while_a_get_has_not_returned():
    """The slot of a get is free when the get returns; a put that overlaps it may still find none."""
    spec = catalogue.entry("queue").spec
    full = Observed("raised", "()", ("queue.Full", "builtins.Exception"))
    put, get = done(0, 0, "put", 0, 1, NONE, "a"), done(1, 1, "get", 2, 9, Observed("returned", "'a'"))
    refused = done(2, 2, "put_nowait", 5, 6, full, "b")
    assert refuted(spec, spec.state(maxsize=1), [put, get, refused]) is None
    late = done(2, 2, "put_nowait", 10, 11, full, "b")
    assert refuted(spec, spec.state(maxsize=1), [put, get, late]).blamed == "stores"


def test_absorb_demands_order_for_each_producer_only():
    spec = catalogue.entry("queue").spec
    puts = [done(0, 0, "put", 0, 1, NONE, 1), done(1, 0, "put", 2, 3, NONE, 2), done(2, 1, "put", 4, 5, NONE, 3)]

    def got(*values):
        times = range(6, 12, 2)
        return [
            done(3 + i, 2, "get", t, t + 1, Observed("returned", str(v)))
            for i, (t, v) in enumerate(zip(times, values, strict=True))
        ]

    assert refuted(spec, spec.state(), puts + got(3, 1, 2)) is None
    assert refuted(spec, spec.state(), puts + got(2, 1, 3)).blamed == "takes"


def test_at_rest_excludes_a_world_with_a_call_in_effect():
    """A get that found its object must return, even if nobody else could tell yet."""
    spec = catalogue.entry("simplequeue").spec
    waiting = Call(1, 1, "get", (), {}, 0)
    after = absorb(spec, {World(spec.state())}, done(0, 0, "put", 0, 1, NONE, 7), [waiting])
    assert isinstance(after, Explained)
    assert at_rest(spec, after.worlds, [waiting], 5 * MS) == []
    assert at_rest(spec, [World(spec.state())], [waiting], 5 * MS)


def test_outcomes_describe_themselves():
    assert str(returns(True)) == "returns True"
    assert str(raises(ValueError)) == "raises ValueError"
    assert not returns(True).admits(Observed("returned", "1"))


def test_absorb_has_the_lock_held_while_a_predicate_is_evaluated():
    """Others find it taken in that moment, although nobody has it before or after."""
    spec = catalogue.entry("condition").spec
    history = [
        done(0, 1, "acquire", 0, 1, TRUE),
        Call(1, 1, "wait_for", (0, 3600.0), {}, 2 * MS),
        done(2, 0, "acquire", 3, 4, TRUE),
        done(3, 0, "notify_all", 5, 6, NONE),
        done(4, 0, "release", 7, 8, NONE),
        done(5, 0, "acquire", 9, 10, FALSE, False),
    ]
    assert refuted(spec, spec.state(), history) is None
    assert refuted(spec, spec.state(), history[:1] + history[2:]).blamed == "waits"
