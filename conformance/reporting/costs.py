"""Where the time of a run went: how long each campaign took."""

from collections.abc import Iterable
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

from conformance.reporting.terminal import print_table


class Cost(NamedTuple):
    """What a campaign of one spec on one subject took: seconds of wall time, and the number of its runs."""

    spec: str
    subject: str
    seconds: float
    runs: int

    def to_json(self) -> dict[str, object]:
        return {**self._asdict(), "seconds": round(self.seconds, 3)}


def show(out: Console, costs: Iterable[Cost], number: int) -> None:
    """Prints the ``number`` longest campaigns, or all of them if it is 0."""
    longest = sorted(costs, key=lambda cost: -cost.seconds)
    table = Table("campaign", "subject", "seconds", "runs", box=None, pad_edge=False)
    for cost in longest[: number or None]:
        table.add_row(cost.spec, cost.subject, f"{cost.seconds:.2f}", str(cost.runs))
    print_table(out, table)
    out.print(f"{len(longest)} campaign{'s' * (len(longest) != 1)} took {sum(cost.seconds for cost in longest):.1f} s")
