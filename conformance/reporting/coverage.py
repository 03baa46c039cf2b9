"""The coverage of the manual, and what has changed in it, on the terminal."""

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from conformance.documentation.coverage import Covered, Difference
from conformance.documentation.edition import Edition
from conformance.reporting.terminal import print_table


def coverage(out: Console, of: Edition, found: Sequence[Covered], everything: bool) -> None:
    """Prints the topics that nothing covers, or all topics, and a summary in one line."""
    grid = Table(box=None, pad_edge=False, header_style="bold")
    grid.add_column("topic", no_wrap=True)
    grid.add_column("clauses")
    for each in found:
        if everything or not each:
            grid.add_row(each.topic, words(each))
    if grid.row_count:
        print_table(out, grid)
    out.print(sum_up(of, found))


def words(covered: Covered) -> Text:
    """What covers a topic, as text."""
    if covered.clauses:
        return Text(f"{len(covered.clauses)}: {', '.join(covered.clauses)}")
    if covered.reason:
        return Text(f"{covered.reason.kind}: {covered.reason.reason}", "dim")
    return Text("neither a clause nor a reason", "bold red")


def sum_up(of: Edition, found: Sequence[Covered]) -> str:
    """How much of an edition is covered, in one line."""
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
    """Prints what differs between two editions, and which clauses to read again."""
    grid = Table(box=None, pad_edge=False, header_style="bold")
    grid.add_column("topic", no_wrap=True)
    grid.add_column("")
    grid.add_column("clauses to read again")
    for change in found:
        grid.add_row(change.topic, change.how, ", ".join(change.clauses))
    if found:
        print_table(out, grid)
    out.print(
        f"{len(found)} topic{'s differ' if len(found) != 1 else ' differs'} between {old.version} and {new.version}."
    )
