"""Known violations, strict both ways: one that shows is expected, one that does not is news."""

import tomllib
from collections.abc import Collection
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from conformance.driver.subject import Subject

ALWAYS, SOMETIMES, RARELY = "always", "sometimes", "rarely"


class BrokenDeviations(ValueError):
    """The file of deviations cannot be used; the message is one sentence."""


@dataclass(frozen=True)
class Deviation:
    """A known violation of one clause by some subjects.

    ``observed`` is part of what is seen when it shows. It ``shows`` always (whenever a call comes
    there, so that scripts had better not lead there), sometimes (in every quick run), or rarely: a
    race that a quick run may miss, so a run that does not see it proves nothing. Without
    ``implementation``, ``name`` (of the interpreter), ``since``, ``until`` or ``start_methods`` it
    holds for all of them.
    """

    clause: str
    observed: str
    reason: str
    issue: str
    implementation: str = ""
    name: str = ""
    since: str = "3.8"
    until: str = "999"
    start_methods: tuple[str, ...] = ()
    shows: str = SOMETIMES

    def concerns(self, subject: Subject) -> bool:
        """Whether the subject is among those that deviate."""
        interpreter = subject.interpreter
        return (
            self.implementation in ("", interpreter.implementation)
            and self.name in ("", interpreter.name)
            and numbers(self.since) <= interpreter.version < numbers(self.until)
            and (not self.start_methods or subject.start_method in self.start_methods)
        )


FREQUENCIES = (ALWAYS, SOMETIMES, RARELY)
REQUIRED = ("clause", "observed", "reason", "issue")


def numbers(version: str) -> tuple[int, ...]:
    """A version as numbers. Raises ValueError."""
    return tuple(int(part) for part in version.split("."))


def load(path: Path, clauses: Collection[str]) -> tuple[Deviation, ...]:
    """The deviations of a file. Raises BrokenDeviations, also for a clause that does not exist."""
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BrokenDeviations(f"The deviations file {path} cannot be read: {error}.") from None
    entries = tables.get("deviation", [])
    if not isinstance(entries, list) or not set(tables) <= {"deviation"}:
        raise BrokenDeviations(f"The deviations file {path} holds something else than a list of [[deviation]] tables.")
    return tuple(read(path, number, entry, clauses) for number, entry in enumerate(entries, 1))


def read(path: Path, number: int, entry: Any, clauses: Collection[str]) -> Deviation:
    """One entry, checked. Raises BrokenDeviations."""
    where = f"Deviation {number} of {path}"
    known = {field.name for field in fields(Deviation)}
    if not isinstance(entry, dict) or not set(REQUIRED) <= set(entry) <= known:
        raise BrokenDeviations(
            f"{where} needs {', '.join(REQUIRED)}, and knows no keys but {', '.join(sorted(known))}."
        )
    for key, value in entry.items():
        if not fits(key, value):
            raise BrokenDeviations(f"{where} has a value of the wrong type: {key} = {value!r}.")
    if entry["clause"] not in clauses:
        raise BrokenDeviations(f"{where} names the clause {entry['clause']!r}, which does not exist.")
    if entry.get("shows", SOMETIMES) not in FREQUENCIES:
        raise BrokenDeviations(f"{where} shows {entry['shows']!r}, which is none of {', '.join(FREQUENCIES)}.")
    try:
        numbers(entry.get("since", "3")), numbers(entry.get("until", "4"))
    except ValueError as error:
        raise BrokenDeviations(f"{where} has a version that is none: {error}.") from None
    return Deviation(**{**entry, "start_methods": tuple(entry.get("start_methods", ()))})


def fits(key: str, value: Any) -> bool:
    """Whether the value of a key has the right type."""
    if key == "start_methods":
        return isinstance(value, list) and all(isinstance(method, str) for method in value)
    return isinstance(value, str)


def expected(deviations: Collection[Deviation], clause: str, subject: Subject) -> list[Deviation]:
    """The deviations that this subject is known to show on this clause."""
    return [d for d in deviations if d.clause == clause and d.concerns(subject)]
