"""Items of pytest: each is a clause on a subject, and shares a campaign with the others of its spec and subject."""

import traceback
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from conformance import bug_report, catalogue, deviations
from conformance.checking.findings import Findings, Violation
from conformance.checking.record import UNEXPECTED, Record
from conformance.driver.campaign import PROFILES, Campaign
from conformance.driver.confirmation import Expectation
from conformance.driver.tolerance import Tolerance
from conformance.judging import details, judge, surprise
from conformance.plugin import first_round
from conformance.plugin.plan import plan
from conformance.reporting.costs import Cost
from conformance.subjects.subject import Interpreter, Subject, Unusable

# Properties of a report: its own record, the records of its campaign, the record of a violation that was just seen,
# the records of shrunk violations when the run stops there, and what the campaign has cost.
PROPERTY, EARLY, NEWS, LAST, COST = (f"conformance{part}" for part in ("", "-early", "-news", "-last", "-cost"))


TOGETHER = pytest.StashKey[dict[tuple[str, Subject], list["ClauseItem"]]]()


class SpecFile(pytest.File):
    """A file of specs."""

    def collect(self) -> Iterator[pytest.Item]:
        wanted = plan(self.config)
        stated = catalogue.stated(catalogue.module_of(self.path))
        mine = [(entry, name) for entry, name in stated if name in wanted.clauses]
        for subject in wanted.subjects if mine else ():
            label = short(subject, wanted.subjects)
            for entry, name in mine:
                yield ClauseItem.from_parent(self, name=f"{name}[{label}]", entry=entry, clause=name, subject=subject)


def short(subject: Subject, among: list[Subject]) -> str:
    """A short name for a subject: the start method, and the interpreter if there are several."""
    if len({s.interpreter for s in among}) == 1:
        return subject.start_method
    return f"{subject.interpreter.name}{'.'.join(map(str, subject.interpreter.version))}-{subject.start_method}"


class ClauseFailed(Exception):
    """A clause does not hold, or its verdict is unknown; the message is for a maintainer."""


