"""Which clauses apply to a subject: those that its Python version promises and its implementation claims."""

import copy
from collections.abc import Iterable
from dataclasses import dataclass

from conformance.catalogue import Entry
from conformance.checking.script import Planned, Round, Script
from conformance.subjects.needs import PROGRAM, START_METHODS, beyond, promising
from conformance.subjects.subject import Interpreter
from conformance.vocabulary.spec import Clause, Operation, Spec


@dataclass(frozen=True)
class Obstacle:
    """Why a clause does not apply, in a few words; ``missing`` are the names that are not claimed, if that is why."""

    reason: str
    missing: tuple[str, ...] = ()


def obstacle(spec: Spec, clause: Clause, interpreter: Interpreter) -> Obstacle | None:
    """Why a clause does not apply; None if it does.

    A clause that a section of the manual promises, and not a class, is about everything that its proof uses.
    """
    version = interpreter.version
    if not clause.promised_by(version):
        return Obstacle(f"{interpreter.name} {version[0]}.{version[1]} does not promise this")
    has_all = START_METHODS.issubset(interpreter.start_methods)
    if has_all and not interpreter.adapter:  # it claims everything
        return None
    used = beyond(spec, clause)
    if absent := sorted(used & START_METHODS - set(interpreter.start_methods)):
        return Obstacle(f"{interpreter.implementation} has no start method {', '.join(absent)}")
    if PROGRAM in used and not interpreter.importable:
        return Obstacle(
            f"the adapter of {interpreter.implementation} has no program=, so standalone programs cannot import it"
        )
    promised, used = promising(spec, clause), used - START_METHODS - {PROGRAM}
    claimed = {promised} if promised else used or {"Process"}
    missing = sorted(name for name in claimed if not interpreter.claims(name))
    missing = missing or sorted(name for name in used if not interpreter.offers(name))
    return Obstacle(describe_unclaimed(interpreter.implementation, missing), tuple(missing)) if missing else None


def describe_unclaimed(implementation: str, names: Iterable[str]) -> str:
    """Which documented names an implementation does not claim, as text."""
    return f"{implementation} does not claim {', '.join(names)}"


def applies(spec: Spec, clause: Clause, interpreter: Interpreter) -> bool:
    """Whether a clause applies."""
    return not obstacle(spec, clause, interpreter)


def applicable(entry: Entry, interpreter: Interpreter) -> Entry:
    """A spec without the calls and scripts that a subject cannot perform; its clauses stay."""
    spec = copy.copy(entry.spec)
    spec.operations = {name: op for name, op in spec.operations.items() if performable(spec, op, interpreter)}
    spec.pinned = [pinned for pinned in spec.pinned if all(call[0] in spec.operations for call in calls(pinned.rounds))]
    spec.rescues = tuple(call for call in spec.rescues if call[0] in spec.operations)
    spec.threads = spec.threads or interpreter.threads
    return Entry(entry.module, spec)


def performable(spec: Spec, operation: Operation, interpreter: Interpreter) -> bool:
    """Whether any clause of an operation applies: if none does, there is nothing to call."""
    prefix = f"{spec.name}.{operation.name}."
    stated = [clause for name, clause in spec.clauses.items() if name.startswith(prefix) and clause.kind == "operation"]
    return operation.since <= interpreter.version and (
        not stated or any(applies(spec, clause, interpreter) for clause in stated)
    )


def lacking(spec: Spec, script: Script | None) -> set[str]:
    """The operations of a script that the spec does not have."""
    return {op for op, *_ in calls(script.rounds)} - set(spec.operations) if script else set()


def calls(rounds: Iterable[Round]) -> list[Planned]:
    """All calls of a script."""
    return [call for round_ in rounds for planned in round_.values() for call in planned]
