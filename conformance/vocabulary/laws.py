"""Linear checks over long histories whose objects are distinct.

Searching for an order is exponential in the length of a history; these laws are not. Each
takes what was sent and what was received, and returns what is wrong in one sentence, or None.
Precedence between two calls means that one returned before the other started (nanoseconds of
one clock); calls that overlap are not ordered.

    def order_of_each_process(history):
        return laws.order_per_sender(laws.picked(history, "put"), laws.picked(history, "get"))

``history`` is what a law is called with: a ``Step`` for each call. ``sent`` are those with which objects were sent,
``received`` those that have received them, ``enters`` and ``leaves`` those that go into and out of what is bounded,
each as ``picked()`` returns them. ``bound`` is a number of processes.
"""

from __future__ import annotations

from collections import Counter, namedtuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Iterable, List, Optional, Sequence, Tuple


class Step(namedtuple("Step", ("actor", "op", "start", "end", "value"))):
    """A finished call of a long history.

    ``actor`` is its number, and ``op`` the operation; ``start`` and ``end`` are nanoseconds of one clock. ``value`` is
    the text of its first argument if it has one, and else of what it returned.
    """

    __slots__ = ()


def picked(history: Iterable[Step], *ops: str) -> List[Step]:
    """The calls of these operations, in the order of their start."""
    return sorted((step for step in history if step.op in ops), key=lambda step: step.start)


def nothing_invented(sent: Sequence[Step], received: Sequence[Step]) -> Optional[str]:
    """What is received was sent."""
    known = {step.value for step in sent}
    for step in received:
        if step.value not in known:
            return "process %d received %s, which nobody sent" % (step.actor, step.value)
    return None


def nothing_duplicated(sent: Sequence[Step], received: Sequence[Step]) -> Optional[str]:
    """What is sent once is received at most once."""
    for value, times in Counter(step.value for step in received).items():
        if times > 1:
            return "%s was sent once and received %d times" % (value, times)
    return None


def nothing_lost(sent: Sequence[Step], received: Sequence[Step]) -> Optional[str]:
    """After as many receptions as there were objects, every object was received."""
    missing = {step.value for step in sent} - {step.value for step in received}
    if missing and len(received) >= len(sent):
        return "%s was sent and never received" % sorted(missing)[0]
    return None


def order_per_sender(sent: Sequence[Step], received: Sequence[Step]) -> Optional[str]:
    """Objects of one sender are received in the order in which it sent them.

    Reading a sender's objects backwards, the reception of an object must not start after
    the earliest end among the receptions of later ones.
    """
    got = {step.value: step for step in received}
    for sender in sorted({step.actor for step in sent}):
        last: Optional[Step] = None
        for step in reversed([s for s in sent if s.actor == sender and s.value in got]):
            reception = got[step.value]
            if last is not None and last.end < reception.start:
                text = "process %d sent %s before %s, but %s was received first"
                return text % (sender, step.value, last.value, last.value)
            if last is None or reception.end < last.end:
                last = reception
    return None


def never_above(bound: int, enters: Sequence[Step], leaves: Sequence[Step]) -> Optional[str]:
    """At most ``bound`` are inside at any instant: entered for sure, and not yet leaving.

    An entry is certain from the end of its call on; a departure may take effect from the
    start of its call on.
    """
    events = [(step.end, 1, step) for step in enters] + [(step.start, -1, step) for step in leaves]
    inside = 0
    for _, change, step in sorted(events, key=lambda event: (event[0], event[1])):
        inside += change
        if inside > bound:
            return "with %s by process %d, %d are inside, where %d may be" % (step.op, step.actor, inside, bound)
    return None


def sections(history: Iterable[Step], enter: str, leave: str) -> Dict[int, List[Tuple[Step, Step]]]:
    """Each process's pairs of an entry and the departure that follows it."""
    pairs: Dict[int, List[Tuple[Step, Step]]] = {}
    entered: Dict[int, Any] = {}
    for step in picked(history, enter, leave):
        if step.op == enter:
            entered[step.actor] = step
        elif step.actor in entered:
            pairs.setdefault(step.actor, []).append((entered.pop(step.actor), step))
    return pairs
