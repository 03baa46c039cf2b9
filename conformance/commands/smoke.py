"""``mpconform smoke``: tells an adapter's author within seconds what works."""

import argparse
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing

from conformance import catalogue
from conformance.catalogue import Entry
from conformance.checking.findings import Findings
from conformance.checking.record import UNEXPECTED, Record
from conformance.deviations import Deviation
from conformance.driver.campaign import Campaign
from conformance.driver.profiles import Profile
from conformance.driver.stage import StageProcess
from conformance.judging import judge
from conformance.plugin.plan import make_plan
from conformance.reporting import smoke, terminal
from conformance.subjects.applicability import applies, obstacle
from conformance.subjects.subject import Interpreter, Subject

PROFILE = Profile("smoke", scripts=4, pinned=0, streams=0, scenarios=1, patience=0.0)
FIRST = {"object": 9, "operation": 3}  # clauses of each kind that are tried, of a spec that has objects
ALONE = {"scenario": 1}  # and of one that has none


def run(arguments: argparse.Namespace) -> int:
    """Tries a few clauses of every spec, on the subjects that are named; returns the exit status. Raises Misuse."""
    plan = make_plan({**vars(arguments), "clause": (), "deviations": ()})
    out, started, failed = terminal.console(), time.monotonic(), False
    for interpreter, subjects in grouped(plan.subjects):
        smoke.introduce(out, interpreter)
        with ExitStack() as stack:
            trials = [stack.enter_context(closing(Trial(subject, plan.known))) for subject in subjects]
            board = stack.enter_context(smoke.Board(out, [subject.start_method for subject in subjects]))
            for entry in catalogue.entries():
                tried = trials if entry.spec.operations or entry.spec.smoke != "once" else trials[:1]
                rows = [trial.records(entry) if trial in tried else None for trial in trials]
                board.note(entry.spec.name, rows, obstacle_of(entry, interpreter))
                failed = failed or any(record.verdict in UNEXPECTED for row in rows for record in row or ())
    out.print(f"{time.monotonic() - started:.0f} s. `mpconform run` with the same options checks all clauses.")
    return int(failed)


def grouped(subjects: Sequence[Subject]) -> Iterator[tuple[Interpreter, list[Subject]]]:
    """The subjects of each interpreter."""
    for interpreter in dict.fromkeys(subject.interpreter for subject in subjects):
        yield interpreter, [subject for subject in subjects if subject.interpreter == interpreter]


class Trial:
    """The first clauses of one spec after the other, on one subject.

    Objects share a stage as long as that lives; scenarios may count what is there, and get their own.
    """

    def __init__(self, subject: Subject, known: Sequence[Deviation]) -> None:
        self.subject = subject
        self.known = [deviation for deviation in known if deviation.concerns(subject)]
        self.stage: StageProcess | None = None

    def records(self, entry: Entry) -> list[Record]:
        """The verdicts on the first clauses of a spec, and on others that were not as expected.

        Scripts lead to more clauses than they are chosen for. Those that no call has led to are left out.
        """
        names = chosen(entry, self.subject.interpreter)
        if not names:
            return []
        campaign = Campaign(entry, self.subject, PROFILE, seed=0)
        if not entry.spec.operations:
            findings = campaign.run(names)
        else:
            campaign.runs.stage = self.stage
            findings = campaign.perform(names)
            self.stage = campaign.runs.stage
        failed = {*findings.violated, *findings.unknown}
        seen = [name for name in entry.spec.clauses if name in failed or (name in names and findings.exercised[name])]
        return [judge(entry.spec.clauses[name], self.subject, findings, self.shown(name, findings)) for name in seen]

    def shown(self, clause: str, findings: Findings) -> list[Deviation]:
        """The known deviations that these few runs have shown; the others need not show."""
        return [each for each in self.known if each.clause == clause and each.seen_in(findings)]

    def close(self) -> None:
        """Ends the stage."""
        if self.stage:
            self.stage.close()


def obstacle_of(entry: Entry, interpreter: Interpreter) -> str:
    """Why no clause of a spec applies, in a few words; empty if any does."""
    found = [obstacle(entry.spec, clause, interpreter) for clause in entry.spec.clauses.values()]
    first = found[0]
    if first is None or not all(found):
        return ""
    return f"{', '.join(first.missing)} is not claimed" if first.missing else first.reason


def chosen(entry: Entry, interpreter: Interpreter) -> list[str]:
    """The clauses of a spec that are tried."""
    spec, picked = entry.spec, []
    left = dict(FIRST if spec.operations else ALONE)
    if spec.smoke == "all":
        left["scenario"] = len(spec.clauses)
    for name, clause in spec.clauses.items():
        if left.get(clause.kind, 0) and applies(spec, clause, interpreter):
            left[clause.kind] -= 1
            picked.append(name)
    return picked
