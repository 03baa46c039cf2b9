"""The progress of a run: a bar on a terminal, elsewhere a line for each campaign that is done."""

from collections import Counter
from collections.abc import Iterable
from textwrap import shorten
from types import TracebackType

from rich.live import Live
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.text import Text

from conformance.checking.record import UNEXPECTED, Record
from conformance.reporting.terminal import Output

OBSERVED = 120  # characters of a violation that is reported as soon as it is seen


class RunProgress:
    """Shows the progress of a run while it is entered."""

    def __init__(self, out: Output, total: int) -> None:
        self.out, self.total, self.seen = out, total, Counter[str]()
        self.left: Counter[str] = Counter()
        self.progress = Progress(
            SpinnerColumn("dots" if out.encoding.startswith("utf") else "line"),
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=out,
        )
        self.task = self.progress.add_task("starting", total=total or None)
        self.live = Live(self.progress, console=out, transient=True, refresh_per_second=8)

    def __enter__(self) -> "RunProgress":
        if self.out.is_animated:
            self.live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.out.is_animated:
            self.live.stop()

    def expect(self, groups: Iterable[str]) -> None:
        """Notes the group of every item, once it is known what will run."""
        self.left = Counter(groups)
        self.total = sum(self.left.values())
        self.progress.update(self.task, total=self.total)

    def begin(self, item: str) -> None:
        """Shows the item that is running: a campaign runs in its first one, and a violation is shrunk in its own."""
        self.progress.update(self.task, description=escape(item) + self.unexpected())

    def unexpected(self) -> str:
        """How many verdicts are unexpected, as markup to be appended."""
        number = sum(self.seen[verdict] for verdict in UNEXPECTED)
        return f", [bold red]{number} unexpected[/]" if number else ""

    def dwell(self, group: str, violations: int) -> None:
        """Shows that the violations of a campaign are being shrunk, which takes a while."""
        text = f"{group}: shrinking {violations} violation{'s' * (violations > 1)}"
        self.progress.update(self.task, description=escape(text) + self.unexpected())
        self._say(text)

    def tell(self, clause: str, subject: str, observed: str) -> None:
        """Prints a violation that was seen just now; it is reported in full at the end."""
        text = f"violated: {clause} on {subject}: {shorten(observed, OBSERVED, placeholder=' ...')}"
        self.out.print(Text(text), soft_wrap=True)

    def note(self, group: str, record: Record) -> None:
        """Counts an item that is done."""
        self.seen[record.verdict] += 1
        self.left[group] -= 1
        self.progress.update(self.task, advance=1, description=escape(group) + self.unexpected())
        if self.left[group] == 0:
            self._say(f"{group} done")

    def _say(self, text: str) -> None:
        """Prints a line where the bar does not show it."""
        if not self.out.is_animated:
            self.out.print(Text(f"{sum(self.seen.values())}/{self.total} {text}"), soft_wrap=True)
