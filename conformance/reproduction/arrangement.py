"""From a history to programs that may show the same again: the simplest first.

The calls in a row in the main process; or the last of them in another one; or each where it was. Of each, first
with only those calls without which the relation would explain everything: whether that is enough is tried.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations

from conformance.checking.verdict import Violation
from conformance.checking.worlds import TooManyWorlds
from conformance.reproduction.blame import Blamed
from conformance.reproduction.program import MAIN, Part, Program, Proof, prove
from conformance.script import Call
from conformance.spec import Spec

FEW = 3  # calls before the one to blame, where a search for few is made
Row = tuple[Part, ...]  # with the actor as the process


def programs(spec: Spec, violation: Violation, blamed: Blamed) -> list[tuple[Program, Call]]:
    """Programs in which the call to blame, with what was observed of it, would be a violation of the same clause.

    Those come first that promise the same as the history does, when every process does what it did there.
    """
    asked, script = replace(blamed.call, observed=blamed.observed), violation.script
    assert script is not None
    slug = violation.clause.rpartition(".")[2]
    before = [call for call in violation.history if call.id != asked.id and precedes(call, asked)]
    found: dict[object, tuple[Program, Proof]] = {}
    told = [*rows([*before, asked], asked)]
    for row in told:
        for arranged in assignments(spec, row, asked):
            for program in sizes(spec, Program(script.make, arranged), asked, slug):
                proven = proof(spec, program, asked, slug)
                if proven is not None:
                    found.setdefault(shape(program), (program, proven))
    faithful = proof(spec, Program(script.make, told[-1]), asked, slug)
    return [
        (program, next(call for call in program.calls if call.id == asked.id))
        for program, proven in sorted(found.values(), key=lambda pair: not promises_the_same(pair[1], faithful))
    ]


def shape(program: Program) -> object:
    """What two programs have in common that differ in nothing."""
    return tuple((part.process, part.apart, tuple(call.id for call in part.calls)) for part in program.parts)


def promises_the_same(one: Proof, other: Proof | None) -> bool:
    """Whether a proof is one of the same promise, as far as that is known."""
    return other is None or one.says == other.says


def precedes(call: Call, asked: Call) -> bool:
    """Whether a call may matter for the one to blame: it began before that came back."""
    if call.actor == asked.actor:
        return call.start < asked.start
    return asked.observed is None or asked.end is None or call.start <= asked.end


def rows(calls: list[Call], asked: Call) -> Iterator[Row]:
    """The calls in a row, by their ends or starts; and with those apart that others overtook."""
    forever = max(call.end or call.start for call in calls) + 1
    in_order = sorted(calls, key=lambda call: (call.end or forever, call.id == asked.id, call.start))
    yield joined(in_order)
    by_start = sorted(calls, key=lambda call: (call.start, call.id))
    yield joined(by_start)
    yield apart(by_start)


def joined(calls: list[Call]) -> Row:
    """One call after the other."""
    parts: list[Part] = []
    for call in calls:
        if parts and parts[-1].process == call.actor:
            parts[-1] = replace(parts[-1], calls=(*parts[-1].calls, call))
        else:
            parts.append(Part(call.actor, (call,)))
    return tuple(parts)


def apart(calls: list[Call]) -> Row:
    """A call that began while another one waited does not wait for that."""
    parts: list[Part] = []
    for call in calls:
        index = next((i for i in reversed(range(len(parts))) if parts[i].process == call.actor), None)
        if index is not None and (index == len(parts) - 1 or overlaps(parts[index], parts[index + 1])):
            parts[index] = replace(parts[index], calls=(*parts[index].calls, call))
        else:
            parts.append(Part(call.actor, (call,)))
    return tuple(set_apart(part, parts[index + 1 :]) for index, part in enumerate(parts))


def set_apart(part: Part, later: list[Part]) -> Part:
    """The part, apart if later ones did not wait for its end; then they waited for its first calls."""
    if not any(overlaps(part, other) for other in later):
        return part
    begin = later[0].calls[0].start
    return replace(part, apart=True, first=sum(call.end is not None and call.end <= begin for call in part.calls))


def overlaps(part: Part, later: Part) -> bool:
    """Whether a call of the part was under way when the later one began."""
    begin = later.calls[0].start
    return any(call.start <= begin and (call.end is None or call.end > begin) for call in part.calls)


def assignments(spec: Spec, row: Row, asked: Call) -> Iterator[Row]:
    """Processes for the parts: few first."""
    last = next(index for index, part in enumerate(row) if part.has(asked))
    actors = sorted({part.process for part in row}, key=lambda actor: -sum(p.process == actor for p in row))
    children = list(range(1, len(row) + 1))
    shared = [
        [MAIN if p.process == actor else child for p, child in zip(row, children, strict=True)] for actor in actors
    ]
    choices = [
        [MAIN] * len(row),
        [MAIN if index != last else 1 for index in range(len(row))],
        *shared,
        [1] * len(row),
        children,
    ]
    for choice in choices:
        arranged = assigned(spec, row, choice)
        if arranged is not None:
            arranged = tuple(until(part, asked) for part in arranged)
            yield arranged
            if asked.observed is not None and not any(p.process == MAIN and p.has(asked) for p in arranged):
                yield tuple(replace(p, apart=p.apart or p.has(asked)) for p in arranged)  # if it had to wait


def assigned(spec: Spec, row: Row, choice: list[int]) -> Row | None:
    """The parts with these processes, neighbours joined. None if the main process would have to be in two places."""
    parts: list[Part] = []
    for part, process in zip(row, choice, strict=True):
        calls = tuple(call if spec.parts else replace(call, actor=process) for call in part.calls)
        if part.apart and process == MAIN:
            return None
        if parts and parts[-1].process == process:
            parts[-1] = together(parts[-1], replace(part, calls=calls))
        elif process != MAIN and any(process == earlier.process for earlier in parts):
            return None
        else:
            parts.append(replace(part, process=process, calls=calls))
    return tuple(parts)


def until(part: Part, asked: Call) -> Part:
    """The part without what its process does after the call to blame."""
    ids = [call.id for call in part.calls]
    return replace(part, calls=part.calls[: ids.index(asked.id) + 1]) if asked.id in ids else part


def together(part: Part, later: Part) -> Part:
    """Two parts of one process."""
    first = part.first if part.apart else len(part.calls) + later.first
    return replace(part, calls=(*part.calls, *later.calls), apart=part.apart or later.apart, first=first)


def sizes(spec: Spec, program: Program, asked: Call, slug: str) -> Iterator[Program]:
    """The program without the calls that make no difference, and the program, where they prove something."""
    whole = proof(spec, program, asked, slug)
    if whole is None:
        yield from (plainer(spec, few, asked, slug) for few in smallest(spec, program, asked, slug))
        return
    yield plainer(spec, reduced(spec, program, asked, slug), asked, slug)
    yield plainer(spec, program, asked, slug)


def reduced(spec: Spec, program: Program, asked: Call, slug: str) -> Program:
    """The program without the calls that change nothing about what the call to blame may do."""
    whole = proof(spec, program, asked, slug)
    for call in reversed(program.calls):
        fewer = without(program, [call])
        if call.id != asked.id and as_good(proof(spec, fewer, asked, slug), whole):
            program = fewer
    return program


def smallest(spec: Spec, program: Program, asked: Call, slug: str) -> Iterator[Program]:
    """A program of few of the calls that proves something, where all of them do not."""
    others = [call for call in program.calls if call.id != asked.id]
    for size in range(min(FEW, len(others)) + 1):
        for kept in combinations(others, size):
            fewer = without(program, [call for call in others if call not in kept])
            found = proof(spec, fewer, asked, slug)
            if found is not None and not found.conditions:
                yield fewer
                return


def plainer(spec: Spec, program: Program, asked: Call, slug: str) -> Program:
    """The same calls with nobody apart who need not be, and in the main process alone if that will do."""
    whole = proof(spec, program, asked, slug)
    alone = assigned(spec, tuple(replace(part, apart=False) for part in program.parts), [MAIN] * len(program.parts))
    others = [replace(program, parts=alone)] if alone else []
    for index, part in enumerate(program.parts):
        parts = [*program.parts]
        parts[index] = replace(part, apart=False)
        others += [replace(program, parts=tuple(parts))] if part.apart else []
    return next((other for other in others if as_good(proof(spec, other, asked, slug), whole)), program)


def proof(spec: Spec, program: Program, asked: Call, slug: str) -> Proof | None:
    """Why what was observed breaks this clause in this program; None if it does not, or nobody knows."""
    try:
        found = prove(spec, program, next(call for call in program.calls if call.id == asked.id))
    except TooManyWorlds:
        return None
    return found if found is not None and slug in found.possible.slugs else None


def as_good(one: Proof | None, other: Proof | None) -> bool:
    """Whether one proof says the same as another, and needs to know no more for it."""
    return (
        one is not None
        and other is not None
        and one.says == other.says
        and len(one.conditions) <= len(other.conditions)
    )


def without(program: Program, calls: list[Call]) -> Program:
    """The program without some calls."""
    ids = {call.id for call in calls}
    parts = []
    for part in program.parts:
        kept = tuple(call for call in part.calls if call.id not in ids)
        first = sum(call.id not in ids for call in part.calls[: part.first])
        parts += [replace(part, calls=kept, first=first)] if kept else []
    return replace(program, parts=tuple(parts))
