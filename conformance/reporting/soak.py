"""What a soak has shown: on the terminal, and as a file that is kept."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from conformance.checking.record import UNEXPECTED, VERDICTS
from conformance.checking.soak import Replays, SoakRun, Verdicts, add_up_replays, count_verdicts
from conformance.reporting import report
from conformance.reporting.table import STYLES
from conformance.subjects.subject import Subject

SCHEMA_VERSION = 1


def document(runs: Sequence[SoakRun], subjects: Iterable[Subject], options: Mapping[str, Any]) -> dict[str, Any]:
    """The result as a file tells it: how often each verdict came, and what was not expected, whole."""
    return {
        "schema": SCHEMA_VERSION,
        "soak": {"at": datetime.now(UTC).isoformat(timespec="seconds"), "driver": report.driver(), **options},
        "runs": [{"seed": run.seed, "seconds": round(run.seconds, 1), "complete": run.complete} for run in runs],
        "subjects": [str(subject) for subject in subjects],
        "verdicts": count_verdicts(runs),
        "replays": add_up_replays(runs),
        "unexpected": [{"seed": run.seed, **record.to_json()} for run in runs for record in run.unexpected],
    }


def keep(directory: Path, result: Mapping[str, Any]) -> Path:
    """Writes a result to a file of its own, in one piece; returns its path. Raises OSError."""
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / f"soak-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.json"
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    return partial.replace(path)


def show_run(out: Console, run: SoakRun, number: int, total: int) -> None:
    """A line about a run that is over."""
    bad = len(run.unexpected)
    seen = f"{len(run.records)} verdicts, " + (f"{bad} of them unexpected" if bad else "all as expected")
    out.print(f"run {number} of {total}, seed {run.seed}: {seen}, {run.seconds:.0f} s")


def show(out: Console, runs: Sequence[SoakRun], rates: Mapping[str, str], everything: bool) -> None:
    """What varied, or was not expected, or every clause; races, with their known rates; and a line about the whole."""
    verdicts = count_verdicts(runs)
    varied = [row for row in rows(verdicts) if is_worth_a_row(row[2])]
    if shown := list(rows(verdicts)) if everything else varied:
        out.print(verdict_table(shown))
    races = replay_table(add_up_replays(runs), rates)
    if races.row_count:
        out.print(races)
    whole = sum(len(clauses) for clauses in verdicts.values())
    subjects, bad = len(verdicts), sum(len(run.unexpected) for run in runs)
    said = f"{bad} verdicts were unexpected." if bad else "Every verdict was as expected."
    out.print(
        f"{len(runs)} runs, {whole} verdicts in each on {subjects} subjects, {len(varied)} of which varied. {said}"
    )


def rows(verdicts: Verdicts) -> Iterable[tuple[str, str, Counter[str]]]:
    """Clause, subject, and how often each verdict came."""
    return ((clause, subject, times) for subject, found in verdicts.items() for clause, times in found.items())


def is_worth_a_row(times: Counter[str]) -> bool:
    """Whether a clause got different verdicts, or one that was not expected."""
    return len(times) > 1 or any(verdict in UNEXPECTED for verdict in times)


def verdict_table(varied: Iterable[tuple[str, str, Counter[str]]]) -> Table:
    """Clauses that got different verdicts."""
    grid = Table("clause", "subject", "verdicts", box=None, pad_edge=False, header_style="bold")
    for clause, subject, times in sorted(varied):
        shown = [Text(f"{times[each]} {each}", STYLES[each]) for each in VERDICTS if times[each]]
        grid.add_row(clause, subject, Text(", ").join(shown))
    return grid


def replay_table(replays: Replays, rates: Mapping[str, str]) -> Table:
    """Deviations that not every replay of their witness has shown, and the rates that their entries state."""
    grid = Table("deviation", "subject", "shown", "its entry says", box=None, pad_edge=False, header_style="bold")
    for name, on in sorted(replays.items()):
        for subject, (hits, tries) in on.items():
            if hits < tries:
                grid.add_row(name, subject, f"{hits} in {tries}", rates.get(name, "each time"))
    return grid
