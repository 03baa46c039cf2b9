"""What ``mpconform smoke`` prints: the implementation, a row for each spec that applies, a line for each failure."""

from collections.abc import Iterable, Sequence
from textwrap import shorten
from types import TracebackType

from rich.live import Live
from rich.table import Table
from rich.text import Text

from conformance.checking.record import UNEXPECTED, Record
from conformance.reporting.summary import unclaimed
from conformance.reporting.table import STYLES
from conformance.reporting.terminal import Output, print_table
from conformance.subjects.subject import Interpreter

LENGTH = 200  # characters of what was observed
BRIEFLY = 50  # characters of the reason why a spec does not apply


def introduce(out: Output, interpreter: Interpreter) -> None:
    """Prints which implementation is checked, where it is, and what its adapter declares."""
    out.print(Text(str(interpreter), "bold"))
    out.print(f"package        {interpreter.packaged} in {interpreter.place}", soft_wrap=True, markup=False)
    out.print(f"interpreter    {interpreter.executable}", soft_wrap=True, markup=False)
    if interpreter.adapter:
        out.print(f"adapter        {interpreter.adapter}", soft_wrap=True, markup=False)
    out.print(f"start methods  {', '.join(interpreter.start_methods)}", soft_wrap=True, markup=False)
    for line in unclaimed([interpreter]):
        out.print(line, soft_wrap=True, markup=False)


class Board:
    """The verdicts on the first clauses of each spec, by start method: live on a terminal, elsewhere at the end."""

    def __init__(self, out: Output, start_methods: Sequence[str]) -> None:
        self.out = out
        self.failures: list[Text] = []
        self.elsewhere: list[str] = []
        self.grid = Table(box=None, pad_edge=False, header_style="bold")
        self.grid.add_column("spec", no_wrap=True)
        for method in start_methods:
            self.grid.add_column(method)
        self.live = Live(self.grid, console=out, refresh_per_second=4, vertical_overflow="visible")

    def __enter__(self) -> "Board":
        if self.out.is_animated:
            self.live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.out.is_animated:
            self.live.stop()
        else:
            print_table(self.out, self.grid)
        if self.elsewhere:
            said = f"not applicable: {', '.join(self.elsewhere)}"
            self.out.print(said, soft_wrap=True, markup=False)
        for failure in self.failures:
            self.out.print(failure, soft_wrap=True)

    def note(self, spec: str, rows: Sequence[Sequence[Record] | None], why: str) -> None:
        """Adds the verdicts on a spec's first clauses for each start method, or the reason ``why`` none applies.

        A row is None if the spec has no objects to pass to processes, and was tried with the first start method only.
        """
        if why:
            self.elsewhere.append(f"{spec} ({shorten(why, BRIEFLY, placeholder=' ...')})")
        else:
            self.grid.add_row(spec, *map(cell, rows))
        self.failures += [line(record) for row in rows for record in row or () if record.verdict in UNEXPECTED]


def cell(records: Sequence[Record] | None) -> Text:
    """How many of the clauses that were tried hold, as text."""
    if records is None:
        return Text("(as before)", STYLES["not applicable"])
    if not records:
        return Text("not tried", STYLES["unproven"])
    bad = worst(records)
    holding = sum(record.verdict == "holds" for record in records)
    return Text(f"{holding} of {len(records)} hold" if holding < len(records) else f"{holding} hold", STYLES[bad])


def worst(records: Iterable[Record]) -> str:
    """The most interesting of the verdicts."""
    return min((record.verdict for record in records), key=list(STYLES).index)


def line(record: Record) -> Text:
    """A failure in one line."""
    seen = str(record.details.get("observed") or record.reason or record.message)
    where = record.subject.rpartition(" / ")[2]
    said = shorten(seen.replace("builtins.", ""), LENGTH, placeholder=" ...")
    return Text.assemble((f"{record.verdict}: {record.clause}", STYLES[record.verdict]), f" [{where}] {said}")
