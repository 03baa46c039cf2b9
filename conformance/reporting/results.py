"""The results that the project stands behind: reports of many subjects, and the page that is made of them."""

import json
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from conformance import catalogue
from conformance.deviations import Deviation
from conformance.deviations.entry import UNREPORTED
from conformance.documentation.manual import link
from conformance.misuse import Misuse
from conformance.reporting.message import doubt_about
from conformance.reporting.report import SCHEMA_VERSION
from conformance.reporting.upgrades import UPGRADES, upgrade
from conformance.reporting.version import newest_first, ordered
from conformance.subjects.subject import Interpreter, Subject
from conformance.vocabulary.capabilities import CAPABILITIES

TEMPLATES = Environment(
    loader=PackageLoader("conformance.reporting"),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
    autoescape=False,  # Markdown
)
COUNTED = ("holds", "deviation", "violated", "unknown", "unexpected pass", "unproven", "not applicable")
SEARCHED = re.compile(r"PYTHONPATH=(?:'[^']*'|\S)+ (?=python )")  # by the command that runs a script
DIRECTORY = re.compile(r"(?<![\w.:/<])/(?:[^\s/:'\"<>]+/)+(?=[^\s/:'\"<>])")  # of any file
PLACE = re.compile(r"(?:/[\w.+-]+)+/(?=[\w-]+/[\w-]+\.py\b|[\w.-]*\.\.\. \(crc)")  # of a file on one machine
TRACKERS = {
    r"gh-(\d+)": r"https://github.com/python/cpython/issues/\1",
    r"bpo-(\d+)": r"https://bugs.python.org/issue\1",
    r"([\w.-]+/[\w.-]+)#(\d+)": r"https://github.com/\1/issues/\2",
}


class BrokenReport(Misuse):
    """A report cannot be used; the message is one sentence."""


@dataclass(frozen=True)
class Sighting:
    """A known deviation, the clauses that it breaks, and the interpreters on which runs have shown it."""

    deviation: Deviation
    clauses: tuple[str, ...]
    seen: Mapping[Interpreter, tuple[str, ...]]  # start methods
    known: Sequence[Interpreter]  # all of which there are reports, in order

    @property
    def title(self) -> str:
        """Its clauses."""
        return ", ".join(f"`{name}`" for name in self.clauses)

    @property
    def promised(self) -> str:
        """What its first clause says."""
        return catalogue.clauses()[self.clauses[0]].statement

    @property
    def link(self) -> str:
        """Where the manual says it."""
        return link(catalogue.clauses()[self.clauses[0]])

    @property
    def doubt(self) -> str:
        """Why it may be no deviation, as its entry or its first clause says."""
        return doubt_about(self.deviation, catalogue.clauses()[self.clauses[0]])

    @property
    def issue(self) -> str:
        """The upstream issue, as Markdown."""
        issue = self.deviation.issue
        for form, address in TRACKERS.items():
            if found := re.fullmatch(form, issue):
                return f"[{issue}]({found.expand(address)})"
        return issue

    @property
    def reported(self) -> bool:
        """Whether there is an upstream issue."""
        return self.deviation.issue != UNREPORTED

    @property
    def scripts(self) -> list[str]:
        """What files of its reproducers are called."""
        implementations = dict.fromkeys(interpreter.implementation for interpreter in self.seen)
        return [script_name(clause, each) for clause in self.clauses for each in implementations]

    def subjects(self) -> str:
        """The subjects that show it, as text."""
        return "; ".join(describe_runs(self.seen, self.known))


def script_name(clause: str, implementation: str) -> str:
    """The file of a reproducer: of a clause, and of an implementation if that is not the standard library's."""
    words = [clause] if implementation == "multiprocessing" else [clause, implementation]
    return re.sub(r"[^a-z0-9]+", "_", " ".join(words).lower()) + ".py"


