"""Histories as text: one column for each process, in the order of time."""

from collections.abc import Sequence
from dataclasses import dataclass

from conformance.checking.script import Call

LINES = 40  # of a history, including its heads
WIDTH = 96  # characters of a line
TIME = 15  # of these, for the mark and the time
WIDEST, NARROWEST = 40, 12  # characters of a column


@dataclass(frozen=True)
class Event:
    """A call starts, ends, or is shown as a whole (``is``), if no call of another process overlaps it."""

    time: int
    call: Call
    what: str

    def said(self, width: int) -> str:
        """The event in at most ``width`` characters; of a long call, the arguments are cut rather than the outcome."""
        if self.what == "ends":
            return shortened(outcome(self.call), width)
        if self.what == "starts":
            return shortened(f"{self.call} ...", width)
        whole, end = f"{self.call} {outcome(self.call)}", shortened(outcome(self.call), width // 2)
        return whole if len(whole) <= width else f"{shortened(str(self.call), width - len(end) - 1)} {end}"


def columns(history: Sequence[Call], noun: str = "process", blamed: int | None = None) -> str:
    """A history in at most 40 lines of 96 characters; ``>`` marks the call whose id is ``blamed``.

    A call that overlaps no other takes one line; others show where they start and end, and a bar
    while they are open. Of a long history, the part up to the end of the blamed call is shown.
    """
    actors = sorted({call.actor for call in history})
    width = max(NARROWEST, min(WIDEST, (WIDTH - TIME) // len(actors)))
    first = min(call.start for call in history)
    heads = "".join(shortened(f"{noun} {actor}", width - 2).ljust(width) for actor in actors)
    found, rows = events(history), []
    is_open: dict[int, bool] = {}
    for event in found:
        cells = [("|" if is_open.get(actor) else "").ljust(width) for actor in actors]
        cells[actors.index(event.call.actor)] = event.said(width - 2).ljust(width)
        is_open[event.call.actor] = event.what == "starts"
        mark = ">" if event.call.id == blamed else " "
        rows.append(f"{mark}{(event.time - first) / 1e6:9.3f} ms  {''.join(cells)}".rstrip())
    left = "".join(("(still open)" if is_open.get(actor) else "").ljust(width) for actor in actors)
    shown = window(rows, [i for i, event in enumerate(found) if event.call.id == blamed], LINES - 2)
    return "\n".join([(" " * TIME + heads).rstrip(), *shown, (" " * TIME + left).rstrip()]).rstrip()


def window(rows: Sequence[str], marked: Sequence[int], lines: int) -> list[str]:
    """At most so many ``lines`` of the rows: those up to the last marked one, and the first marked one in any case."""
    if len(rows) <= lines:
        return list(rows)
    end = marked[-1] + 1 if marked else len(rows)
    begin = max(end - (lines - 3), 0)
    start = [rows[marked[0]]] if marked and marked[0] < begin else []
    left_out = begin - len(start)
    before = [f"{' ' * TIME}... {left_out} events before"] if left_out else []
    after = [f"{' ' * TIME}... {len(rows) - end} events after"] if end < len(rows) else []
    return [*start, *before, *rows[begin:end], *after]


def events(history: Sequence[Call]) -> list[Event]:
    """Starts and ends in time order; a call that overlaps nothing is one event."""
    found: list[Event] = []
    for call in history:
        alone = call.end is not None and not any(overlap(call, other) for other in history if other is not call)
        found.append(Event(call.start, call, "is" if alone else "starts"))
        if not alone and call.end is not None:
            found.append(Event(call.end, call, "ends"))
    return sorted(found, key=lambda event: event.time)


def overlap(one: Call, other: Call) -> bool:
    """Whether two calls of different processes have an instant in common."""
    together = (one.end is None or other.start <= one.end) and (other.end is None or one.start <= other.end)
    return together and one.actor != other.actor


def outcome(call: Call) -> str:
    """How a call ended, in brief: ``-> 3``, ``-> raises Full``."""
    seen = call.observed
    if seen is None:
        return "..."
    if seen.kind == "raised":
        name = seen.names[0].rpartition(".")[2] if seen.names else "?"
        return f"-> raises {name}{seen.text}".removesuffix("()")
    return f"-> {seen.text}" if seen.kind == "returned" else str(seen)


def shortened(text: str, width: int) -> str:
    """The text, cut to at most ``width`` characters."""
    return text if len(text) <= width else f"{text[: max(width - 3, 0)]}..."
