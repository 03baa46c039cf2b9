"""From a violation to a bug report: the smallest witness, a script that reproduces it without this tool, and files."""

import re
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from conformance import catalogue
from conformance.checking.findings import Violation
from conformance.deviations import witness_file
from conformance.driver.shrinking import Shrunk, shrink
from conformance.files import Unwritten, write_whole
from conformance.reporting import message, timeline
from conformance.reproduction.body import NoReproducer
from conformance.reproduction.reproducer import Reproducer, reproduce
from conformance.subjects.subject import Subject, Unusable

SHARE = 3  # violations of one campaign that may take their full time; the others get what is left
RUNS_FOR = 10.0  # seconds in which a reproducer is run again and again; one run may take longer
BRIEFLY = 2.0  # seconds for that once the violations of a campaign have used up their time


class Budget:
    """The seconds that shrinking the violations of one campaign may take, at most ``most`` for each."""

    def __init__(self, most: float) -> None:
        self.most, self.left = most, most * SHARE

    def spend(self, seconds: float) -> None:
        """Deducts the seconds that a violation has taken."""
        self.left = max(0.0, self.left - seconds)

    @property
    def next(self) -> float:
        """The seconds that the next violation may take."""
        return min(self.most, self.left)


@dataclass(frozen=True)
class BugReport:
    """What a maintainer gets: the smallest witness that was found and, if possible, a reproducer."""

    subject: Subject
    shrunk: Shrunk
    reproducer: Reproducer | None
    why_not: str = ""

    @property
    def violation(self) -> Violation:
        """The violation that the smallest witness has shown."""
        return self.shrunk.violation


def investigate(violation: Violation, subject: Subject, budget: Budget, peers: Iterable[str] = ()) -> BugReport:
    """Shrinks the witness of the violation, then writes and runs a reproducer."""
    started, seconds = time.monotonic(), RUNS_FOR if budget.left else BRIEFLY
    shrunk = shrink(violation, subject, budget.next, peers)
    try:
        found = reproduce(catalogue.owner(violation.clause), subject, shrunk.violation, seconds)
    except (NoReproducer, Unusable) as reason:
        return BugReport(subject, shrunk, None, str(reason))
    finally:
        budget.spend(time.monotonic() - started)
    if not found.rate.shown:
        return BugReport(subject, shrunk, None, f"the simplest script {found.rate}")
    return BugReport(subject, shrunk, found)


@dataclass(frozen=True)
class Written:
    """The files of a report by kind (witness, timeline, script, test); ``missing`` tells of those that could not be."""

    paths: Mapping[str, Path] = field(default_factory=dict)
    missing: str = ""


def write_files(report: BugReport, directory: Path) -> Written:
    """Writes the files of a report, as far as the disk allows: the violation is told in any case."""
    paths, missing = dict[str, Path](), list[str]()
    for kind, (file, text) in contents(report).items():
        try:
            write_whole(directory / file, text)
        except Unwritten as reason:
            missing.append(str(reason))
        else:
            paths[kind] = directory / file
    more = f" {len(missing) - 1} other files of this violation are missing, too." if missing[1:] else ""
    return Written(paths, f"{missing[0]}{more}" if missing else "")


def contents(report: BugReport) -> dict[str, tuple[str, str]]:
    """The name and the text of each file of a report, by kind."""
    stem, shrunk, violation = name(report), report.shrunk, report.violation
    document = witness_file.document(shrunk.witness, report.subject, violation.observed, shrunk.hits, shrunk.tries)
    files = {"witness": (f"{stem}.json", witness_file.text(document))}
    if violation.history:
        clause = catalogue.clauses()[shrunk.witness.clause]
        files["timeline"] = f"{stem}.svg", timeline.svg(clause, str(report.subject), violation)
    if report.reproducer:
        files["script"] = f"{stem}.py", report.reproducer.source
        case = f"test_{re.sub(r'[^a-z0-9]+', '_', stem.lower())}.py"
        files["test"] = case, report.reproducer.unittest_source
    return files


def name(report: BugReport) -> str:
    """The name of the files, without the extension: the clause and the subject."""
    interpreter = report.subject.interpreter
    version = f"{interpreter.name}{'.'.join(map(str, interpreter.version))}"
    words = [report.shrunk.witness.clause, interpreter.implementation, version, report.subject.start_method]
    return "-".join(re.sub(r"[^\w.]+", "_", word) for word in words)


def describe(report: BugReport, times: int, written: Written) -> str:
    """Describes the violation for a maintainer, how to reproduce it, and the script that does."""
    clause, lines = catalogue.clauses()[report.shrunk.witness.clause], [recurrence(report.shrunk)]
    source, files = "", written.paths
    lines += [f"Missing:  {written.missing}"] if written.missing else []
    if "witness" in files:
        lines.append(f"Replay:   mpconform replay {files['witness']}")
    if "timeline" in files:
        lines.append(f"Timeline: {files['timeline']}")
    if report.reproducer is None:
        lines.append(f"Script:   none: {report.why_not}")
    elif "script" in files:
        lines.append(f"Script:   {files['script']} ({report.reproducer.rate})")
        lines += [f"Test:     {files['test']}"] if "test" in files else []
    else:
        lines.append(f"Script:   below ({report.reproducer.rate})")
        source = report.reproducer.source.rstrip()
    text = message.violation(clause, report.subject, report.violation, times, lines)
    return f"{text}\n\n{source}" if source else text


def recurrence(shrunk: Shrunk) -> str:
    """How often the smallest witness shows the violation."""
    if not shrunk.hits:
        return f"Seen:     once in {shrunk.tries + 1} runs of the witness; the history is the proof"
    return f"Seen:     in {shrunk.hits} of {shrunk.tries} runs of the smallest witness, found in {shrunk.runs} runs"
