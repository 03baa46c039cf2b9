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
from conformance.reproduction.program import MAIN, Part, Program, prove
from conformance.script import Call
from conformance.spec import Spec

FEW = 3  # calls before the one to blame, where a search for few is made
Row = tuple[Part, ...]  # with the actor as the process


def programs(spec: Spec, violation: Violation, blamed: Blamed) -> Iterator[tuple[Program, Call]]:
    """Programs in which the call to blame, with what was observed of it, would be a violation of the same clause."""
    asked, history, script = replace(blamed.call, observed=blamed.observed), violation.history, violation.script
    assert script is not None
    slug = violation.clause.partition(".")[2].partition(".")[2]
    before = [call for call in history if call.id != asked.id and precedes(call, asked)]
    met = set()
    for row in rows([*before, asked], asked):
        for arranged in assignments(spec, row, asked):
            for program in sizes(spec, Program(script.make, arranged), asked, slug):
                shape = tuple((p.process, p.apart, tuple(c.id for c in p.calls)) for p in program.parts)
                if shape not in met:
                    met.add(shape)
                    yield program, next(call for call in program.calls if call.id == asked.id)


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


def together(part: Part, later: Part) -> Part:
    """Two parts of one process."""
    first = part.first if part.apart else len(part.calls) + later.first
    return replace(part, calls=(*part.calls, *later.calls), apart=part.apart or later.apart, first=first)


def sizes(spec: Spec, program: Program, asked: Call, slug: str) -> Iterator[Program]:
    """The program without the calls that the proof does not need, and the program, where they prove something."""
    needed = conditions(spec, program, asked, slug)
    if needed is None:
        yield from (plainer(spec, few, asked, slug) for few in smallest(spec, program, asked, slug))
        return
    reduced = program
    for call in reversed(program.calls):
        fewer = without(reduced, [call])
        if call.id != asked.id and at_most(conditions(spec, fewer, asked, slug), needed):
            reduced = fewer
    yield plainer(spec, reduced, asked, slug)
    yield plainer(spec, program, asked, slug)


def smallest(spec: Spec, program: Program, asked: Call, slug: str) -> Iterator[Program]:
    """A program of few of the calls that proves something, where all of them do not."""
    others = [call for call in program.calls if call.id != asked.id]
    for size in range(min(FEW, len(others)) + 1):
        for kept in combinations(others, size):
            fewer = without(program, [call for call in others if call not in kept])
            if conditions(spec, fewer, asked, slug) == 0:
                yield fewer
                return


def plainer(spec: Spec, program: Program, asked: Call, slug: str) -> Program:
    """The same calls with nobody apart who need not be, and in the main process alone if that will do."""
    needed = conditions(spec, program, asked, slug)
    alone = assigned(spec, tuple(replace(part, apart=False) for part in program.parts), [MAIN] * len(program.parts))
    others = [replace(program, parts=alone)] if alone else []
    for index, part in enumerate(program.parts):
        parts = [*program.parts]
        parts[index] = replace(part, apart=False)
        others += [replace(program, parts=tuple(parts))] if part.apart else []
    return next((other for other in others if at_most(conditions(spec, other, asked, slug), needed)), program)


def conditions(spec: Spec, program: Program, asked: Call, slug: str) -> int | None:
    """How many results must be known for what was observed to break this clause in this program; None if it is kept."""
    try:
        proof = prove(spec, program, next(call for call in program.calls if call.id == asked.id))
    except TooManyWorlds:
        return None
    return None if proof is None or slug not in proof.possible.slugs else len(proof.conditions)


def at_most(count: int | None, limit: int | None) -> bool:
    """Whether there is a count, and it is not above the limit."""
    return count is not None and limit is not None and count <= limit


def without(program: Program, calls: list[Call]) -> Program:
    """The program without some calls."""
    ids = {call.id for call in calls}
    parts = []
    for part in program.parts:
        kept = tuple(call for call in part.calls if call.id not in ids)
        first = sum(call.id not in ids for call in part.calls[: part.first])
        parts += [replace(part, calls=kept, first=first)] if kept else []
    return replace(program, parts=tuple(parts))
