"""Decides which worker of pytest-xdist runs which items."""

from functools import cached_property
from typing import Any

from xdist.scheduler import LoadScopeScheduling

from conformance import catalogue
from conformance.plugin import first_round

SPECS = {entry.spec.name for entry in catalogue.entries()}


class BySpec(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no annotations
    """Gives the items of a spec to one worker, the longest spec first; other items go one by one.

    The scripts of a spec are the same for every start method, and are composed once.
    """

    def _split_scope(self, nodeid: str) -> str:
        spec = nodeid.rpartition("::")[2].partition(".")[0]
        return spec if spec in SPECS else nodeid

    def _assign_work_unit(self, node: Any) -> None:
        left = [spec for spec in self.specs if spec in self.workqueue]
        if left:
            begun = first_round.share(self.specs, int(node.gateway.id.removeprefix("gw")), len(self.nodes))
            best = max([spec for spec in left if spec in begun] or left, key=first_round.length)
            self.workqueue.move_to_end(best, last=False)
        super()._assign_work_unit(node)

    @cached_property
    def specs(self) -> list[str]:
        """The specs of the run."""
        return [scope for scope in dict.fromkeys(map(self._split_scope, self.collection)) if scope in SPECS]
