"""``mpconform deviations``: whether the entries make sense, and what a run says about them."""

import argparse
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from conformance import catalogue, deviations
from conformance.checking.record import Record
from conformance.commands.run import count_workers, require_success
from conformance.commands.session import SessionReporter, run_session
from conformance.deviations import BrokenDeviations, Deviation, Rate
from conformance.deviations.editing import Edit, difference, edited, read_text
from conformance.deviations.narrowing import Undecided, narrowed, widened
from conformance.deviations.newcomers import Newcomer, newcomers, proposed
from conformance.deviations.sightings import sightings
from conformance.deviations.soundness import complaint
from conformance.driver.replay import replay
from conformance.files import Unwritten, write_whole
from conformance.plugin.plan import make_plan
from conformance.reporting import terminal
from conformance.subjects import adapters
from conformance.subjects.subject import Subject

REPLAYS = 40  # of a new violation, to tell how often it shows
SECONDS = 10.0  # for them


def check(arguments: argparse.Namespace) -> int:
    """Says how many entries there are. Raises BrokenDeviations if one of them cannot be used."""
    (path,), clauses = deviations.places([arguments.deviations]), catalogue.clauses()
    known, implementations = deviations.load(path, clauses), (*adapters.known(), *arguments.implementation)
    for deviation in known:
        nobody = complaint(deviation, clauses, implementations)
        if nobody:
            raise BrokenDeviations(f"The {deviation.place} concerns nobody: {nobody}.")
    files = {deviation.file for deviation in known}
    print(f"{len(known)} deviations of {len({d.clause for d in known})} clauses in {len(files)} files of {path}.")
    return 0


def update(arguments: argparse.Namespace) -> int:
    """Runs the subjects, and prints the edits that make the entries say what was seen, or makes them. Raises Misuse.

    What is new goes to the last file or directory of deviations that is given: entries elsewhere are not widened.
    """
    path = deviations.places(arguments.deviations)[-1]
    plan = make_plan(vars(arguments))
    workers = count_workers(arguments.workers, plan)
    for file in {deviation.file for deviation in plan.known}:
        read_text(file)  # what cannot be edited is refused before the run, which may take hours
    records = observed(arguments, plan.subjects, workers)
    texts = edited(edits(plan.known, records, plan.subjects, path))
    print(difference(texts), end="")
    for file, (_, text) in texts.items() if arguments.write else ():
        try:
            write_whole(file, text)
        except Unwritten as reason:  # the edits have been printed; other files may have space
            print(f"mpconform: {reason}", file=sys.stderr)
    return int(bool(texts))


def observed(arguments: argparse.Namespace, subjects: Sequence[Subject], workers: int) -> list[Record]:
    """The records of a run."""
    with terminal.RunProgress(terminal.console(stderr=True), 0) as watch:
        reporter = SessionReporter(watch, subjects)
        status = run_session(arguments, workers, reporter)
    if reporter.interrupted or status == pytest.ExitCode.INTERRUPTED:
        sys.exit(128 + (reporter.interrupted or signal.SIGINT))
    require_success(status)
    return reporter.verdicts()


def edits(known: Sequence[Deviation], records: Sequence[Record], subjects: Sequence[Subject], path: Path) -> list[Edit]:
    """What should change; what the run cannot decide is told on standard error."""
    found: list[Edit] = []
    for deviation in known:
        try:
            found += narrowed(deviation, sightings(deviation, records, subjects))
        except Undecided as undecided:
            print(f"mpconform: {undecided}", file=sys.stderr)
    for new in newcomers(records, {str(subject): subject for subject in subjects}):
        inside = [each for each in known if path in (each.file, *each.file.parents)]
        found += widening(new, inside) or proposed(new, inside, path, measured(new))
    return found


def widening(new: Newcomer, known: Sequence[Deviation]) -> list[Edit]:
    """The edits that make existing entries concern what was seen, as if it were new."""
    found: list[Edit] = []
    for deviation in known:
        if deviation.clause == new.clause:
            pairs = zip(new.records, new.subjects, strict=True)
            found += widened(deviation, [s for record, s in pairs if deviation.observed in record.details["observed"]])
    return found


def measured(new: Newcomer) -> Rate | None:
    """How often replays show a violation; None if each one does, or none."""
    replayed = replay(new.witness, new.subjects[0], REPLAYS, seconds=SECONDS)
    return Rate(replayed.hits, replayed.tries) if 0 < replayed.hits < replayed.tries else None
