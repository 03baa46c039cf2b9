"""Scripts are plain data, made of valid calls, the same for the same number; and nobody is left waiting."""

import inspect

import pytest

from conformance import catalogue
from conformance.checking.script import Call, Script
from conformance.checking.worlds import World
from conformance.generation import rescue
from conformance.generation.composition import OVERLAP, ROUNDS, compose, foresee
from conformance.vocabulary.outcomes import Blocks
from conformance.vocabulary.spec import Others

LATEST = (3, 15)
SPECS = {entry.spec.name: entry.spec for entry in catalogue.entries() if entry.spec.operations}
each_spec = pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS)


def calls_of(script):
    """Every call of a script with its actor."""
    return [(actor, call) for round_ in script.rounds for actor, calls in round_.items() for call in calls]


@each_spec
def test_compose_repeats_scripts_for_the_same_numbers(spec):
    assert [compose(spec, LATEST, n).script for n in range(40)] == [compose(spec, LATEST, n).script for n in range(40)]


@each_spec
def test_compose_varies_scripts_with_the_number(spec):
    assert len({repr(compose(spec, LATEST, n).script) for n in range(100)}) > 75


@each_spec
def test_compose_makes_only_valid_calls(spec):
    for number in range(100):
        script = compose(spec, LATEST, number).script
        assert set(script.make) == set(spec.domains)
        for actor, (op, args, kwargs) in calls_of(script):
            operation = spec.operations[op]
            extra = {"others": Others()} if operation.sees_others else {}
            bound = inspect.signature(operation.relation).bind(
                spec.state(**script.make), actor, *args, **kwargs, **extra
            )
            assert set(bound.arguments) <= {"others", *list(bound.signature.parameters)[:2], *operation.domains}


@each_spec
def test_compose_keeps_to_the_documented_shape(spec):
    for number in range(100):
        script = compose(spec, LATEST, number).script
        assert 0 <= len(script.rounds) <= ROUNDS[1]
        assert len(script) == len(calls_of(script))
        for round_ in script.rounds:
            assert set(round_) <= set(range(spec.actors))
            assert 1 <= len(round_) <= max(OVERLAP)
            assert all(round_.values())


@each_spec
def test_compose_uses_every_operation(spec):
    met = {op for number in range(200) for _, (op, _, _) in calls_of(compose(spec, LATEST, number).script)}
    assert met == set(spec.operations)


@each_spec
def test_compose_uses_no_operation_that_the_version_lacks(spec):
    for version in ((3, 8), (3, 13)):
        met = {op for number in range(60) for _, (op, _, _) in calls_of(compose(spec, version, number).script)}
        assert all(spec.operations[op].since <= version for op in met)


@each_spec
def test_compose_hardly_ever_strands_an_actor(spec):
    """The calls of a script, in order, leave nobody waiting whom the rescue does not free."""
    stranded = 0
    for number in range(60):
        script = compose(spec, LATEST, number).script
        state, waiting = replay(spec, script)
        stranded += bool(waiting) and not rescue.search(spec, [World(state)], waiting)
    assert stranded <= 6


def replay(spec, script):
    """The state after the calls of a script, one after the other, and the calls that wait then."""
    state, waiting = spec.state(**script.make), {}
    for actor, (op, args, kwargs) in calls_of(script):
        if actor in waiting:
            continue
        state = perform(spec, state, waiting, Call(actor, actor, op, args, kwargs, 0))
        for other in list(waiting.values()):
            state = perform(spec, state, waiting, other)
    return state, list(waiting.values())


def perform(spec, state, waiting, call):
    """The state after a call; a call that has to wait is put among those that do."""
    move = spec.operations[call.op].moves(state, call.actor, call.args, dict(call.kwargs), Others())[0]
    if isinstance(move.outcome, Blocks):
        waiting[call.actor] = call
        return state
    waiting.pop(call.actor, None)
    return move.state


