"""From a history to processes and what each does: the calls in a row in the main process; or the last of them in
another one; or each where it was.
"""

from collections.abc import Iterator
from dataclasses import replace

from conformance.checking.script import Call
from conformance.reproduction.from_history.program import MAIN, Part, Program
from conformance.vocabulary.spec import Spec

OWN_MATTERS = ("close", "cancel_join_thread")  # these calls change nothing for other processes
Row = tuple[Part, ...]  # with the actor as the process


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
    return replace(
        part, background=True, ready_after=sum(call.end is not None and call.end <= begin for call in part.calls)
    )


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
                yield tuple(replace(p, background=p.background or p.has(asked)) for p in arranged)  # if it had to wait


def assigned(spec: Spec, row: Row, choice: list[int]) -> Row | None:
    """The parts with these processes, neighbors joined. None if a process would have to be in two places."""
    parts: list[Part] = []
    for part, process in zip(row, choice, strict=True):
        calls = tuple(call if spec.parts else replace(call, actor=process) for call in part.calls)
        if part.background and process == MAIN:
            return None
        if parts and parts[-1].process == process:
            parts[-1] = together(parts[-1], replace(part, calls=calls))
        elif process != MAIN and (any(process == earlier.process for earlier in parts) or has_closed(parts)):
            return None
        else:
            parts.append(replace(part, process=process, calls=calls))
    return tuple(parts)


def has_closed(parts: list[Part]) -> bool:
    """Whether the main process has changed what is its own matter, and what a process that it forks inherits."""
    return any(call.op in OWN_MATTERS for part in parts if part.process == MAIN for call in part.calls)


def until(part: Part, asked: Call) -> Part:
    """The part without what its process does after the call to blame."""
    ids = [call.id for call in part.calls]
    return replace(part, calls=part.calls[: ids.index(asked.id) + 1]) if asked.id in ids else part


def together(part: Part, later: Part) -> Part:
    """Two parts of one process."""
    first = part.ready_after if part.background else len(part.calls) + later.ready_after
    return replace(
        part, calls=(*part.calls, *later.calls), background=part.background or later.background, ready_after=first
    )


def without(program: Program, calls: list[Call]) -> Program:
    """The program without some calls."""
    ids = {call.id for call in calls}
    parts = []
    for part in program.parts:
        kept = tuple(call for call in part.calls if call.id not in ids)
        first = sum(call.id not in ids for call in part.calls[: part.ready_after])
        parts += [replace(part, calls=kept, ready_after=first)] if kept else []
    return replace(program, parts=tuple(parts))
