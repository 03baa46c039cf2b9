"""Statements for one call: made in passing, as a condition, or held against the promise."""

import ast
from collections.abc import Iterable
from dataclasses import dataclass
from textwrap import indent

from conformance.reproduction.body import NoReproducer
from conformance.reproduction.source import Statement, exception, quoted
from conformance.vocabulary.outcomes import Expires, Observed, Outcome, Raises, Returns, ReturnsA, Then

SINGLETONS = ("None", "True", "False")
NOTHING = "return  # then other things are permitted"
SLACK = 0.001  # seconds that a clock may be off


@dataclass(frozen=True)
class Promised:
    """What a call may do: values it may return, conditions on them, and exceptions."""

    values: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()


def promised(outcomes: Iterable[Outcome], known: dict[str, str]) -> Promised:
    """The outcomes by kind; ``known`` are the sources of values whose text is no source."""
    plain = sorted({end(outcome) for outcome in outcomes}, key=str)
    anything = any(not isinstance(o, (Returns, ReturnsA, Raises)) for o in plain)
    return Promised(
        tuple(value_source(o.value, known) for o in plain if isinstance(o, Returns)),
        tuple(o.kind.rpartition(".")[2] for o in plain if isinstance(o, ReturnsA)),
        ("builtins.Exception",) if anything else tuple(dict.fromkeys(o.name for o in plain if isinstance(o, Raises))),
    )


def end(outcome: Outcome) -> Outcome:
    """How the call ends with this outcome, when its time is over or its steps are done."""
    if isinstance(outcome, Expires) or (isinstance(outcome, Then) and outcome.outcome):
        return end(outcome.outcome)  # type: ignore[arg-type]
    return outcome


def value_source(told: str, known: dict[str, str]) -> str:
    """An expression for a value that is given as canonical text."""
    if told in known:
        return known[told]
    try:
        ast.literal_eval(told)
    except (ValueError, SyntaxError):
        return ""
    return quoted(told)


def writable(value: str) -> str:
    """The expression for a value. Raises NoReproducer if there is none."""
    if not value:
        raise NoReproducer("a value that it compares cannot be written down")
    return value


def names(errors: Iterable[str]) -> str:
    """The exceptions of an ``except`` clause."""
    shown = [exception(error)[0] for error in errors]
    return shown[0] if len(shown) == 1 else f"({', '.join(shown)})"


def in_passing(call: Statement, permitted: Promised) -> str:
    """A call whose result does not matter."""
    if not permitted.errors:
        return call.text
    return f"with suppress({', '.join(exception(error)[0] for error in permitted.errors)}):\n    {call.text}"


def as_condition(call: Statement, permitted: Promised, seen: Observed, known: dict[str, str]) -> str:
    """A call after which nothing is shown unless it comes back as it was seen to."""
    if seen.kind == "raised":
        error = exception(seen.names[0])[0]
        return f"try:\n    {call.text}\nexcept {error}:\n    pass\nelse:\n    {NOTHING}"
    text = call.text
    value = writable(value_source(seen.text, known)) if call.has_value else ""
    if call.has_value and not (permitted.values == (value,) and not permitted.kinds):
        text = f"if {differs(call.text, value)}:\n    {NOTHING}"
    if not permitted.errors:
        return text
    return f"try:\n{indent(text, '    ')}\nexcept {names(permitted.errors)}:\n    {NOTHING}"


def differs(result: str, value: str) -> str:
    """The condition that a result is not this value."""
    return f"{result} is not {value}" if value in SINGLETONS else f"{result} != {value}"


def is_promised(result: str, permitted: Promised, seen: Observed) -> str:
    """The condition that a result is what may be returned; empty if it is always so."""
    parts = []
    for value in permitted.values:
        writable(value)
    others = [value for value in permitted.values if value not in SINGLETONS]
    parts += [f"{result} is {value}" for value in permitted.values if value in SINGLETONS]
    if others and mistaken(others, seen):
        parts += [f"(type({result}), {result}) == ({type_of(value)}, {value})" for value in others]
    elif len(others) == 1:
        parts += [f"{result} == {others[0]}"]
    elif others:
        parts += [f"{result} in ({', '.join(others)})"]
    parts += [f"type({result}) is {kind}" for kind in permitted.kinds]
    return " or ".join(parts)


def mistaken(values: Iterable[str], seen: Observed) -> bool:
    """Whether what was returned may equal a value of another type, as True equals 1, and a memoryview bytes."""
    if seen.kind != "returned" or all(seen.names[0] == f"builtins.{type_of(value)}" for value in values):
        return False
    try:
        returned = ast.literal_eval(seen.text)
        return any(ast.literal_eval(value) == returned for value in values)
    except (ValueError, SyntaxError):
        return True


def type_of(value: str) -> str:
    """The name of the type of a value that is given as source."""
    try:
        return type(ast.literal_eval(value)).__name__
    except (ValueError, SyntaxError):  # a large value is computed, and is always bytes
        return "bytes"


def escape_for_fstring(call: Statement) -> str:
    """A call inside of an f-string."""
    return call.text.replace("\\", "\\\\").replace('"', "'").replace("{", "{{").replace("}", "}}")


def held(call: Statement, permitted: Promised, seen: Observed) -> str:
    """A call that must do what is promised: else an exception says what it did."""
    returned = (
        f'f"{escape_for_fstring(call)} returned {{result!r}}"'
        if call.has_value
        else f'"{escape_for_fstring(call)} raised nothing"'
    )
    condition = is_promised("result", permitted, seen) if call.has_value else ""
    if not permitted.errors:
        if seen.kind != "returned" and not (condition and permitted.values != ("None",)):
            return call.text
        if not condition:  # it should not have come back
            raising = f"raise AssertionError({returned})"
            return f"result = {call.text}\n{raising}" if call.has_value else f"{call.text}\n{raising}"
        return f"result = {call.text}\nassert {condition}, {returned}"
    assigned = f"result = {call.text}" if call.has_value else call.text
    head = f"try:\n    {assigned}\nexcept {names(permitted.errors)}:\n"
    if permitted.values or permitted.kinds:
        return f"{head}    pass\nelse:\n    assert {condition or 'True'}, {returned}"
    return f"{head}    pass\nelse:\n    raise AssertionError({returned})"


def not_early(call: Statement, seen: Observed, timeout: float, known: dict[str, str]) -> str:
    """A call that must not give up before its time is over."""
    message = f'f"{escape_for_fstring(call)} gave up after {{waited:.4f}} seconds"'
    verdict = f"waited = time.monotonic() - start\nassert waited > {timeout - SLACK:g}, {message}"
    if seen.kind == "raised":
        attempt = f"try:\n    {call.text}\nexcept {exception(seen.names[0])[0]}:\n{indent(verdict, '    ')}"
    elif call.has_value:
        value = writable(value_source(seen.text, known))
        agrees = f"{call.text} {'is' if value in SINGLETONS else '=='} {value}"
        attempt = f"if {agrees}:\n{indent(verdict, '    ')}"
    else:
        attempt = f"{call.text}\n{verdict}"
    return f"start = time.monotonic()\n{attempt}"