ACQUIRE, GET, JOIN, PUT = ("acquire", (), {}), ("get", (), {}), ("join", (), {}), ("put", ("x",), {})


@pytest.mark.parametrize(
    ("name", "make", "done", "waits", "length"),
    [
        ("lock", {}, [(0, ACQUIRE)], {1: ACQUIRE}, 1),
        ("lock", {}, [(0, ACQUIRE)], {1: ACQUIRE, 2: ACQUIRE}, 1),
        ("rlock", {}, [(0, ACQUIRE), (0, ACQUIRE)], {1: ACQUIRE, 2: ACQUIRE}, 2),
        ("semaphore", {"value": 0}, [], {0: ACQUIRE, 1: ACQUIRE}, 1),
        ("event", {}, [], {0: ("wait", (), {}), 2: ("wait", (), {})}, 1),
        ("queue", {"maxsize": 1}, [(0, PUT)], {1: PUT, 2: PUT}, 1),
        ("queue", {"maxsize": 0}, [], {0: GET, 1: GET}, 1),
        ("simplequeue", {}, [], {0: GET}, 1),
        ("joinablequeue", {"maxsize": 0}, [(0, PUT)] * 3 + [(1, GET)], {1: JOIN}, 3),
        ("joinablequeue", {"maxsize": 2}, [(0, PUT), (0, PUT)], {1: JOIN, 2: PUT}, 1),
        ("connection", {"duplex": True}, [], {0: ("recv", (), {})}, 1),
    ],
)
def test_rescue_frees_waiting_calls(name, make, done, waits, length):
    spec, waiting = SPECS[name], {}
    state = spec.state(**make)
    for actor, call in done:
        state = perform(spec, state, waiting, Call(0, actor, *call, 0))
    assert not waiting
    for actor, call in waits.items():
        state = perform(spec, state, waiting, Call(actor, actor, *call, 0))
    assert set(waiting) == set(waits)
    assert len(rescue.search(spec, [World(state)], list(waiting.values()))) == length
    while waiting:
        steps = rescue.search(spec, [World(state)], list(waiting.values()))
        before = len(waiting)
        for actor, call in steps:
            assert actor not in waiting
            state = perform(spec, state, waiting, Call(9, actor, *call, 0))
        for call in list(waiting.values()):
            state = perform(spec, state, waiting, call)
        assert len(waiting) < before, steps


def test_rescue_finds_nothing_when_every_actor_waits():
    """Each of the processes waits for an object, so that none is left who could put one."""
    spec = SPECS["simplequeue"]
    everybody = [Call(actor, actor, *GET, 0) for actor in range(spec.actors)]
    assert rescue.search(spec, [World(spec.state())], everybody) == []
    assert rescue.search(spec, [], everybody[:1]) == []


def test_compose_mostly_keeps_away_from_avoided_clauses():
    """Else they would end where the subject is known to deviate, and show nothing more."""
    spec = catalogue.entry("condition").spec
    unowned = frozenset(f"{op}.unowned" for op in ("wait", "wait_for", "notify", "notify_all"))

    def leading_there(avoided):
        scripts = [compose(spec, LATEST, number, avoided).script for number in range(200)]
        return sum(bool(foresee(spec, script) & unowned) for script in scripts)

    assert leading_there(frozenset()) > 120
    assert 0 < leading_there(unowned) < 60
    assert sum(map(len, (compose(spec, LATEST, number, unowned).script for number in range(200)))) > 800


def test_foresee_rehearses_the_phases_of_a_wait():
    """Phases are rehearsed: a wait gives up the lock, is notified, and takes the lock back."""
    spec = catalogue.entry("condition").spec
    wait, notify = ("wait", (), {}), ("notify", (), {})
    rounds = ({1: (("acquire", (), {}), wait)}, {0: (("acquire", (), {}), notify)}, {0: (("release", (), {}),)})
    assert foresee(spec, Script({}, rounds)) >= {"wait.waits", "notify.wakes", "wait.held", "wait.returns"}
