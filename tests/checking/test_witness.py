"""Witnesses survive being written, and broken ones are refused with a reason."""

import json

import pytest
from support.subjects import OVERFILLS, subject

from conformance import catalogue
from conformance.checking.findings import Violation
from conformance.checking.script import Script
from conformance.checking.witness import BrokenWitness, Witness
from conformance.driver.campaign import Campaign, Profile
from conformance.driver.replay import replay
from conformance.generation.composition import compose
from conformance.generation.strategies import arguments, draw_many

SPECS = [entry.spec for entry in catalogue.entries()]


def again(witness: Witness) -> Witness:
    return Witness.from_json(json.loads(json.dumps(witness.to_json())))


@pytest.mark.parametrize("spec", [s for s in SPECS if s.operations], ids=lambda spec: spec.name)
def test_witness_keeps_scripts_through_json(spec):
    clause = next(name for name, clause in spec.clauses.items() if clause.kind == "operation")
    for number in range(40):
        witness = Witness(clause, compose(spec, (3, 15), number).script)
        assert again(witness) == witness


def test_witness_keeps_arguments_through_json():
    for spec in SPECS:
        for clause, scenario in spec.scenarios.items():
            for drawn in draw_many(arguments(scenario.domains), 3, 0):
                witness = Witness(clause, arguments=drawn)
                assert again(witness) == witness
        for stream in spec.streams.values():
            for drawn in draw_many(arguments(stream.domains), 3, 0):
                witness = Witness(f"{spec.name}.{stream.stuck}", None, stream.name, drawn)
                assert again(witness) == witness


PUT = {"format": 1, "clause": "queue.put.full", "make": {"maxsize": "1"}, "rounds": [{"0": ["put(1)"]}]}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"format": 2}, "format"),
        ({"clause": "queue.put.fool"}, "does not exist"),
        ({"rounds": [{"7": ["put(1)"]}]}, "no actor 7"),
        ({"rounds": [{"0": ["push(1)"]}]}, "no operation 'push'"),
        ({"rounds": [{"0": ["put(open('x'))"]}]}, "queue.put.full"),
        ({"rounds": [{"0": ["put(1"]}]}, "queue.put.full"),
        ({"rounds": [7]}, "queue.put.full"),
        ({"make": None}, "queue.put.full"),
        ({"make": {"size": "1"}}, "is made with maxsize"),
        ({"clause": ["queue.put.full"]}, "does not exist"),
        ({"rounds": [{"0": ["put(1, True, None, 2)"]}]}, "has arguments that put does not take"),
        ({"rounds": [{"0": ["put(1, obj=2)"]}]}, "has arguments that put does not take"),
    ],
)
def test_witness_refuses_broken_json(change, said):
    with pytest.raises(BrokenWitness, match=said):
        Witness.from_json({**PUT, **change})


def test_witness_refuses_incomplete_arguments():
    with pytest.raises(BrokenWitness, match="needs the arguments objs, size"):
        Witness.from_json({"format": 1, "clause": "queue.exit.flushes", "arguments": {"objs": "(1,)"}})


def test_replay_distinguishes_the_broken_from_the_real():
    script = Script({"maxsize": 1}, ({0: (("put", (1,), {}), ("put", (2, False), {}))},))
    witness = Witness("queue.put.full", script)
    broken = replay(witness, subject(OVERFILLS), 6)
    assert (broken.tries, broken.hits) == (6, 6)
    assert broken.violations[0].observed == "put(2, False) returned None"
    real = replay(witness, subject(), 6)
    assert (real.tries, real.hits, real.unknowns) == (6, 0, ())


def test_replay_ends_once_it_was_seen_often_enough():
    script = Script({"maxsize": 1}, ({0: (("put", (1,), {}), ("put", (2, False), {}))},))
    shown = replay(Witness("queue.put.full", script), subject(OVERFILLS), 400, enough=1)
    assert shown.hits == shown.tries == 4


@pytest.mark.parametrize(
    ("address", "clause"),
    [
        ("mutants.queues.queues:negative_maxsize_refused", "queue.made"),
        ("mutants.synchronization.locks:open_to_threads", "lock.threads.exclude"),
        ("mutants.synchronization.locks:starts_locked", "lock.progress"),
    ],
)
def test_replay_repeats_what_a_campaign_found(address, clause):
    small = Profile("small", scripts=48, pinned=1, streams=1, scenarios=1)
    entry, broken = catalogue.owner(clause), subject(address)
    found: dict[str, tuple[Violation, ...]] = Campaign(entry, broken, small, 0).run([clause]).violated
    assert replay(again(found[clause][0].witness), broken, 1).hits == 1
