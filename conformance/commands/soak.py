"""``mpconform soak``: repeats a run with new seeds beside other work, and counts the verdicts on each clause."""

import argparse
import signal
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from rich.console import Console
from rich.text import Text

from conformance.checking.soak import SoakRun, add_up_replays
from conformance.commands.run import BadOption, count_workers, directory_for, require_success
from conformance.commands.session import SessionReporter, run_session
from conformance.deviations.editing import difference, edited
from conformance.deviations.rates import propose_rates
from conformance.forensics.disturbance import disturb
from conformance.plugin.plan import Plan, make_plan
from conformance.reporting import soak, terminal


def run(arguments: argparse.Namespace) -> int:
    """Runs what the arguments name again and again, and returns the exit status. Raises Misuse."""
    require_sense(arguments)
    plan = make_plan(vars(arguments))
    workers = count_workers(arguments.workers, plan)
    for name in filter(None, (arguments.output, arguments.reproducer_dir)):
        directory_for(name)
    out, runs, status = terminal.console(), list[SoakRun](), 0
    try:
        # What pauses spares this process, which the user's shell would take for stopped.
        with disturb(arguments.load, arguments.pause):
            for seed in range(arguments.seed, arguments.seed + arguments.runs):
                done, status = run_once(out, plan, arguments, seed, max(workers, 1) if arguments.pause else workers)
                runs.append(done)
                soak.show_run(out, done, len(runs), arguments.runs)
                if status:
                    break
    finally:
        if runs:
            present(out, runs, plan, arguments)
    return status or int(any(run.unexpected for run in runs))


def require_sense(arguments: argparse.Namespace) -> None:
    """Raises BadOption for numbers that make no sense."""
    for name, least in (("runs", 1), ("load", 0), ("pause", 0)):
        if getattr(arguments, name) < least:
            raise BadOption(f"--{name} takes a number from {least} on, not {getattr(arguments, name)}.")


def run_once(out: Console, plan: Plan, arguments: argparse.Namespace, seed: int, workers: int) -> tuple[SoakRun, int]:
    """One run with a seed, and 0, or the exit status of a soak that was interrupted. Raises Misuse."""
    started = time.monotonic()
    with terminal.RunProgress(out, 0) as watch:
        reporter = SessionReporter(watch, plan.subjects)
        status = run_session(argparse.Namespace(**vars(arguments) | {"seed": seed}), workers, reporter)
    interrupted = reporter.interrupted or (signal.SIGINT if status == pytest.ExitCode.INTERRUPTED else 0)
    if not interrupted:
        require_success(status)
    found = SoakRun(seed, time.monotonic() - started, not interrupted, tuple(reporter.verdicts()))
    for record in found.unexpected:
        terminal.failure(out, [record])
    return found, interrupted and 128 + interrupted


def present(out: Console, runs: Sequence[SoakRun], plan: Plan, arguments: argparse.Namespace) -> None:
    """Shows what the runs add up to, and the rates to write into entries, and keeps the result."""
    soak.show(out, runs, {each.name: str(each.rate) for each in plan.known if each.rate}, arguments.all)
    edits = propose_rates(plan.known, add_up_replays(runs))
    out.print(Text(difference(edited(edits))), end="", soft_wrap=True)
    if arguments.output:
        options = {name: getattr(arguments, name) for name in ("profile", "clause", "load", "pause")}
        path = soak.keep(Path(arguments.output), soak.document(runs, plan.subjects, options))
        out.print(f"Kept in {path}.", soft_wrap=True)
