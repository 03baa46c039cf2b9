"""Coverage of the manual, and its changes, on the terminal."""

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from conformance.documentation.coverage import Covered, Difference
from conformance.documentation.edition import Edition


def coverage(out: Console, of: Edition, found: Sequence[Covered], everything: bool) -> None:
    """The topics that nothing covers, or all of them, and a line that sums up."""
    grid = Table(box=None, pad_edge=False, header_style="bold")
    grid.add_column("topic", no_wrap=True)
    grid.add_column("clauses")
    for each in found:
        if everything or not each:
            grid.add_row(each.topic, words(each))
    if grid.row_count:
        out.print(grid)
    out.print(sum_up(of, found))


def words(covered: Covered) -> Text:
    """What covers a topic."""
    if covered.clauses:
        return Text(f"{len(covered.clauses)}: {', '.join(covered.clauses)}")
    if covered.reason:
        return Text(f"{covered.reason.kind}: {covered.reason.reason}", "dim")
    return Text("neither a clause nor a reason", "bold red")


def sum_up(of: Edition, found: Sequence[Covered]) -> str:
    """One line about an edition."""
    parts = []
    for kind, some in (("objects", objects(found)), ("sections", sections(found))):
        stated, explained = sum(bool(c.clauses) for c in some), sum(bool(c.reason) for c in some)
        parts.append(f"{stated + explained} of {len(some)} {kind} ({stated} have clauses, {explained} a reason)")
    return f"{of.version}: {', '.join(parts)}"


def objects(found: Iterable[Covered]) -> list[Covered]:
    """The topics that are Sphinx objects."""
    return [each for each in found if "#" not in each.topic]


def sections(found: Iterable[Covered]) -> list[Covered]:
    """The topics that are sections."""
    return [each for each in found if "#" in each.topic]


def changes(out: Console, old: Edition, new: Edition, found: Sequence[Difference]) -> None:
    """What differs between two editions, and which clauses to read again."""
    grid = Table(box=None, pad_edge=False, header_style="bold")
    grid.add_column("topic", no_wrap=True)
    grid.add_column("")
    grid.add_column("clauses to read again")
    for change in found:
        grid.add_row(change.topic, change.how, ", ".join(change.clauses))
    if found:
        out.print(grid)
    out.print(f"From {old.version} to {new.version}: {len(found)} topics differ.")
