"""On which interpreters the reports that are kept have shown each known deviation."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from conformance import catalogue
from conformance.deviations import Deviation
from conformance.documentation.manual import link
from conformance.reporting.issues import address, is_reported
from conformance.reporting.message import doubt_about
from conformance.reporting.results import interpreters
from conformance.reporting.version import ordered
from conformance.subjects.subject import Interpreter, Subject


@dataclass(frozen=True)
class Sighting:
    """A known deviation, the clauses that it breaks, and the interpreters on which runs have shown it.

    ``seen`` has their start methods; ``known`` are all interpreters of which there are reports, in order.
    """

    deviation: Deviation
    clauses: tuple[str, ...]
    seen: Mapping[Interpreter, tuple[str, ...]]
    known: Sequence[Interpreter]

    @property
    def title(self) -> str:
        """Its clauses."""
        return ", ".join(f"`{name}`" for name in self.clauses)

    @property
    def promised(self) -> str:
        """The statement of its first clause."""
        return catalogue.clauses()[self.clauses[0]].statement

    @property
    def link(self) -> str:
        """Where the manual makes that promise."""
        return link(catalogue.clauses()[self.clauses[0]])

    @property
    def doubt(self) -> str:
        """Why it may be no deviation, as its entry or its first clause says."""
        return doubt_about(self.deviation, catalogue.clauses()[self.clauses[0]])

    @property
    def issue(self) -> str:
        """The upstream issue, as Markdown."""
        issue = self.deviation.issue
        place = address(issue)
        return f"[{issue}]({place})" if place else issue

    @property
    def reported(self) -> bool:
        """Whether there is an upstream issue."""
        return is_reported(self.deviation.issue)

    @property
    def scripts(self) -> list[str]:
        """The names of the files of its reproducers."""
        implementations = dict.fromkeys(interpreter.implementation for interpreter in self.seen)
        return [script_name(clause, each) for clause in self.clauses for each in implementations]

    def subjects(self) -> str:
        """The subjects that show it, as text."""
        return "; ".join(describe_runs(self.seen, self.known))


def script_name(clause: str, implementation: str) -> str:
    """The name of a reproducer's file: its clause, and the implementation if it is not the standard library."""
    words = [clause] if implementation == "multiprocessing" else [clause, implementation]
    return re.sub(r"[^a-z0-9]+", "_", " ".join(words).lower()) + ".py"


def describe_runs(seen: Mapping[Interpreter, tuple[str, ...]], known: Sequence[Interpreter]) -> Iterator[str]:
    """Interpreters with their start methods; the first and last of neighbors that differ only in their version.

    Neighbors have no other interpreter between them in ``known``.
    """
    shown = [(each, methods_of(each, methods), known.index(each) - n) for n, (each, methods) in enumerate(seen.items())]
    for (_, _, methods, _), some in groupby(shown, key=lambda each: (each[0].implementation, each[0].name, *each[1:])):
        first, *more = [interpreter for interpreter, *_ in some]
        last = f" to {'.'.join(map(str, more[-1].version))}" if more else ""
        yield f"{plain(first)}{last}{methods}"


def methods_of(interpreter: Interpreter, methods: Sequence[str]) -> str:
    """The start methods in parentheses; nothing if the interpreter has no others."""
    return "" if set(methods) == set(interpreter.start_methods) else f" ({', '.join(sorted(methods))})"


def plain(interpreter: Interpreter) -> str:
    """An interpreter as text, without the name of the standard library."""
    return str(interpreter).removeprefix("multiprocessing / ")


def sightings(reports: Sequence[Mapping[str, Any]], known: Iterable[Deviation]) -> list[Sighting]:
    """The known deviations that the reports show; those with the same cause count as one."""
    shown = [
        (result["clause"], interpreter, method)
        for report in reports
        for interpreter, methods in interpreters(report).items()
        for method, subject in methods.items()
        for result in report["results"]
        if result["subject"] == subject and result["verdict"] == "deviation" and result["times"]
    ]
    groups: dict[tuple[str, str, str], list[Deviation]] = {}
    for deviation in known:
        groups.setdefault((deviation.file.stem, deviation.reason, deviation.issue), []).append(deviation)
    among = ordered({interpreter for report in reports for interpreter in interpreters(report)})
    found = [sighting(group, shown, among) for group in groups.values()]
    return [each for each in found if each.seen]


def sighting(
    group: Sequence[Deviation], shown: Iterable[tuple[str, Interpreter, str]], among: Sequence[Interpreter]
) -> Sighting:
    """The interpreters on which deviations with the same cause have been seen, as one sighting."""
    seen: dict[Interpreter, list[str]] = {}
    clauses = []
    for clause, interpreter, method in shown:
        if any(d.clause == clause and d.concerns(Subject(interpreter, method)) for d in group):
            clauses.append(clause)
            if method not in seen.setdefault(interpreter, []):
                seen[interpreter].append(method)
    known = tuple(dict.fromkeys(d.clause for d in group if d.clause in clauses))
    return Sighting(group[0], known, {each: tuple(seen[each]) for each in ordered(seen)}, among)
