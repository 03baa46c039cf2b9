"""``mpconform results``: keeps reports, writes the page of results, and a script for each deviation."""

import argparse
import json
from pathlib import Path

from conformance import catalogue, deviations
from conformance.checking.findings import Violation
from conformance.checking.witness import Witness
from conformance.commands.run import directory_for
from conformance.deviations import Deviation
from conformance.driver.replay import replay
from conformance.files import write_whole
from conformance.plugin.plan import make_plan
from conformance.reporting import results, terminal
from conformance.reproduction.body import NoReproducer
from conformance.reproduction.reproducer import reproduce
from conformance.subjects.applicability import applies
from conformance.subjects.subject import Subject

PAGE = "RESULTS.md"
SCRIPTS = "reproducers"
RUNS_FOR = 20.0  # seconds in which a reproducer is run again and again


def run(arguments: argparse.Namespace) -> int:
    """Adds reports to the results, and writes the page. Raises BrokenReport, BrokenDeviations, Unwritten."""
    directory = directory_for(arguments.directory)
    for name in arguments.report:
        report = results.trimmed(results.load(Path(name)))
        write_whole(directory / f"{results.stem(report)}.json", json.dumps(report, separators=(",", ":")) + "\n")
    reports = [results.load(path) for path in sorted(directory.glob("*.json"))]
    known = deviations.load(deviations.own(), catalogue.clauses())
    page = directory.resolve().parent / PAGE
    write_whole(page, results.page(reports, known, scripts(directory), highlights(directory)))
    terminal.console().print(f"{len(reports)} reports are in {directory}, and {page.name} tells of them.")
    return 0


def highlights(directory: Path) -> str:
    """What people say of the results: ``highlights.md`` beside the reports, if it is there."""
    path = directory / "highlights.md"
    return path.read_text(encoding="utf-8") if path.exists() else ""


def scripts(directory: Path) -> dict[str, str]:
    """The reproducers at hand, by name, relative to the page."""
    return {
        path.name: f"{directory.resolve().name}/{SCRIPTS}/{path.name}" for path in (directory / SCRIPTS).glob("*.py")
    }


def reproduce_deviations(arguments: argparse.Namespace) -> int:
    """Writes a script for each deviation of the subjects; returns 1 if one of them did not show. Raises Unusable."""
    out, directory = terminal.console(), directory_for(arguments.reproducer_dir or f"results/{SCRIPTS}")
    plan, missed = make_plan(vars(arguments)), 0
    for subject in plan.subjects:
        for deviation in plan.known:
            path = directory / results.script_name(deviation.clause, subject.interpreter.implementation)
            if deviation.clause in plan.clauses and is_shown_by(deviation, subject) and not path.exists():
                said, shown = reproduced(deviation, subject, path)
                missed += not shown
                out.print(f"{deviation.clause} on {subject}: {said}", highlight=False, markup=False, soft_wrap=True)
    return int(missed > 0)


def is_shown_by(deviation: Deviation, subject: Subject) -> bool:
    """Whether the entry is about this subject, and its clause is, too."""
    spec = catalogue.owner(deviation.clause).spec
    return deviation.concerns(subject) and applies(spec, spec.clauses[deviation.clause], subject.interpreter)


def reproduced(deviation: Deviation, subject: Subject, path: Path) -> tuple[str, bool]:
    """Writes the script of one deviation, and says how often it shows."""
    if deviation.witness is None:
        return "its entry has no witness", False
    violation = seen(deviation.witness, deviation, subject)
    if violation is None:
        return "no replay has shown it", False
    try:
        reproducer = reproduce(catalogue.owner(deviation.clause), subject, violation, RUNS_FOR)
    except NoReproducer as reason:
        return f"no reproducer, because {reason}", False
    if reproducer.rate.shown:
        write_whole(path, results.anywhere(reproducer.source))
    return f"{path.name} {reproducer.rate}", bool(reproducer.rate.shown)


def seen(witness: Witness, deviation: Deviation, subject: Subject) -> Violation | None:
    """What a replay of the deviation's witness shows."""
    shown = replay(witness, subject, deviation.tries, seconds=RUNS_FOR)
    return next((each for each in shown.violations if deviation.observed in each.observed), None)
