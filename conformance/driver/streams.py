"""Plays a long program at full speed, and holds its history against the laws."""

from collections.abc import Sequence
from typing import Any

from conformance.checking.verdict import Unknown, Violation
from conformance.driver.channel import now
from conformance.driver.crew import Asleep, Crew, Reply, Silent
from conformance.driver.stage import Vigil
from conformance.laws import Step
from conformance.script import Call
from conformance.spec import Stream
from conformance.values import text


class Died(Exception):
    """A process has died in the program: the message tells how, then its last words."""


def run(crew: Crew, item: int, stream: Stream, arguments: dict[str, Any]) -> list[Violation | Unknown]:
    """Every law that the program's history breaks. Raises Ended if the stage is gone."""
    programs = stream.program(**arguments)
    calls = {
        actor: [Call(next(crew.ids), actor, op, args, kwargs, now()) for op, args, kwargs in program]
        for actor, program in enumerate(programs)
    }
    by_id = {call.id: call for program in calls.values() for call in program}
    crew.begin(item, calls)
    clause = f"{crew.entry.spec.name}.{stream.stuck}"
    try:
        history = read(crew, by_id)
    except Asleep as asleep:
        promised = crew.entry.spec.clauses[clause].statement
        return [
            Violation(
                clause,
                promised,
                "the program does not come to an end",
                evidence=str(asleep),
                arguments=arguments,
                stream=stream.name,
            )
        ]
    except Died as died:
        promised = crew.entry.spec.clauses[clause].statement
        return [Violation(clause, promised, str(died), arguments=arguments, stream=stream.name)]
    except Silent as silent:
        return [Unknown(clause, "the program does not come to an end", str(silent))]
    return judge(crew, stream, history, arguments)


def read(crew: Crew, calls: dict[int, Call]) -> list[Call]:
    """Reads until every call has returned. Raises Asleep, Died, Silent or Ended."""
    vigil = Vigil(crew.stage)
    history: list[Call] = []
    while len(history) < len(calls):
        replies = crew.replies(vigil.pause)
        if replies:
            vigil.reset()
        else:
            vigil.look(crew.channels.values())
        for reply in replies:
            history.append(finished(crew, calls, reply))
    return history


def finished(crew: Crew, calls: dict[int, Call], reply: Reply) -> Call:
    """The call that the reply is about."""
    if reply.observed.kind == "died":
        raise Died(f"{crew.noun} {reply.actor} {reply.observed}\n{crew.stage.close()}".rstrip())
    return calls[reply.call].finished(reply.start, reply.end, reply.observed)


def judge(crew: Crew, stream: Stream, history: Sequence[Call], arguments: dict[str, Any]) -> list[Violation | Unknown]:
    """Holds a complete history against the laws; a call that raised breaks the law of progress."""
    spec = crew.entry.spec
    failed = next((call for call in history if call.observed and call.observed.kind == "raised"), None)
    if failed:
        clause = f"{spec.name}.{stream.stuck}"
        seen = f"{failed} by process {failed.actor} {failed.observed}"
        promised = spec.clauses[clause].statement
        return [Violation(clause, promised, seen, history=(failed,), arguments=arguments, stream=stream.name)]
    steps = [step(call) for call in history]
    found: list[Violation | Unknown] = []
    for slug, law in stream.laws.items():
        wrong = law(steps)
        if wrong:
            clause = f"{spec.name}.{slug}"
            promised = spec.clauses[clause].statement
            found.append(Violation(clause, promised, wrong, arguments=arguments, stream=stream.name))
    return found


def step(call: Call) -> Step:
    """A call as the laws see it: what it sent, or what it returned."""
    assert call.end is not None and call.observed is not None
    value = text(call.args[0]) if call.args else call.observed.text
    return Step(call.actor, call.op, call.start, call.end, value)
