"""The table of clauses by subject. The clauses of a class that hold share a row, and so do those that do not apply.

If there is one interpreter, each of its start methods has a column; if there are several, each interpreter has
one, whose cells show the verdict that all its start methods share, or else the verdict of each.
"""

from collections import Counter
from collections.abc import Iterable, Sequence

from rich.table import Table
from rich.text import Text

from conformance.checking.record import VERDICTS, Record
from conformance.subjects.subject import Subject

STYLES = {
    "violated": "bold red",
    "unexpected pass": "bold magenta",
    "unknown": "bold yellow",
    "deviation": "cyan",
    "unproven": "yellow",
    "not applicable": "dim",
    "holds": "green",
}
FOLDED = ("holds", "not applicable")

Rows = dict[str, dict[str, Record]]  # by clause and subject


def table(records: Sequence[Record], subjects: Sequence[Subject], everything: bool) -> Table:
    """The table, the most interesting clauses first; each clause has a row if ``everything`` is true."""
    grid, columns = Table(box=None, pad_edge=False, header_style="bold"), grouped(subjects)
    grid.add_column("clause", no_wrap=True)
    for head in columns:
        grid.add_column(head, justify="left")
    rows: Rows = {}
    for record in records:
        rows.setdefault(record.clause, {})[record.subject] = record
    folded = {verdict: [] if everything else alike(rows, verdict) for verdict in FOLDED}
    places = {name: place for place, name in enumerate(rows)}
    others = sorted(set(rows).difference(*folded.values()), key=lambda name: (rank(rows[name].values()), places[name]))
    for name in others:
        grid.add_row(name, *(cell(rows, [name], group) for group in columns.values()))
    for same in folded.values():
        for spec, count in Counter(map(spec_of, same)).items():
            names = [name for name in same if spec_of(name) == spec]
            word = "all" if count == sum(spec_of(name) == spec for name in rows) else "other"
            grid.add_row(f"{spec}: {word} {count}", *(cell(rows, names, group) for group in columns.values()))
    return grid


def alike(rows: Rows, verdict: str) -> list[str]:
    """The clauses that have this verdict on all subjects, except one that alone of its class does not apply."""
    found = [name for name, row in rows.items() if all(record.verdict == verdict for record in row.values())]
    counted = Counter(map(spec_of, found))
    return [name for name in found if verdict == "holds" or counted[spec_of(name)] > 1]


def spec_of(clause: str) -> str:
    """The name of a clause's spec."""
    return clause.partition(".")[0]


def grouped(subjects: Sequence[Subject]) -> dict[str, list[Subject]]:
    """The subjects of each column, by the head of the column."""
    if len({subject.interpreter for subject in subjects}) == 1:
        return {subject.start_method: [subject] for subject in subjects}
    found: dict[str, list[Subject]] = {}
    for subject in subjects:
        interpreter = subject.interpreter
        head = f"{interpreter.name} {'.'.join(map(str, interpreter.version))}"
        found.setdefault(head, []).append(subject)
    return found


def rank(row: Iterable[Record]) -> int:
    """The place of the most interesting verdict of a row among VERDICTS."""
    return min(VERDICTS.index(record.verdict) for record in row)


def cell(rows: Rows, names: Sequence[str], subjects: Sequence[Subject]) -> Text:
    """The verdicts on these clauses for the subjects of a column: a line for each, the most interesting first."""
    found: dict[str, dict[str, list[Record]]] = {}
    for name in names:
        for subject in subjects:
            record = rows[name].get(str(subject))
            if record:
                found.setdefault(record.verdict, {}).setdefault(subject.start_method, []).append(record)
    lines = []
    for verdict in sorted(found, key=VERDICTS.index):
        who = "" if len(found) == 1 else f"{', '.join(found[verdict])}: "
        records = [record for each in found[verdict].values() for record in each]
        lines.append(Text(f"{who}{verdict}{counted(records)}", STYLES[verdict]))
    return Text("\n").join(lines)


def counted(records: Sequence[Record]) -> str:
    """How often the clauses were put to the test, if they hold, or seen violated: fewest to most."""
    holds = records[0].verdict == "holds"
    counts = [record.exercised if holds else record.times for record in records]
    if not holds and not any(counts):
        return ""
    return f" ({min(counts)} to {max(counts)})" if min(counts) != max(counts) else f" ({counts[0]})"
