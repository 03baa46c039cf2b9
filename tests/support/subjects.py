"""Subjects and options for the broken implementations that are in ``tests``."""

import sys
from dataclasses import replace

from conformance.subjects.subject import Subject, probe
from support.runs import TESTS

OVERFILLS = "mutants.queues.queues:capacity_plus_one"  # breaks queue.put.full each time, in two calls


def subject(address: str = "multiprocessing", start_method: str = "fork") -> Subject:
    """Multiprocessing, or an implementation in ``tests``, on this interpreter."""
    real = probe(sys.executable)
    if address != real.implementation:
        real = replace(real, implementation=address, path=(str(TESTS),))
    return Subject(real, start_method)


def implementation_options(address: str) -> tuple[str, ...]:
    """The options of the command that check an implementation in ``tests``."""
    return ("--implementation", address, "--implementation-path", str(TESTS))
