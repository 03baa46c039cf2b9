"""The terminal: live progress, the table of clauses by subject, failures, clauses in words."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from textwrap import shorten
from types import TracebackType

from rich.console import Console
from rich.live import Live
from rich.markup import escape
from rich.panel import Panel
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from conformance.checking.record import UNEXPECTED, VERDICTS, Record
from conformance.driver.tolerance import NOT_RUN
from conformance.reporting.table import STYLES, table
from conformance.subjects.subject import Interpreter, Subject
from conformance.vocabulary.spec import Clause

CLAIM = " does not claim "  # in the reason why a clause does not apply
WHY = 200  # characters of such a reason
OBSERVED = 120  # characters of a violation that is told as soon as it is seen
PLAIN_WIDTH = 120  # columns, where there is no terminal to ask


class Output(Console):
    """A console that leaves it to the command what it means if nobody reads any more."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError


def console(stderr: bool = False) -> Console:
    """Where output goes: with colours and the terminal's width, or plain."""
    plain = Output(highlight=False, soft_wrap=False, stderr=stderr)
    return plain if plain.is_terminal else Output(highlight=False, width=PLAIN_WIDTH, no_color=True, stderr=stderr)


class RunProgress:
    """Live progress of a run: a bar on a terminal, elsewhere a line for every spec that is done."""

    def __init__(self, out: Console, total: int) -> None:
        self.out, self.total, self.seen = out, total, Counter[str]()
        self.left: Counter[str] = Counter()
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
        )
        self.progress = Progress(*columns, console=out)
        self.task = self.progress.add_task("starting", total=total or None)
        self.live = Live(self.progress, console=out, transient=True, refresh_per_second=8)

    def __enter__(self) -> "RunProgress":
        if self.out.is_terminal:
            self.live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.out.is_terminal:
            self.live.stop()

    def expect(self, groups: Iterable[str]) -> None:
        """The group of every item, once it is known what will run."""
        self.left = Counter(groups)
        self.total = sum(self.left.values())
        self.progress.update(self.task, total=self.total)

    def begin(self, item: str) -> None:
        """An item is at work: on its first clause a campaign runs, and a violation is made smaller on its own."""
        self.progress.update(self.task, description=escape(item) + self.unexpected())

    def unexpected(self) -> str:
        """How many verdicts are not as expected, in words to be added."""
        number = sum(self.seen[verdict] for verdict in UNEXPECTED)
        return f", [bold red]{number} unexpected[/]" if number else ""

    def dwell(self, group: str, violations: int) -> None:
        """A campaign has found violations, and takes its time to make each one smaller."""
        text = f"{group} makes {violations} violation{'s' * (violations > 1)} smaller"
        self.progress.update(self.task, description=escape(text) + self.unexpected())
        if not self.out.is_terminal:
            self.out.print(Text(f"{sum(self.seen.values())}/{self.total} {text}"))

    def tell(self, clause: str, subject: str, observed: str) -> None:
        """A violation was seen just now: the rest of it is told at the end."""
        text = f"violated: {clause} on {subject}: {shorten(observed, OBSERVED, placeholder=' ...')}"
        self.out.print(Text(text), soft_wrap=True)

    def note(self, group: str, record: Record) -> None:
        """An item is done."""
        self.seen[record.verdict] += 1
        self.left[group] -= 1
        self.progress.update(self.task, advance=1, description=escape(group) + self.unexpected())
        if self.left[group] == 0 and not self.out.is_terminal:
            self.out.print(Text(f"{sum(self.seen.values())}/{self.total} {group} done"))


def summary(out: Console, records: Sequence[Record], subjects: Sequence[Subject], everything: bool) -> None:
    """The table, most interesting first, then every failure, then one line."""
    out.print(table(records, subjects, everything))
    told: dict[tuple[str, str], list[Record]] = {}
    for record in records:
        if record.verdict in UNEXPECTED and NOT_RUN not in record.message:
            told.setdefault((record.clause, record.verdict), []).append(record)
    for same in told.values():
        failure(out, same)
    times = Counter(record.verdict for record in records)
    shown = [f"[{STYLES[v]}]{times[v]} {v}[/]" for v in VERDICTS if times[v]]
    for line in [
        *unrun(records),
        *inapplicable(records),
        *unclaimed(dict.fromkeys(subject.interpreter for subject in subjects)),
    ]:
        out.print(line, markup=False)
    out.print(f"{len(records)} verdicts: " + ", ".join(reversed(shown)))


