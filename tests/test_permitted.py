"""What the manual permits passes: implementations that do otherwise than CPython, and break no promise."""

import pickle
from multiprocessing import queues, synchronize

import pytest
from mutants import Mutant

from conformance import catalogue

NEGATIVE = {"lock", "rlock", "semaphore", "boundedsemaphore", "condition"} | {
    "managerlock",
    "managerrlock",
    "managercondition",
}
"""The specs whose acquire() may be called with a negative timeout: the manual says of locks what that means."""


class asks_twice(Mutant):  # noqa: N801
    """wait_for() calls the predicate once more before it gives up."""

    clauses = ("condition.wait_for.result", "condition.wait_for.changes")

    class Condition(synchronize.Condition):
        def __init__(self, lock=None, *, ctx):
            super().__init__(lock, ctx=ctx)

        def wait_for(self, predicate, timeout=None):
            return super().wait_for(predicate, timeout) or predicate()


class put_pickles(Mutant):  # noqa: N801
    """put() pickles, as the manual says, and raises what that raises."""

    clauses = ("queue.unpicklable",)

    class Queue(queues.Queue):
        def put(self, obj, block=True, timeout=None):
            pickle.dumps(obj)
            super().put(obj, block, timeout)


@pytest.mark.parametrize("variant", [asks_twice, put_pickles])
def test_a_variant_that_the_manual_permits_passes(variant):
    for name in variant.clauses:
        scenario = catalogue.owner(name).spec.scenarios[name]
        scenario.run(variant.get_context("fork"), **dict.fromkeys(scenario.domains, 2))


def test_a_negative_timeout_is_passed_only_where_the_manual_says_what_that_means():
    passed = {
        (entry.spec.name, operation.name)
        for entry in catalogue.entries()
        for operation in entry.spec.operations.values()
        if "timeout" in operation.domains and any((v or 0) < 0 for v in operation.domains["timeout"].values)
    }
    assert {name for _, name in passed} == {"acquire"}
    assert {spec for spec, _ in passed} <= NEGATIVE
