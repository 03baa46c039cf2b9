"""The page of results: RESULTS.md, written from the reports that are kept."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from conformance import catalogue
from conformance.deviations import Deviation
from conformance.reporting.results import interpreters
from conformance.reporting.sightings import Sighting, plain, sightings
from conformance.reporting.version import newest_first
from conformance.subjects.subject import Interpreter
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


def render_page(
    reports: Sequence[Mapping[str, Any]],
    known: Iterable[Deviation],
    reproducers: Mapping[str, str],
    highlights: str = "",
) -> str:
    """RESULTS.md. ``reproducers`` maps the names of scripts to their places, relative to the page.

    ``highlights`` is Markdown: what the maintainers say about the results.
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
    """The deviations that the page lists under one subject."""

    title: str
    sightings: tuple[Sighting, ...]
    folded: bool

    @property
    def anchor(self) -> str:
        """The anchor that GitHub gives to its heading."""
        return re.sub(r"[^a-z0-9 -]", "", self.title.lower()).replace(" ", "-")


def sections(found: Iterable[Sighting], order: Sequence[Interpreter], newest: Collection[Interpreter]) -> list[Section]:
    """Each deviation once, under the first subject that shows it; what is seen only on older versions comes last.

    The sections of libraries and the last one are folded, since most readers look for CPython.
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
    """The newest version of each implementation on each kind of interpreter."""
    newest: dict[tuple[str, str], Interpreter] = {}
    for report in reports:
        for each in interpreters(report):
            key = (each.implementation, each.name)
            if key not in newest or each.version > newest[key].version:
                newest[key] = each
    return set(newest.values())


def unexpected(reports: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The results that no known deviation explains."""
    words = ("violated", "unknown", "unexpected pass")
    return [result for report in reports for result in report["results"] if result["verdict"] in words]


def counts(report: Mapping[str, Any], methods: Mapping[str, str]) -> dict[str, str]:
    """How many clauses have each verdict, by start method: ``870 / 871 / 870``."""
    counted = [Counter(r["verdict"] for r in report["results"] if r["subject"] == name) for name in methods.values()]
    return {verdict: slashed([each[verdict] for each in counted]) for verdict in COUNTED}


def unclaimed(reports: Iterable[Mapping[str, Any]]) -> dict[str, list[str]]:
    """The documented names that libraries do not claim to have, by library; no clause about them is put to the test.

    Left out are implementations that claim less than half of all names: they do not offer the whole interface.
    """
    found: dict[str, set[str]] = {}
    for report in reports:
        implementations = {subject["id"]: subject["implementation"] for subject in report["subjects"]}
        for result in report["results"]:
            names = set(CAPABILITIES).intersection(result.get("missing", ()))
            if names:
                found.setdefault(implementations[result["subject"]], set()).update(names)
    return {each: sorted(found[each]) for each in sorted(found) if len(found[each]) < len(CAPABILITIES) / 2}


def slashed(numbers: Sequence[int]) -> str:
    """The numbers with slashes between them; only one if all are equal."""
    return " / ".join(map(str, numbers if len(set(numbers)) > 1 else numbers[:1]))
