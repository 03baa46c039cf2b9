"""Plays a long program at full speed, and holds its history against the laws."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from conformance.checking.findings import ASSERTION, DIED, HUNG, RAISED, Unknown, Violation
from conformance.checking.script import Call
from conformance.checking.witness import Witness
from conformance.driver.channel import now
from conformance.driver.crew import Crew, Hung, Reply, Unresponsive
from conformance.driver.stage import HangWatch
from conformance.vocabulary.laws import Step
from conformance.vocabulary.outcomes import UNJUDGED
from conformance.vocabulary.spec import Spec, Stream
from conformance.vocabulary.values import text

ENDLESS = "the program does not come to an end"


class Unjudged(Exception):
    """A call has failed for a reason that says nothing about the subject: the message is the reason."""


class Died(Exception):
    """A process has died in the program: the message tells how, then its last words."""


def run_stream(crew: Crew, item: int, stream: Stream, arguments: dict[str, Any]) -> list[Violation | Unknown]:
    """Every law that the program's history breaks. Raises Ended if the stage is gone."""
    programs = stream.program(**arguments)
    calls = {
        actor: [Call(next(crew.ids), actor, op, args, kwargs, now()) for op, args, kwargs in program]
        for actor, program in enumerate(programs)
    }
    by_id = {call.id: call for program in calls.values() for call in program}
    crew.begin(item, calls)
    broken = partial(violation, crew.entry.spec, stream, arguments)
    try:
        history = read_calls(crew, by_id)
    except Hung as asleep:
        return [broken(stream.stuck, ENDLESS, HUNG, evidence=str(asleep))]
    except Died as died:
        return [broken(stream.stuck, str(died), DIED)]
    except Unresponsive as silent:
        return [Unknown(f"{crew.entry.spec.name}.{stream.stuck}", silent.why or ENDLESS, str(silent))]
    except Unjudged as own:
        return [Unknown(f"{crew.entry.spec.name}.{stream.stuck}", str(own))]
    return check_laws(stream, history, broken)


def violation(
    spec: Spec, stream: Stream, arguments: Mapping[str, Any], slug: str, observed: str, manner: str, **more: Any
) -> Violation:
    """A violation of a law of the stream."""
    clause = spec.clauses[f"{spec.name}.{slug}"]
    witness = Witness(clause.name, None, stream.name, arguments)
    return Violation(witness, clause.statement, observed, manner=manner, **more)


def read_calls(crew: Crew, calls: dict[int, Call]) -> list[Call]:
    """Reads until every call has returned. Raises Asleep, Died, Silent, Unjudged or Ended."""
    vigil = HangWatch(crew.stage)
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
    if reply.observed.kind == UNJUDGED:
        raise Unjudged(reply.observed.text)
    return calls[reply.call].finished(reply.start, reply.end, reply.observed)


def check_laws(stream: Stream, history: Sequence[Call], broken: Callable[..., Violation]) -> list[Violation | Unknown]:
    """Holds a complete history against the laws; a call that raised breaks the law of progress."""
    failed = next((call for call in history if call.observed and call.observed.kind == "raised"), None)
    if failed:
        observed = f"{failed} by process {failed.actor} {failed.observed}"
        return [broken(stream.stuck, observed, RAISED, history=(failed,))]
    steps = [step(call) for call in history]
    return [broken(slug, wrong, ASSERTION) for slug, law in stream.laws.items() if (wrong := law(steps))]


def step(call: Call) -> Step:
    """A call as the laws see it: what it sent, or what it returned."""
    assert call.end is not None and call.observed is not None
    value = text(call.args[0]) if call.args else call.observed.text
    return Step(call.actor, call.op, call.start, call.end, value)
