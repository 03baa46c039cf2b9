"""What is drawn depends on the seed, and on nothing else."""

import copy
import os
import random
import subprocess
import sys
import zlib

from hypothesis import strategies as st

from conformance import Blob, catalogue
from conformance.generation.composition import value
from conformance.generation.strategies import DRAWN, arguments, compose_many, draw_many, values
from conformance.vocabulary import arg

LATEST = (3, 15)
QUEUE = catalogue.entry("queue").spec


def test_value_yields_every_value_of_a_domain():
    rng = random.Random(0)
    assert {value(arg.blocks, rng) for _ in range(50)} == {True, False}
    assert {value(arg.integers(2, 4), rng) for _ in range(80)} == {2, 3, 4}
    assert any(isinstance(v, Blob) and v.size > 65_536 for v in (value(arg.items, rng) for _ in range(300)))
    assert all(not isinstance(v, Blob) or v.size < 4096 for v in (value(arg.small_items, rng) for _ in range(300)))


def test_arguments_turns_domains_into_strategies():
    drawn = draw_many(arguments({"block": arg.blocks, "n": arg.integers(1, 3), "objs": arg.lists(1, 3)}), 60, seed_=1)
    assert {example["block"] for example in drawn} == {True, False}
    assert {example["n"] for example in drawn} == {1, 2, 3}
    assert {len(example["objs"]) for example in drawn} == {1, 2, 3}
    assert all(len(set(map(str, example["objs"]))) == len(example["objs"]) for example in drawn)
    assert any(isinstance(v, Blob) and v.size > 65_536 for v in draw_many(values(arg.items), 200, seed_=1))


def composed(seed):
    """Scripts that nobody has kept."""
    DRAWN.clear()
    return [each.script for each in compose_many(QUEUE, LATEST, frozenset(), 20, seed)]


def test_compose_many_depends_on_the_seed():
    assert composed(7) != composed(8)


def test_compose_many_depends_on_nothing_but_the_seed():
    first = composed(7)
    random.seed("another")
    draw_many(st.integers(), 5, seed_=1)
    assert composed(7) == first


def test_compose_many_caches_scripts_by_their_calls():
    some = compose_many(QUEUE, LATEST, frozenset(), 5, 1)
    assert compose_many(QUEUE, LATEST, frozenset(), 5, 1) is some
    fewer = copy.copy(QUEUE)
    fewer.operations = {name: op for name, op in QUEUE.operations.items() if name != "qsize"}
    others = [each.script for each in compose_many(fewer, LATEST, frozenset(), 20, 1)]
    rounds = [round_ for script in others for round_ in script.rounds]
    assert "qsize" not in {op for round_ in rounds for calls in round_.values() for op, *_ in calls}


def test_draw_many_draws_as_many_as_asked():
    assert [len(draw_many(st.integers(), count, seed_=3)) for count in (0, 1, 30)] == [0, 1, 30]
    assert draw_many(st.just(1), 1, seed_=3) == [1]


HASHING = """
import zlib
from conformance import catalogue
from conformance.generation.strategies import compose_many
spec = catalogue.entry("queue").spec
print(zlib.crc32(repr([each.script for each in compose_many(spec, (3, 15), frozenset(), 20, 7)]).encode()))
"""


def test_compose_many_is_the_same_in_another_process():
    """Sets are in another order there."""
    environment = {**os.environ, "PYTHONHASHSEED": "1", "PYTHONPATH": str(catalogue.HERE.parent)}
    there = subprocess.run([sys.executable, "-c", HASHING], env=environment, capture_output=True, text=True, check=True)
    here = repr(composed(7))
    assert int(there.stdout) == zlib.crc32(here.encode())
