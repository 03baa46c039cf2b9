"""Reproducers of violations that were found by scripts: rounds of calls on one object."""

from collections.abc import Iterator

from conformance.catalogue import Entry
from conformance.checking.findings import Violation
from conformance.checking.script import Call
from conformance.reproduction.body import Body, ImportPath, NoReproducer
from conformance.reproduction.from_history.blame import blame
from conformance.reproduction.from_history.program import MAIN, Program, Proof, stays
from conformance.reproduction.from_history.race import race
from conformance.reproduction.from_history.selection import programs
from conformance.reproduction.from_history.writer import CheckWriter
from conformance.reproduction.from_history.writing import Writing
from conformance.vocabulary.spec import Spec


def bodies(entry: Entry, violation: Violation, implementation: ImportPath) -> Iterator[Body]:
    """Checks that may show a violation again, the simplest first; none if no honest one is known.

    A check never shows anything else than a violation: what it takes for one, no interleaving explains.
    """
    if violation.witness.script is None or not violation.witness.script.rounds:
        return
    blamed = blame(entry.spec, violation)
    if blamed is None:
        return
    for program, asked, proof in programs(entry.spec, violation, blamed):
        if tellable(entry.spec, program, asked, proof):
            yield from written(Writing(CheckWriter(entry.spec, program, asked, proof, implementation)))
    yield from race(entry.spec, violation, blamed, implementation)


def written(writing: Writing) -> Iterator[Body]:
    """The body, if all that it compares can be written down."""
    try:
        body = writing.body()
    except NoReproducer:
        return
    yield body


def tellable(spec: Spec, program: Program, asked: Call, proof: Proof) -> bool:
    """Whether who makes the call knows all that the proof needs, and can say what happened: a thread cannot."""
    if stays(spec, program):
        return False
    mine = program.part_of(asked)
    if spec.threads and mine.process != MAIN and asked.observed is not None and proof.possible.outcomes:
        return False
    before = program.parts[: program.parts.index(mine)]
    return all(mine.has(call) or any(p.process == MAIN and p.has(call) for p in before) for call in proof.conditions)
