"""Witnesses become small, and still show what they showed."""

from dataclasses import replace

import pytest
from support import races
from support.hunting import Hunt
from support.subjects import OVERFILLS, subject

from conformance import catalogue
from conformance.checking.findings import ASSERTION, HUNG, RAISED, RETURNED, Violation
from conformance.checking.script import Call, Script
from conformance.checking.witness import Witness
from conformance.driver.campaign import Campaign, Profile
from conformance.driver.shrinking import alike, shrink
from conformance.generation import reductions
from conformance.vocabulary.arg import LONG
from conformance.vocabulary.outcomes import Observed
from conformance.vocabulary.spec import call
from conformance.vocabulary.values import Blob

QUEUE = catalogue.entry("queue").spec
SCRIPT = Script(
    {"maxsize": 3},
    (
        {0: (call("put", "a", timeout=LONG), call("qsize"))},
        {0: (call("get"),), 2: (call("put", Blob(20, 1), True),)},
        {2: (call("get_nowait"),)},
    ),
)


def test_deletions_remove_every_call_once():
    for size in range(1, 6):
        dropped = [place for places in reductions.deletions(SCRIPT, size) for place in places]
        assert sorted(dropped) == sorted(reductions.places(SCRIPT))


def test_without_drops_empty_rounds():
    assert reductions.without(SCRIPT, [(2, 2, 0)]).rounds == SCRIPT.rounds[:2]


def test_with_fewer_actors_keeps_the_order_of_calls():
    merged = next(reductions.with_fewer_actors(SCRIPT))
    assert reductions.actors(merged) == [0]
    assert [op for op, *_ in merged.rounds[1][0]] == ["get", "put"]


def test_in_sequence_keeps_the_calls_of_a_round():
    for script in reductions.in_sequence(SCRIPT):
        assert len(script) == len(SCRIPT)
        assert all(len(round_) == 1 for round_ in script.rounds)


def test_with_simpler_values_simplifies_arguments_and_sizes():
    simple = list(reductions.with_simpler_values(QUEUE, SCRIPT))
    assert any(script.rounds[0][0][0][1] == (1,) and script.rounds[1][2][0][1] == (2, True) for script in simple)
    assert {script.make["maxsize"] for script in simple} == {1, 2, 3}
    assert any(script.rounds[0][0][0] == call("put", "a") for script in simple)


def test_begun_is_the_script_so_far_and_what_came_after():
    """Actor 0 made one call of three; actor 2 made both of its, and one that should have let somebody finish."""
    made = [(0, "put"), (2, "put"), (2, "get_nowait"), (2, "qsize")]
    history = [Call(number, actor, op, (), {}, number) for number, (actor, op) in enumerate(made)]
    assert reductions.begun(SCRIPT, history).rounds == (
        {0: (call("put", "a", timeout=LONG),)},
        {2: (call("put", Blob(20, 1), True),)},
        {2: (call("get_nowait"),)},
        {2: (call("qsize"),)},
    )


def ended(kind: str, text: str, *names: str) -> Violation:
    """A violation by a call that ended so."""
    blamed = Call(4, 0, "get", (), {}, 0, 1, Observed(kind, text, names))
    observed, witness = f"get() {blamed.observed}", Witness("queue.get.takes")
    return Violation(witness, "", observed, history=(blamed,), call=4, manner=kind)


def test_alike_demands_the_same_manner():
    one = ended("returned", "3")
    assert alike(one, ended("returned", "None"))
    assert not alike(one, ended("raised", "()", "queue.Empty"))
    assert not alike(ended("raised", "()", "queue.Full"), ended("raised", "()", "queue.Empty"))
    assert alike(ended("raised", "('a',)", "queue.Full"), ended("raised", "()", "queue.Full"))
    assert not alike(ended("died", "of SIGSEGV"), ended("died", "of SIGKILL"))
    assert not alike(one, replace(one, witness=Witness("queue.get.waits")))


def test_alike_separates_a_scenario_that_hangs_from_one_that_compares():
    one = Violation(Witness("queue.unbounded"), "", "does not come to an end", manner=HUNG)
    assert alike(one, replace(one, witness=Witness("queue.unbounded", arguments={"maxsize": -1})))
    assert not alike(one, replace(one, manner=ASSERTION))


# A get that should wait is violated by coming back before anything was put. On a busy machine its reply may come so
# late that the call which frees who waits has begun: then that explains it, and this one run shows nothing.
MAY_BE_EXPLAINED = {"queue.get.waits"}


@pytest.mark.parametrize(
    ("address", "clause", "most"),
    [
        (OVERFILLS, "queue.put_nowait.full", 2),
        ("mutants.queues.queues:closed_is_forgotten", "queue.get.closed", 3),
        ("mutants.queues.queues:never_waits", "queue.get.waits", 1),
        ("mutants.synchronization.locks:unbounded", "lock.release.unlocked", 1),
        ("mutants.synchronization.semaphores:one_too_few", "semaphore.acquire.takes", 1),
    ],
)
def test_shrink_makes_scripts_small(address, clause, most):
    found = Hunt(catalogue.owner(clause), subject(address), 0, {clause}).run([clause])
    shrunk = shrink(found.violated[clause][0], subject(address), 20)
    assert shrunk.witness.script is not None
    assert len(shrunk.witness.script) <= most
    assert shrunk.violation.clause == clause
    if clause in MAY_BE_EXPLAINED:
        assert shrunk.hits > shrunk.tries / 2
    else:
        assert shrunk.hits == shrunk.tries


def test_shrink_makes_arguments_small():
    address, clause = "mutants.queues.queues:default_capacity", "queue.unbounded"
    witness = Witness(clause, arguments={"objs": 300, "maxsize": -1})
    violation = Violation(witness, "", "raised queue.Full()", manner=RAISED)
    shrunk = shrink(violation, subject(address), 5)
    assert shrunk.witness.arguments == {"objs": 200, "maxsize": 0}
    assert shrunk.hits == shrunk.tries


def test_shrink_keeps_a_violation_that_does_not_recur():
    violation = Violation(Witness("queue.put.full", SCRIPT), "", "put(2) returned None", manner=RETURNED)
    shrunk = shrink(violation, subject(), 5)
    assert (shrunk.witness.script, shrunk.violation) == (SCRIPT, violation)
    assert shrunk.hits == 0
    assert shrunk.tries > 0


RACES = [name for name, race in vars(races).items() if hasattr(race, "smallest")]


@pytest.mark.slow  # a race may take twenty campaigns to show, and its witness two minutes to become small
@pytest.mark.parametrize("name", RACES)
def test_shrink_makes_races_as_small_as_possible(name):
    """To within one call of the smallest script that is known."""
    race = getattr(races, name)
    (clause,) = race.breaks
    many = Profile("many", scripts=240, pinned=0, streams=0, scenarios=0)
    on = subject(f"support.races:{name}")
    campaigns = (Campaign(catalogue.owner(clause), on, many, seed).run([clause]) for seed in range(20))
    found = next(each.violated[clause] for each in campaigns if clause in each.violated)
    shrunk = shrink(max(found, key=lambda violation: len(violation.history)), on, 120)
    assert shrunk.witness.script is not None
    assert race.smallest <= len(shrunk.witness.script) <= race.smallest + 1
