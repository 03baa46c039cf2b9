"""Where the time of a run went: what each campaign has taken."""

from collections.abc import Iterable
from typing import NamedTuple

from rich.console import Console
from rich.table import Table


class Cost(NamedTuple):
    """What a campaign of one spec on one subject has taken: seconds of wall time, for so many runs."""

    spec: str
    subject: str
    seconds: float
    runs: int

    def to_json(self) -> dict[str, object]:
        return {**self._asdict(), "seconds": round(self.seconds, 3)}


def show(out: Console, costs: Iterable[Cost], number: int) -> None:
    """Prints the campaigns that have taken longest, so many of them; all for 0."""
    longest = sorted(costs, key=lambda cost: -cost.seconds)
    table = Table("campaign", "subject", "seconds", "runs", box=None, pad_edge=False)
    for cost in longest[: number or None]:
        table.add_row(cost.spec, cost.subject, f"{cost.seconds:.2f}", str(cost.runs))
    out.print(table)
    out.print(f"{len(longest)} campaigns took {sum(cost.seconds for cost in longest):.1f} s")
