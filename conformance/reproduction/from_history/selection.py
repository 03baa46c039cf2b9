"""The programs that are worth trying, the simplest first.

Of every arrangement of the calls, first with those only that make a difference to what is promised: whether they
are enough to make the bug show is for whoever tries.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import combinations

from conformance.checking.findings import Violation
from conformance.checking.script import Call
from conformance.checking.worlds import TooManyWorlds
from conformance.reproduction.from_history.arrangement import assigned, assignments, rows, without
from conformance.reproduction.from_history.blame import Blamed
from conformance.reproduction.from_history.program import MAIN, Program, Proof, Question, prove
from conformance.vocabulary.outcomes import Outcome
from conformance.vocabulary.spec import Spec

SHORT = 4  # calls of a program that need not be made shorter
FEW = 3  # calls before the one to blame, where a search for few is made

Proven = tuple[Program, Call, Proof]  # with the call to blame as the program makes it


def programs(spec: Spec, violation: Violation, blamed: Blamed) -> list[Proven]:
    """Programs in which the call to blame, with what was observed of it, would be a violation of the same clause.

    Those come first that promise the same as the history does, when every process does what it did there.
    """
    asked, script = replace(blamed.call, observed=blamed.observed), violation.witness.script
    assert script is not None
    before = [call for call in violation.history if call.id != asked.id and precedes(call, asked)]
    arranged = list(rows([*before, asked], asked))
    choice = Selection(spec, asked, violation.clause.rpartition(".")[2])
    found: dict[object, Proven] = {}
    for row in arranged:
        for parts in assignments(spec, row, asked):
            for program in choice.sizes(Program(script.make, parts)):
                found.setdefault(shape(program), choice.proven(program))
    faithful = choice.proof(Program(script.make, arranged[-1]))
    return sorted(found.values(), key=lambda proven: faithful is not None and proven[2].says != faithful.says)


def precedes(call: Call, asked: Call) -> bool:
    """Whether a call may matter for the one to blame: it began before that came back."""
    if call.actor == asked.actor:
        return call.start < asked.start
    return asked.observed is None or asked.end is None or call.start <= asked.end


def shape(program: Program) -> object:
    """What two programs with calls of one history have in common that differ in nothing."""
    return tuple(
        (part.process, part.background, part.ready_after, tuple((call.id, call.actor) for call in part.calls))
        for part in program.parts
    )


@dataclass(frozen=True)
class Selection:
    """Selects programs in which what was observed of the call ``asked`` about breaks the clause of this slug."""

    spec: Spec
    asked: Call
    slug: str
    proofs: dict[object, Proof | None] = field(default_factory=dict)
    ends: dict[object, frozenset[Outcome]] = field(default_factory=dict)

    def proof(self, program: Program) -> Proof | None:
        """Why it breaks the clause in this program; None if it does not, or nobody knows."""
        key = shape(program)
        if key not in self.proofs:
            self.proofs[key] = self._proof(program)
        return self.proofs[key]

    def _proof(self, program: Program) -> Proof | None:
        try:
            found = prove(self.spec, program, program.same(self.asked))
        except TooManyWorlds:
            return None
        return found if found is not None and self.slug in found.possible.slugs else None

    def proven(self, program: Program) -> Proven:
        """The program with its proof, which there must be."""
        found = self.proof(program)
        assert found is not None
        return program, program.same(self.asked), found

    def sizes(self, program: Program) -> Iterator[Program]:
        """The program without the calls that make no difference, and the program, where they prove something.

        A short one comes first as it is: it has been made short by trying, and each call is needed.
        """
        if self.proof(program) is None:
            yield from map(self.plainer, self.smallest(program))
            return
        both = [self.reduced(program), program]
        both = both[::-1] if len(program.calls) <= SHORT else both
        yield from map(self.plainer, both)
        yield from (each.settled for each in both)  # a fault may show between processes only

    def reduced(self, program: Program) -> Program:
        """The program without the calls that change nothing about what the call to blame may do."""
        for call in reversed(program.calls):
            fewer = without(program, [call])
            if call.id != self.asked.id and self.as_good(fewer, program):
                program = fewer
        return program

    def smallest(self, program: Program) -> Iterator[Program]:
        """A program of few of the calls that proves something, where all of them do not."""
        others = [call for call in program.calls if call.id != self.asked.id]
        for size in range(min(FEW, len(others)) + 1):
            for kept in combinations(others, size):
                fewer = without(program, [call for call in others if call not in kept])
                found = self.proof(fewer)
                if found is not None and not found.conditions:
                    yield fewer
                    return

    def plainer(self, program: Program) -> Program:
        """The same calls with nobody apart who need not be, and in the main process alone if that will do."""
        alone = assigned(
            self.spec, tuple(replace(part, background=False) for part in program.parts), [MAIN] * len(program.parts)
        )
        others = [replace(program, parts=alone)] if alone else []
        for index, part in enumerate(program.parts):
            parts = [*program.parts]
            parts[index] = replace(part, background=False)
            others += [replace(program, parts=tuple(parts))] if part.background else []
        return next((other for other in others if self.as_good(other, program)), program).settled

    def as_good(self, one: Program, other: Program) -> bool:
        """Whether one program proves the same as another by the same results, and its calls may do the same there."""
        proof, best = self.proof(one), self.proof(other)
        if proof is None or best is None or proof.says != best.says:
            return False
        if [call.id for call in proof.conditions] != [call.id for call in best.conditions]:
            return False
        return all(self.outcomes(one, call) == self.outcomes(other, call) for call in one.calls)

    def outcomes(self, program: Program, call: Call) -> frozenset[Outcome]:
        """How a call may end in a program for which there is a proof."""
        key = shape(program), call.id
        if key not in self.ends:
            self.ends[key] = Question(self.spec, program, program.same(call)).answer().outcomes
        return self.ends[key]
