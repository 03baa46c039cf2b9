"""Reproducers of races: the same calls on many fresh objects, by processes that begin together.

All processes look at one clock to know when to begin with the next object, so nothing that is under test decides
it. How far apart they then really are decides how often the bug shows, and nothing else: what is taken for a
violation, no order of the calls explains. Where a call may rightly wait, each object has processes of its own, of
which only that of the call to blame is waited for: a get() beside it may rightly never return.
"""

from collections.abc import Iterator
from dataclasses import replace

from conformance.checking.findings import Violation
from conformance.checking.script import Call
from conformance.checking.worlds import TooManyWorlds
from conformance.reproduction.body import Body, ImportPath
from conformance.reproduction.from_history.arrangement import has_closed
from conformance.reproduction.from_history.blame import Blamed
from conformance.reproduction.from_history.program import MAIN, Part, Program, Proof, Question, stays
from conformance.reproduction.from_history.racing import Race
from conformance.reproduction.from_history.selection import Selection
from conformance.reproduction.from_history.writer import CheckWriter
from conformance.vocabulary.spec import Spec


def race(spec: Spec, violation: Violation, blamed: Blamed, implementation: ImportPath) -> Iterator[Body]:
    """A race that may show the violation, if its history is one and no order of its calls would explain it."""
    if violation.witness.script is None or spec.parts or spec.threads:
        return
    asked = replace(blamed.call, actor=blamed.call.actor + 1, observed=blamed.observed)
    calls = [replace(call, actor=call.actor + 1) for call in violation.history if precedes(call, blamed.call)]
    order = in_rounds(violation)
    for prepared in (True, False):
        choice = Selection(spec, asked, violation.clause.rpartition(".")[2])
        whole = arranged(violation.witness.script.make, calls, asked, order, prepared)
        program = choice.reduced(whole)
        found = choice.proof(program)
        if found is not None and not stays(spec, program) and tellable(program, asked, found):
            waits = may_wait(spec, program)
            if waits is not None:
                yield Race(CheckWriter(spec, program, asked, found, implementation), order, waits).body()
            return


def tellable(program: Program, asked: Call, proof: Proof) -> bool:
    """Whether it takes several processes, each of which says of one call at most what it did.

    That a call does not return must not depend on the outcomes of others: those who have them may wait as well.
    """
    told = [*proof.conditions, asked]
    if has_closed([part for part in program.parts if part.process == MAIN]):
        return False
    if asked.observed is None and proof.conditions:
        return False
    once = all(sum(part.has(call) for call in told) <= 1 for part in program.parts)
    children = sum(part.process != MAIN for part in program.parts)
    return once and children > 1 and not proof.early


def may_wait(spec: Spec, program: Program) -> bool | None:
    """Whether some process of a race may rightly not come to the end of its calls; None if nobody knows."""
    try:
        return any(Question(spec, program, part.calls[-1]).answer().waits for part in program.parts)
    except TooManyWorlds:
        return None


def precedes(call: Call, asked: Call) -> bool:
    """Whether a call may matter: of the same process, only those before."""
    return call.id != asked.id and (call.actor != asked.actor or call.start < asked.start)


def in_rounds(violation: Violation) -> dict[int, int]:
    """The round of each call of the history, by its id; those that freed a waiting call come last."""
    assert violation.witness.script is not None
    found: dict[int, int] = {}
    for actor in {call.actor for call in violation.history}:
        made_ = [index for index, each in enumerate(violation.witness.script.rounds) for _ in each.get(actor, ())]
        calls = sorted((c for c in violation.history if c.actor == actor), key=lambda call: call.start)
        last = len(violation.witness.script.rounds)
        found |= {call.id: made_[i] if i < len(made_) else last for i, call in enumerate(calls)}
    return found


def arranged(make: object, calls: list[Call], asked: Call, order: dict[int, int], prepared: bool) -> Program:
    """A process for each actor, all together; before that, if asked for, the first rounds in the main process."""
    everything = sorted([*calls, asked], key=lambda call: (call.start, call.id))
    first = [call for call in everything if prepared and order[call.id] < order[asked.id] and call.id != asked.id]
    rest = [call for call in everything if call not in first]
    parts = [Part(MAIN, tuple(replace(call, actor=MAIN) for call in first))] if first else []
    for actor in sorted({call.actor for call in rest}):
        parts.append(Part(actor, tuple(call for call in rest if call.actor == actor), background=True))
    return Program(make, tuple(parts))  # type: ignore[arg-type]