class ClauseItem(pytest.Item):
    """A clause on a subject."""

    def __init__(self, *, entry: catalogue.Entry, clause: str, subject: Subject, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.entry, self.clause, self.subject = entry, entry.spec.clauses[clause], subject
        self.add_marker(pytest.mark.clause(clause))
        for mark in (entry.spec.name, subject.start_method):
            self.add_marker(getattr(pytest.mark, mark))

    def runtest(self) -> None:
        plan(self.config).at_work = self
        first_round.play(self)
        record = self.judged()
        if record.verdict == "violated" and self.config.getoption("--shrink") > 0:
            if self.key not in plan(self.config).budgets:
                self.announce()
            record = self.investigated(record, self.findings())
        self.user_properties.append((PROPERTY, record.to_json()))
        settle(record)

    def judged(self) -> Record:
        """The verdict on the clause, from what the campaign has found."""
        record = judge(self.clause, self.subject, self.findings(), self.known)
        return self.blocked(record) if record.verdict == "unproven" else record

    def announce(self) -> None:
        """Reports the verdicts on all clauses of the campaign, since shrinking may be interrupted."""
        facts = {item.nodeid: item.judged().to_json() for item in self.together}
        self.tell(EARLY, facts)

    def tell(self, name: str, facts: object) -> None:
        """Reports something under the name of the item that is running: xdist accepts reports for no other."""
        mine = plan(self.config).at_work or self
        report = pytest.TestReport(
            mine.nodeid, mine.location, {}, "passed", None, "setup", user_properties=[(name, facts)]
        )
        self.ihook.pytest_runtest_logreport(report=report)

    def tell_news(self, violation: Violation) -> None:
        """Reports the first violation of a clause as soon as it is seen: the campaign may take much longer."""
        told = plan(self.config).told
        item = next((each for each in self.together if each.clause.name == violation.clause), None)
        if item is not None and item.nodeid not in told:
            found = Findings()
            found.add(violation)
            record = judge(item.clause, item.subject, found, item.known)
            if record.verdict == "violated":
                told.add(item.nodeid)
                self.tell(NEWS, {item.nodeid: record.to_json()})

    @property
    def known(self) -> Sequence[deviations.Deviation]:
        """The known deviations from the clause on this subject."""
        return [d for d in plan(self.config).known_of(self.subject) if d.clause == self.clause.name]

    def blocked(self, record: Record) -> Record:
        """The record; unknown if nothing could be run for a reason that no other item reports."""
        wanted, findings = plan(self.config), self.findings()
        for first in (f"{self.entry.spec.name}.{slug}" for slug in ("made", "inherited")):
            known = [d for d in wanted.known_of(self.subject) if d.clause == first]
            found = surprise(findings.violated.get(first, ()), known) or findings.unknown.get(first)
            if found and first not in wanted.clauses:
                why = found.observed if isinstance(found, Violation) else found.reason
                text = f"{record.clause} on {record.subject}: not known, because {first} does not hold: {why}"
                return replace(record, verdict="unknown", message=text)
        return record

    def investigated(self, record: Record, findings: Findings) -> Record:
        """The record with the smallest violation that shrinking finds, and with how to reproduce it."""
        violation = surprise(findings.violated[self.clause.name], self.known)
        assert violation is not None
        budget = bug_report.Budget(self.config.getoption("--shrink"))
        budget = plan(self.config).budgets.setdefault(self.key, budget)
        report = bug_report.investigate(violation, self.subject, budget, self.peers)
        directory = self.config.getoption("--reproducer-dir")
        written = bug_report.write_files(report, Path(directory)) if directory else bug_report.Written()
        text = bug_report.describe(report, record.times, written)
        return replace(record, message=text, details=details(report.violation))

    @property
    def key(self) -> tuple[str, Subject]:
        """What identifies its campaign."""
        return self.entry.spec.name, self.subject

    @property
    def tolerance(self) -> Tolerance:
        """The tolerance that its campaign shares with those of the same class with other start methods."""
        return plan(self.config).tolerances.setdefault((self.entry.spec.name, self.subject.interpreter), Tolerance())

    @property
    def peers(self) -> list[str]:
        """The interpreters of the other subjects."""
        mine = self.subject.interpreter.executable
        return sorted({s.interpreter.executable for s in plan(self.config).subjects} - {mine})

    def findings(self) -> Findings:
        """The findings of the campaign of this spec on this subject, which runs if it has not yet. Raises Unusable."""
        campaigns, key = plan(self.config).campaigns, self.key
        if key not in campaigns:
            campaign = plan(self.config).begun.pop(key, None) or self.campaign()
            # However it ends, it is not run again for each of its clauses.
            campaigns[key] = Unusable(f"The runs of {self.entry.spec.name} were aborted: see the first of its clauses.")
            try:
                campaigns[key] = campaign.run(self.names, self.expectations)
            except Unusable as error:
                campaigns[key] = error
            cost = Cost(self.entry.spec.name, str(self.subject), campaign.seconds, campaign.findings.runs)
            self.user_properties.append((COST, list(cost)))
        found = campaigns[key]
        if isinstance(found, Unusable):
            raise found
        return found

    def begin(self) -> Findings:
        """The findings of a sample of the campaign, which continues when its turn comes."""
        campaign = self.campaign()
        found = campaign.begin(self.names, self.expectations)
        plan(self.config).begun[self.key] = campaign
        return found

    def stop_if_asked(self) -> None:
        """Shrinks and reports the violations that a sample has shown, if the run is to stop at the first."""
        told, begun = plan(self.config).told, plan(self.config).begun.get(self.key)
        if begun is None or self.config.getoption("maxfail") != 1:
            return
        bad, findings = [item for item in self.together if item.nodeid in told], begun.findings
        records = {item.nodeid: judge(item.clause, item.subject, findings, item.known) for item in bad}
        if self.config.getoption("--shrink") > 0:
            records = {item.nodeid: item.investigated(records[item.nodeid], findings) for item in bad}
        if records:
            self.tell(LAST, {nodeid: record.to_json() for nodeid, record in records.items()})

    def campaign(self) -> Campaign:
        """The campaign of this spec on this subject."""
        profile, seed = PROFILES[self.config.getoption("--profile")], self.config.getoption("--seed")
        campaign = Campaign(
            self.entry, self.subject, profile, seed, self.peers, plan(self.config).stages, self.tolerance
        )
        campaign.runs.on_news = self.tell_news
        return campaign

    @property
    def leaders(self) -> dict[str, list["ClauseItem"]]:
        """The first item of each interpreter, by spec."""
        found: dict[str, dict[Interpreter, ClauseItem]] = {}
        for item in self.session.items:
            if isinstance(item, ClauseItem):
                found.setdefault(item.entry.spec.name, {}).setdefault(item.subject.interpreter, item)
        return {spec: list(items.values()) for spec, items in found.items()}

    @property
    def names(self) -> list[str]:
        """The clauses that share the campaign."""
        return [item.clause.name for item in self.together]

    @property
    def expectations(self) -> list[Expectation]:
        """What the subject is known to show."""
        return [each.expectation for each in plan(self.config).known_of(self.subject)]

    @property
    def together(self) -> list["ClauseItem"]:
        """The items that share the campaign."""
        if TOGETHER not in self.session.stash:
            found = self.session.stash[TOGETHER] = {}
            for item in self.session.items:
                if isinstance(item, ClauseItem):
                    found.setdefault(item.key, []).append(item)
        return self.session.stash[TOGETHER][self.key]

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        if isinstance(excinfo.value, (ClauseFailed, Unusable)):
            return str(excinfo.value)
        return "The harness failed:\n" + "".join(traceback.format_exception(excinfo.value))

    def reportinfo(self) -> tuple[Path, None, str]:
        return self.path, None, f"{self.clause.name} [{self.subject}]"


def settle(record: Record) -> None:
    """Passes, skips or fails as the record says."""
    if record.verdict in UNEXPECTED:
        raise ClauseFailed(record.message)
    if record.verdict == "deviation":
        pytest.xfail(record.message)
    if record.verdict != "holds":
        pytest.skip(f"{record.verdict}: {record.message}")


def group_of(nodeid: str) -> str:
    """The group of an item, from its node id: ``specs/queues/queues.py::queue.put.full[fork]``."""
    name = nodeid.rpartition("::")[2]
    return f"{name.partition('.')[0]}[{name.partition('[')[2]}"