def describe_runs(seen: Mapping[Interpreter, tuple[str, ...]], known: Sequence[Interpreter]) -> Iterator[str]:
    """Interpreters with their start methods; of neighbours that differ in nothing but their version, first and last.

    Neighbours have no other between them among all that are ``known``.
    """
    shown = [(each, methods_of(each, methods), known.index(each) - n) for n, (each, methods) in enumerate(seen.items())]
    for (_, _, methods, _), some in groupby(shown, key=lambda each: (each[0].implementation, each[0].name, *each[1:])):
        first, *more = [interpreter for interpreter, *_ in some]
        last = f" to {'.'.join(map(str, more[-1].version))}" if more else ""
        yield f"{plain(first)}{last}{methods}"


def methods_of(interpreter: Interpreter, methods: Sequence[str]) -> str:
    """The start methods in parentheses; nothing if they are all that the interpreter has."""
    return "" if set(methods) == set(interpreter.start_methods) else f" ({', '.join(sorted(methods))})"


def plain(interpreter: Interpreter) -> str:
    """An interpreter without the name of the standard library."""
    return str(interpreter).removeprefix("multiprocessing / ")


def load(path: Path) -> dict[str, Any]:
    """A report, in the schema of today whichever it was written in. Raises BrokenReport."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BrokenReport(f"The report {path} cannot be read: {error}.") from None
    schema = found.get("schema") if isinstance(found, dict) else None
    if type(schema) is int and schema > SCHEMA_VERSION:
        raise BrokenReport(f"{path} has schema {schema}, and no report newer than schema {SCHEMA_VERSION} can be read.")
    known = type(schema) is int and schema in (*UPGRADES, SCHEMA_VERSION)
    if not known or not all(isinstance(found.get(key), list) for key in ("subjects", "results")):
        raise BrokenReport(f"{path} is no report, as `mpconform run --output` writes it.")
    return upgrade(found)


def trimmed(report: Mapping[str, Any]) -> dict[str, Any]:
    """The report without what belongs to one machine: paths, and evidence that names them."""
    subjects = [{**each, "executable": Path(each["executable"]).name} for each in report["subjects"]]
    results = [
        {**each, "message": reason(each), "deviations": {}, "details": kept(each["details"])}
        for each in report["results"]
    ]
    return {**report, "subjects": subjects, "results": results}


def reason(result: Mapping[str, Any]) -> str:
    """Why a clause does not apply; other messages name what belongs to one machine."""
    return str(result["message"]) if result["verdict"] == "not applicable" else ""


def kept(details: Mapping[str, Any]) -> dict[str, Any]:
    """What of a violation is worth keeping; of files, where they are in their package."""
    found = {key: details[key] for key in ("promised", "observed", "state") if details.get(key)}
    return {key: DIRECTORY.sub("", anywhere(value)) for key, value in found.items()}


def anywhere(text: str) -> str:
    """Text in which files are told by where they are in their package, on whatever machine."""
    return SEARCHED.sub("", PLACE.sub("", text))


def interpreters(report: Mapping[str, Any]) -> dict[Interpreter, dict[str, str]]:
    """The interpreters of a report, each with the ids of its subjects by start method."""
    found: dict[tuple[Any, ...], dict[str, str]] = {}
    for each in report["subjects"]:
        version = tuple(int(part) for part in each["version"].split("."))
        key = (each["executable"], each["implementation"], version, each["name"], each["release"])
        found.setdefault(key, {})[each["start_method"]] = each["id"]
    return {
        Interpreter(executable, implementation, version, name, tuple(methods), release): methods
        for (executable, implementation, version, name, release), methods in found.items()
    }


def stem(report: Mapping[str, Any]) -> str:
    """A file name for a report: its interpreters."""
    names = []
    for interpreter in interpreters(report):
        version = f"{interpreter.name.lower()}{'.'.join(map(str, interpreter.version[:2]))}"
        plain = interpreter.implementation == "multiprocessing"
        names.append(version if plain else f"{interpreter.implementation}-{version}")
    return "+".join(names)


def counts(report: Mapping[str, Any], methods: Mapping[str, str]) -> dict[str, str]:
    """How many clauses have which verdict, by start method: ``870 / 871 / 870``."""
    counted = [Counter(r["verdict"] for r in report["results"] if r["subject"] == name) for name in methods.values()]
    return {verdict: slashed([each[verdict] for each in counted]) for verdict in COUNTED}


def unclaimed(reports: Iterable[Mapping[str, Any]]) -> dict[str, list[str]]:
    """The documented names that libraries do not claim to have, so that no clause about them is put to the test.

    An implementation that claims less than half of them is no library with the whole interface.
    """
    found: dict[str, set[str]] = {}
    for result in (result for report in reports for result in report["results"]):
        implementation, said, names = reason(result).partition(" does not claim ")
        if said:
            found.setdefault(implementation, set()).update(name for name in names.split(", ") if name in CAPABILITIES)
    return {each: sorted(found[each]) for each in sorted(found) if len(found[each]) < len(CAPABILITIES) / 2}


def slashed(numbers: Sequence[int]) -> str:
    """The numbers, or the one that they all are."""
    return " / ".join(map(str, numbers if len(set(numbers)) > 1 else numbers[:1]))


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
    """Where deviations with the same cause have been seen."""
    seen: dict[Interpreter, list[str]] = {}
    clauses = []
    for clause, interpreter, method in shown:
        if any(d.clause == clause and d.concerns(Subject(interpreter, method)) for d in group):
            clauses.append(clause)
            if method not in seen.setdefault(interpreter, []):
                seen[interpreter].append(method)
    known = tuple(dict.fromkeys(d.clause for d in group if d.clause in clauses))
    return Sighting(group[0], known, {each: tuple(seen[each]) for each in ordered(seen)}, among)


def page(
    reports: Sequence[Mapping[str, Any]],
    known: Iterable[Deviation],
    reproducers: Mapping[str, str],
    highlights: str = "",
) -> str:
    """RESULTS.md. ``reproducers`` tells where scripts are, relative to the page, by their names.

    ``highlights`` is Markdown: what people say of the results.
    """
    found = sightings(reports, known)
    rows = [
        (interpreter, methods, counts(report, methods), report["run"]["profile"])
        for report in reports
        for interpreter, methods in interpreters(report).items()
    ]
    order = newest_first([each for each, *_ in rows])
    return TEMPLATES.get_template("results.md.jinja").render(
        rows=sorted(rows, key=lambda row: order.index(row[0])),
        unclaimed=unclaimed(reports),
        clauses=len(catalogue.clauses()),
        sections=sections(found, order, newest_interpreters(reports)),
        unexpected=unexpected(reports),
        reproducers=reproducers,
        highlights=highlights.strip(),
    )


@dataclass(frozen=True)
class Section:
    """The deviations that a reader of the page meets first at one subject."""

    title: str
    sightings: tuple[Sighting, ...]
    folded: bool

    @property
    def anchor(self) -> str:
        """How GitHub addresses its heading."""
        return re.sub(r"[^a-z0-9 -]", "", self.title.lower()).replace(" ", "-")


def sections(found: Iterable[Sighting], order: Sequence[Interpreter], newest: Collection[Interpreter]) -> list[Section]:
    """Each deviation once, under the first subject that shows it; what only older versions show comes last.

    The sections of libraries are folded, and so is the last one: most readers look for CPython.
    """
    places: dict[Interpreter | None, list[Sighting]] = {each: [] for each in order if each in newest}
    places[None] = []
    for sighting in found:
        places[next((each for each in places if each in sighting.seen), None)].append(sighting)
    return [
        Section(
            f"Deviations of {plain(each)}" if each else "Deviations of older versions only",
            tuple(shown),
            each is None or each.implementation != "multiprocessing",
        )
        for each, shown in places.items()
        if shown
    ]


def newest_interpreters(reports: Iterable[Mapping[str, Any]]) -> set[Interpreter]:
    """For each implementation and kind of interpreter the newest version among the reports."""
    newest: dict[tuple[str, str], Interpreter] = {}
    for report in reports:
        for each in interpreters(report):
            key = (each.implementation, each.name)
            if key not in newest or each.version > newest[key].version:
                newest[key] = each
    return set(newest.values())


def unexpected(reports: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """What no entry of the deviations explains."""
    words = ("violated", "unknown", "unexpected pass")
    return [result for report in reports for result in report["results"] if result["verdict"] in words]
