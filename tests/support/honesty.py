"""Whether a script accuses an implementation that keeps its promise: it is run where nothing is wrong."""

import shutil
import sys
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

from conformance.catalogue import Entry
from conformance.checking.findings import Violation
from conformance.deviations.entry import expected
from conformance.reproduction import frame
from conformance.reproduction.body import ImportPath
from conformance.reproduction.measure import SHOWS, Frequency, measure
from conformance.reproduction.reproducer import bodies, promise_of
from conformance.subjects.subject import Interpreter, Subject, probe
from support.hunting import CLAUSES, DEVIATIONS

NAMES = [f"python3.{minor}" for minor in range(8, 16)]
REAL = ImportPath("multiprocessing")
OFTEN_TRIED = (3, 13)
SECONDS = 100.0  # for the runs of one script on one interpreter


@cache
def interpreters() -> tuple[Interpreter, ...]:
    """The interpreters that are found, this one among them, one of each version, the oldest first."""
    found = [probe(sys.executable), *(probe(name) for name in NAMES if shutil.which(name))]
    return tuple(sorted({each.version[:2]: each for each in reversed(found)}.values(), key=lambda each: each.version))


def chosen(clause: str) -> list[Interpreter]:
    """The oldest interpreter that promises a clause, 3.13, and the newest; others only where these are missing."""
    promising = [each for each in interpreters() if CLAUSES[clause].promised_by(each.version)]
    usual = [each for each in promising if each.version[:2] == OFTEN_TRIED]
    return list(dict.fromkeys([*promising[:1], *usual, *promising[-1:]]))


def is_innocent(clause: str, interpreter: Interpreter, start_method: str) -> bool:
    """Whether no entry of the deviations says that this subject breaks the clause."""
    return start_method in interpreter.start_methods and not expected(
        DEVIATIONS, clause, Subject(interpreter, start_method)
    )


def on_the_real(source: str, entry: Entry, violation: Violation, broken: Subject) -> str:
    """The script that was generated for a mutant, as it is for the real implementation: parts have their own names."""
    promise, mutant = promise_of(entry, violation, broken), ImportPath(broken.interpreter.implementation)
    real = replace(promise, path=(), start_methods=())
    for one, other in zip(bodies(entry, violation, mutant), bodies(entry, violation, REAL), strict=True):
        if frame.standalone(one, promise, mutant) == source:
            return frame.standalone(other, real, REAL)
    raise LookupError("the script is none of those that are offered for the violation")


def accused(
    source: str, clause: str, start_method: str, times: int, on: list[Interpreter] | None = None
) -> Iterator[str]:
    """What runs of a script on real implementations that keep its promise say, where they exit with 1."""
    for interpreter in chosen(clause) if on is None else on:
        if is_innocent(clause, interpreter, start_method):
            rate: Frequency = measure(source, interpreter, start_method, times, SECONDS)
            if rate.statuses.get(SHOWS):
                yield f"{interpreter}, {start_method}: {rate}\n{rate.output}"
