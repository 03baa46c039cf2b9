"""``mpconform run``: checks subjects against the clauses, and tells what was seen."""

import argparse
import os
import signal
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from conformance.checking.record import UNEXPECTED
from conformance.commands.session import SessionReporter, run_session
from conformance.files import Unwritten
from conformance.misuse import Misuse
from conformance.plugin.plan import Plan, make_plan
from conformance.reporting import costs, report, terminal
from conformance.reporting.introduction import introduce


def run(arguments: argparse.Namespace) -> int:
    """Checks what the arguments name and returns the exit status. Raises Misuse."""
    plan = make_plan(vars(arguments))
    for name in filter(None, (arguments.output, arguments.reproducer_dir)):
        directory_for(name)
    workers = count_workers(arguments.workers, plan)
    if arguments.durations is not None and arguments.durations < 0:
        raise BadOption(f"--durations takes a number of campaigns, or 0 for all, not {arguments.durations}.")
    out, started = terminal.console(), time.monotonic()
    introduce(out, (subject.interpreter for subject in plan.subjects))
    with terminal.RunProgress(out, 0) as watch:
        reporter = SessionReporter(watch, plan.subjects)
        status = run_session(arguments, workers, reporter)
    records = reporter.verdicts()
    failed = any(record.verdict in UNEXPECTED for record in records)
    stopped = arguments.exitfirst and failed and not reporter.interrupted and len(records) < watch.total
    interrupted = not stopped and bool(reporter.interrupted or status == pytest.ExitCode.INTERRUPTED)
    records = reporter.verdicts(interrupted)
    if not (stopped or interrupted):
        require_success(status)
    if records:
        terminal.summary(out, records, plan.subjects, arguments.all)
    if arguments.durations is not None:
        costs.show(out, reporter.costs, arguments.durations)
    kept = True
    if arguments.output:
        facts = {"profile": arguments.profile, "seed": arguments.seed}
        facts["complete"] = not (stopped or interrupted)
        facts["seconds"] = round(time.monotonic() - started, 1)
        kept = keep(
            Path(arguments.output) / "report.json", report.document(records, plan.subjects, facts, reporter.costs)
        )
    if stopped:
        out.print(f"Stopped after {len(records)} of {watch.total} verdicts, at the first that was not expected.")
    if interrupted:
        out.print(f"Interrupted after {len(records)} of {watch.total} verdicts.")
        return 128 + (reporter.interrupted or signal.SIGINT)
    return 1 if failed else 0 if kept else 2


def keep(path: Path, document: Mapping[str, Any]) -> bool:
    """Writes a report; returns whether it could be written, and says in a sentence if not: the verdicts are told."""
    try:
        report.write(path, document)
    except Unwritten as reason:
        print(f"mpconform: {reason}", file=sys.stderr)
        return False
    return True


class BadOption(Misuse):
    """An option makes no sense; the message is one sentence."""


def require_success(status: int) -> None:
    """Raises Misuse if a session has not even begun."""
    if status not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        raise Misuse(f"The run failed: pytest ended with status {int(status)}.")


def directory_for(name: str) -> Path:
    """A directory to write to, made if it is missing. Raises BadOption."""
    try:
        Path(name).mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=name).close()
    except OSError as error:
        raise BadOption(f"The directory {name} cannot be made or written to: {error.strerror}.") from None
    return Path(name)


def count_workers(workers: str, plan: Plan) -> int:
    """How many drivers work at the same time; 0 if this process does it alone. Raises BadOption."""
    if workers == "auto":
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        useful = min(cores, len({name.partition(".")[0] for name in plan.clauses}))  # a spec is the work of one
        return useful if useful > 1 else 0
    if not workers.isdecimal():
        raise BadOption(f"-n takes a number of workers or 'auto', not {workers!r}.")
    return int(workers)
