"""Persistent values that the states of several relations share."""

from __future__ import annotations

from conformance.vocabulary.frozen import Frozen
from conformance.vocabulary.values import text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterator, Tuple


class Lanes(Frozen):
    """One first-in first-out lane of objects for each producer; lanes are not ordered."""

    lanes: Tuple[Tuple[Any, Tuple[Any, ...]], ...] = ()

    def __repr__(self) -> str:
        return "{%s}" % ", ".join("process %s: %s" % (p, text(objs)) for p, objs in self.lanes)

    def push(self, producer: Any, obj: Any) -> "Lanes":
        """With the object at the end of the producer's lane."""
        lanes = dict(self.lanes)
        lanes[producer] = lanes.get(producer, ()) + (obj,)
        return Lanes(tuple(sorted(lanes.items(), key=lambda lane: str(lane[0]))))

    def heads(self) -> Iterator[Tuple[Any, Any, "Lanes"]]:
        """Each producer with its oldest object and the lanes without that object."""
        for producer, lane in self.lanes:
            rest = tuple((p, objs[1:] if p == producer else objs) for p, objs in self.lanes)
            yield producer, lane[0], Lanes(tuple((p, objs) for p, objs in rest if objs))

    def __len__(self) -> int:
        return sum(len(lane) for _, lane in self.lanes)