def unrun(records: Iterable[Record]) -> list[str]:
    """Why classes were not run to their end, a line each."""
    reasons: dict[str, set[str]] = {}
    for record in records:
        _, found, why = record.message.partition(NOT_RUN)
        if found:
            reasons.setdefault(found + why.partition("\n")[0], set()).add(record.clause)
    return [f"unknown, {counted(names)}: {why}" for why, names in reasons.items()]


def counted(clauses: Collection[str]) -> str:
    """How many clauses, in words."""
    return f"{len(clauses)} clause{'s' * (len(clauses) > 1)}"


def inapplicable(records: Iterable[Record]) -> list[str]:
    """Why clauses do not apply, the reasons of most clauses first, a line each; what is not claimed shares one."""
    reasons: dict[str, set[str]] = {}
    missing: dict[str, Counter[str]] = {}
    for record in records:
        if record.verdict == "not applicable":
            reason, claim, names = record.message.partition(CLAIM)
            reasons.setdefault(reason + claim, set()).add(record.clause)
            missing.setdefault(reason + claim, Counter()).update(filter(None, names.split(", ")))
    lines = []
    for why, clauses in sorted(reasons.items(), key=lambda item: -len(item[1])):
        names = ", ".join(name for name, _ in missing[why].most_common())
        lines.append(f"not applicable, {counted(clauses)}: {shorten(why + names, WHY, placeholder=' ...')}")
    return lines


def unclaimed(interpreters: Iterable[Interpreter]) -> list[str]:
    """What implementations have without claiming it, a line each."""
    return [f"{i} also has what it does not claim: {', '.join(i.unclaimed)}" for i in interpreters if i.unclaimed]


def failure(out: Console, same: Sequence[Record]) -> None:
    """An unexpected verdict on a clause, told once for all the subjects that share it."""
    first, *others = same
    text = Text(first.message)
    if others:
        text.append("\nThe same:  " + "; ".join(record.subject for record in others))
    title = Text(f"{first.verdict}: {first.clause}", STYLES[first.verdict])
    if out.is_terminal:
        out.print(Panel(text, title=title, title_align="left"))
    else:
        out.print(Text("\n").join([Text(), title, text]), soft_wrap=True)  # commands and columns stay whole


def clauses(found: Iterable[Clause]) -> None:
    """Clauses, one a row."""
    out = console()
    if not out.is_terminal:  # a line each, for grep
        for clause in found:
            window = ".".join(map(str, clause.since))
            out.print(f"{clause.name}  {window}  {clause.statement}", soft_wrap=True, markup=False)
        return
    grid = Table(box=None, pad_edge=False, header_style="bold")
    grid.add_column("clause", no_wrap=True)
    grid.add_column("since", no_wrap=True)
    grid.add_column("statement")
    for clause in found:
        grid.add_row(clause.name, ".".join(map(str, clause.since)), clause.statement)
    out.print(grid)


def explanation(clause: Clause, module: str, link: str, source: str, pinned: Iterable[str] = ()) -> None:
    """A clause: what it says, where the manual says it, what proves it, and the labels of ``pinned`` scripts for it."""
    out = console()
    window = f"since {'.'.join(map(str, clause.since))}" + (
        f", until {'.'.join(map(str, clause.until))}" if clause.until else ""
    )
    out.print(Text(clause.name, "bold"), Text(clause.statement), Text(), sep="\n")
    out.print(f"Promised by  {clause.documents}, {window}")
    out.print(f"             {link}", soft_wrap=True)
    if clause.doubt:
        out.print(Text(f"Doubtful     {clause.doubt}"), soft_wrap=True)
    proofs = {
        "operation": "sequential and contended scripts, judged by this relation",
        "object": "every script, on objects made and inherited anew",
        "scenario": "this scenario, with arguments from its domains",
        "law": "this law, over the histories of long programs at full speed",
    }
    out.print(f"Proven by    {proofs[clause.kind]} ({module.replace('.', '/')}.py):\n")
    out.print(Syntax(source, "python", theme="ansi_light", word_wrap=True) if out.is_terminal else Text(source))
    for label in pinned:
        out.print(Text(f"Pinned       {label}"), soft_wrap=True)
