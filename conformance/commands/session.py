"""The pytest session of a run, and its reporter."""

import argparse
import os
import signal
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from conformance import catalogue, deviations
from conformance.checking.record import Record
from conformance.driver.campaign import PROFILES
from conformance.plugin import options
from conformance.plugin.items import COST, EARLY, LAST, NEWS, PROPERTY, group_of, short
from conformance.reporting import message, terminal
from conformance.reporting.costs import Cost
from conformance.subjects.subject import Subject

CUT_SHORT = "Note:     as first seen, because the run was interrupted before the violation was made smaller."
ENDING = (signal.SIGINT, signal.SIGTERM)  # signals after which a run tells what it knows, and ends
PLUGINS = (
    "xdist.plugin",
    "pytest_timeout",
    "conformance.plugin",
    "no:terminal",
    "no:cacheprovider",
    "no:tmpdir",
    "no:logging",
    "no:capture",  # without workers, progress is written while items run; and it says more than it should on Ctrl-C
)


class SessionReporter:
    """Collects the records of a session, and shows its progress."""

    def __init__(self, watch: terminal.RunProgress, subjects: Sequence[Subject]) -> None:
        self.watch = watch
        self.subjects = {short(subject, list(subjects)): str(subject) for subject in subjects}
        self.records: dict[str, Record] = {}
        self.early: dict[str, Record] = {}  # before violations were made smaller
        self.news: dict[str, Record] = {}  # violations as they were first seen
        self.costs: list[Cost] = []
        self.interrupted = 0  # the number of the signal

    def interrupt(self, number: int, frame: FrameType | None) -> None:
        """Ctrl-C, or kill: remembered, because a worker that dies of it first looks like an error of ours."""
        self.interrupted = number
        signal.default_int_handler(number, frame)

    def pytest_internalerror(self) -> bool:
        return bool(self.interrupted)  # True: said enough

    def pytest_collection_modifyitems(self, items: Sequence[pytest.Item]) -> None:
        if items:
            self.watch.expect(group_of(item.nodeid) for item in items)

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: Sequence[str]) -> None:
        if not self.watch.left:
            self.watch.expect(map(group_of, ids))

    def pytest_runtest_logstart(self, nodeid: str, location: tuple[str, int | None, str]) -> None:
        self.watch.begin(nodeid.rpartition("::")[2])

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if self.interrupted:  # and what was hit swallowed it, or made another exception of it
            raise KeyboardInterrupt
        told = dict(report.user_properties)
        early, found = told.get(EARLY), told.get(PROPERTY)
        if isinstance(cost := told.get(COST), list) and report.when == "call":
            self.costs.append(Cost(*cost))
        if isinstance(news := told.get(NEWS), dict):
            self._tell(news)
        if isinstance(last := told.get(LAST), dict):
            self.records.update((nodeid, Record(**each)) for nodeid, each in last.items())
            raise pytest.exit.Exception("the first violation")
        if isinstance(early, dict):
            self.early.update((nodeid, Record(**each)) for nodeid, each in early.items())
            bad = sum(each["verdict"] == "violated" for each in early.values())
            self.watch.dwell(group_of(report.nodeid), bad)
        if isinstance(found, dict) and report.when == "call":
            record = Record(**found)
        elif report.failed:
            record = self._lost(report)
        else:
            return
        if report.nodeid not in self.records:
            self.records[report.nodeid] = record
            self.watch.note(group_of(report.nodeid), record)

    def _tell(self, news: Mapping[str, Any]) -> None:
        """Tells what has just been seen. It stays a violation, also if another worker does not see it again."""
        for nodeid, each in news.items():
            self.news[nodeid] = record = Record(**each)
            self.watch.tell(record.clause, record.subject, record.details["observed"])

    def verdicts(self, interrupted: bool = False) -> list[Record]:
        """What is known in the end, in the order of the specs; ``interrupted`` campaigns tell what they have seen."""
        found = {**self.early, **self.records}
        unseen = {nodeid: record for nodeid, record in self.news.items() if surpasses(record, found.get(nodeid))}
        known = {**found, **unseen}
        cut_short = [nodeid for nodeid in known if interrupted and nodeid not in self.records]
        return ordered({**known, **{nodeid: marked(known[nodeid]) for nodeid in cut_short}}.values())

    def _lost(self, report: pytest.TestReport) -> Record:
        """An item that ended without a verdict: a time limit, a driver that crashed."""
        name, _, label = report.nodeid.rpartition("::")[2].partition("[")
        subject = self.subjects.get(label.rstrip("]"), label)
        return Record(name, subject, "unknown", message=message.cut(str(report.longrepr)))


def run_session(arguments: argparse.Namespace, workers: int, reporter: SessionReporter) -> int:
    """Runs one pytest session over the specs, with nothing loaded but what it needs."""
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    for name in ("PYTEST_ADDOPTS", "PYTEST_PLUGINS"):  # they are for a user's own tests
        os.environ.pop(name, None)
    plugins = [word for name in PLUGINS for word in ("-p", name)]
    place = ["--rootdir", catalogue.specs_directory(), "-c", os.devnull]
    words = [catalogue.specs_directory(), *place, *plugins, "-n", workers, *given(arguments)]
    before = [signal.signal(number, reporter.interrupt) for number in ENDING]
    try:
        return pytest.main([str(word) for word in words], plugins=[reporter])
    finally:
        for number, handler in zip(ENDING, before, strict=True):
            signal.signal(number, handler)


def given(arguments: argparse.Namespace) -> Iterator[object]:
    """The options of a session that the arguments ask for."""
    # The last line of defence. The same item shrinks and reproduces.
    yield from ("--timeout", PROFILES[arguments.profile].limit + 2 * max(arguments.shrink, 0))
    yield "--first-round"
    if getattr(arguments, "exitfirst", False):
        yield "--exitfirst"
    values = vars(arguments) | {"deviations": [path.resolve() for path in deviations.places(arguments.deviations)]}
    if arguments.reproducer_dir:
        values["reproducer_dir"] = Path(arguments.reproducer_dir).resolve()
    for each in (*options.SUBJECTS, *options.CHECKS):
        yield from each.words(values[each.name])


def marked(record: Record) -> Record:
    """A violation with a line that says why it was not made smaller; any other record as it is."""
    if record.verdict != "violated":
        return record
    return replace(record, message=f"{record.message}\n{CUT_SHORT}")


def surpasses(news: Record, later: Record | None) -> bool:
    """Whether a violation that was told is lost in what was said of its clause later."""
    return later is None or later.verdict != news.verdict


def ordered(records: Iterable[Record]) -> list[Record]:
    """In the order of the specs."""
    places = {name: place for place, name in enumerate(catalogue.clauses())}
    return sorted(records, key=lambda record: places.get(record.clause, len(places)))
