"""What is drawn depends on the seed, and on nothing else."""

import os
import random
import subprocess
import sys
import zlib

from hypothesis import strategies as st

from conformance import Blob, arg, catalogue
from conformance.driver.composition import value
from conformance.driver.strategies import arguments, draw_many, scripts, values

LATEST = (3, 15)
QUEUE = catalogue.entry("queue").spec


def test_domains_yield_their_values():
    rng = random.Random(0)
    assert {value(arg.blocks, rng) for _ in range(50)} == {True, False}
    assert {value(arg.integers(2, 4), rng) for _ in range(80)} == {2, 3, 4}
    assert any(isinstance(v, Blob) and v.size > 65_536 for v in (value(arg.items, rng) for _ in range(300)))
    assert all(not isinstance(v, Blob) or v.size < 4096 for v in (value(arg.small_items, rng) for _ in range(300)))


def test_domains_become_strategies():
    drawn = draw_many(arguments({"block": arg.blocks, "n": arg.integers(1, 3), "objs": arg.lists(1, 3)}), 60, seed_=1)
    assert {example["block"] for example in drawn} == {True, False}
    assert {example["n"] for example in drawn} == {1, 2, 3}
    assert {len(example["objs"]) for example in drawn} == {1, 2, 3}
    assert all(len(set(map(str, example["objs"]))) == len(example["objs"]) for example in drawn)
    assert any(isinstance(v, Blob) and v.size > 65_536 for v in draw_many(values(arg.items), 200, seed_=1))


def test_draws_depend_on_the_seed():
    some = scripts(QUEUE, LATEST)
    assert draw_many(some, 20, seed_=7) != draw_many(some, 20, seed_=8)


def test_draws_depend_on_nothing_but_the_seed():
    some = scripts(QUEUE, LATEST)
    first = draw_many(some, 20, seed_=7)
    random.seed("another")
    draw_many(st.integers(), 5, seed_=1)
    assert draw_many(some, 20, seed_=7) == first


def test_as_many_are_drawn_as_are_asked_for():
    assert [len(draw_many(st.integers(), count, seed_=3)) for count in (0, 1, 30)] == [0, 1, 30]
    assert draw_many(st.just(1), 1, seed_=3) == [1]


HASHING = """
import zlib
from conformance import catalogue
from conformance.driver.strategies import draw_many, scripts
spec = catalogue.entry("queue").spec
print(zlib.crc32(repr(draw_many(scripts(spec, (3, 15)), 20, 7)).encode()))
"""


def test_another_process_draws_the_same():
    """Sets are in another order there."""
    environment = {**os.environ, "PYTHONHASHSEED": "1", "PYTHONPATH": str(catalogue.HERE.parent)}
    there = subprocess.run([sys.executable, "-c", HASHING], env=environment, capture_output=True, text=True, check=True)
    here = repr(draw_many(scripts(QUEUE, LATEST), 20, 7))
    assert int(there.stdout) == zlib.crc32(here.encode())
