"""The history of a violation as a picture: a lane for each process, and time runs downward.

Calls take microseconds or seconds, so time is not to scale: starts and ends are evenly spaced in
their order, with their times beside them. Time runs downward because text is wide: the calls of one
process stand below each other, whatever their length, as in the columns of a message.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from textwrap import wrap

from jinja2 import Environment, PackageLoader

from conformance.checking.findings import Violation
from conformance.checking.script import Call
from conformance.reporting.history import outcome, shortened
from conformance.reporting.message import actors_of
from conformance.vocabulary.spec import Clause

CHARACTER, LINE = 7.3, 18  # pixels: the width of a character, at most, and the height of a line
MARGIN, GUTTER = 24, 112  # pixels: around the picture, and for the times
WIDTH = 1060  # pixels of the picture, unless many lanes need more
WIDEST, NARROWEST = 420, 170  # pixels of a lane
STEP, PAUSE = 38, 15  # pixels between two events: while a call is open, and otherwise
FADING = 46  # pixels below the last event, for calls that are still open
CALLS = 60  # of a history that are drawn
EVIDENCE = 40  # lines of it that are shown

TEMPLATES = Environment(loader=PackageLoader("conformance.reporting"), autoescape=True, keep_trailing_newline=True)


@dataclass(frozen=True)
class Line:
    """A line of text."""

    x: float
    y: float
    text: str
    style: str = ""


@dataclass(frozen=True)
class Lane:
    """The background of a process's calls, with its name."""

    x: float
    y: float
    width: float
    height: float
    text: str


@dataclass(frozen=True)
class Tick:
    """The time of an event, at its left, and a rule across the lanes to ``end``."""

    x: float
    y: float
    end: float
    text: str


@dataclass(frozen=True)
class Bar:
    """A call, from its start down to its end; ``whole`` is its text without the cuts that the picture needs."""

    x: float
    y: float
    width: float
    height: float
    call: str
    outcome: str
    whole: str
    style: str


@dataclass(frozen=True)
class Chart:
    """A history drawn below ``top``."""

    lanes: tuple[Lane, ...]
    ticks: tuple[Tick, ...]
    bars: tuple[Bar, ...]
    bottom: float
    right: float


def svg(clause: Clause, subject: str, violation: Violation) -> str:
    """A violation as an SVG document that stands alone: it has its own background, and needs no script and no fonts."""
    lines, below = heading(clause, subject, violation)
    drawn = (
        chart(shown(violation), actors_of(clause), violation.call, below)
        if violation.history
        else Chart((), (), (), below, 0)
    )
    evidence = [*violation.observed.splitlines()[1:], *violation.evidence.splitlines()][:EVIDENCE]
    if drawn.lanes:
        lines.append(Line(MARGIN, below + 18, "not to scale ↓", "quiet"))
    under = paragraph(evidence, MARGIN, drawn.bottom + 2 * LINE)
    return TEMPLATES.get_template("timeline.svg.jinja").render(
        title=f"{clause.name} is violated by {subject}",
        lines=[*lines, *under],
        lanes=drawn.lanes,
        ticks=drawn.ticks,
        bars=drawn.bars,
        width=round(max(WIDTH, drawn.right + MARGIN)),
        height=round(max([drawn.bottom, *(line.y for line in under)]) + MARGIN),
    )


def heading(clause: Clause, subject: str, violation: Violation) -> tuple[list[Line], float]:
    """What was promised, permitted and observed, and the height at which the next part begins."""
    lines = [Line(MARGIN, MARGIN + 14, clean(clause.name), "title"), Line(MARGIN, MARGIN + 36, clean(subject), "quiet")]
    y = MARGIN + 64.0
    facts = {
        "Promised": clause.statement,
        "With": ", ".join(f"{name}={value!r}" for name, value in violation.witness.arguments.items()),
        "State": violation.state,
        "Permitted": "; ".join(violation.permitted),
        "Observed": violation.observed.partition("\n")[0],
    }
    for head, text in facts.items():
        if text:
            lines.append(Line(MARGIN, y, head, "head"))
            body = wrap(clean(text), 125)
            lines += paragraph(body[:3] if len(body) <= 3 else [*body[:2], f"{body[2]} ..."], MARGIN + 84, y)
            y += LINE * min(len(body), 3)
    return lines, y + LINE / 2


def paragraph(lines: Iterable[str], x: float, y: float) -> list[Line]:
    """Lines of text below each other."""
    return [Line(x, y + LINE * row, shortened(clean(line), 140)) for row, line in enumerate(lines)]


def shown(violation: Violation) -> Sequence[Call]:
    """The calls that are drawn: of a long history, the last ones up to the one that is blamed."""
    calls = sorted(violation.history, key=lambda call: call.start)
    ends = [index for index, call in enumerate(calls) if call.id == violation.call]
    end = max(ends[0] + 1, CALLS) if ends else len(calls)
    return calls[max(end - CALLS, 0) : end]


def chart(history: Sequence[Call], noun: str, blamed: int | None, top: float) -> Chart:
    """The lanes, times and bars of a history."""
    actors = sorted({call.actor for call in history})
    width = max(NARROWEST, min(WIDEST, (WIDTH - 2 * MARGIN - GUTTER) / len(actors)))
    left = {actor: MARGIN + GUTTER + width * lane for lane, actor in enumerate(actors)}
    first, at = min(call.start for call in history), heights(history, top + 44)
    bottom = max(at.values()) + (FADING if any(call.end is None for call in history) else 12)
    right = MARGIN + GUTTER + width * len(actors)
    return Chart(
        lanes=tuple(Lane(left[a] + 3, top, width - 6, bottom - top, f"{noun} {a}") for a in actors),
        ticks=tuple(Tick(MARGIN + GUTTER - 10, y, right, f"{(time - first) / 1e6:.3f} ms") for time, y in at.items()),
        bars=tuple(bar(call, blamed, left[call.actor] + 9, width - 18, at, bottom) for call in history),
        bottom=bottom,
        right=right,
    )


def heights(history: Sequence[Call], top: float) -> dict[int, float]:
    """The height at which each start or end is drawn: evenly spaced, and closer if no call is open in between."""
    found: dict[int, float] = {}
    before = None
    for time in sorted({time for call in history for time in (call.start, call.end) if time is not None}):
        if before is not None:
            busy = any(call.start <= before and (call.end is None or call.end >= time) for call in history)
            top += STEP if busy else PAUSE
        found[time], before = top, time
    return found


def bar(call: Call, blamed: int | None, x: float, width: float, at: dict[int, float], bottom: float) -> Bar:
    """The bar of one call."""
    y = at[call.start] + 1
    height = (bottom if call.end is None else at[call.end] - 1) - y
    room = int((width - 18) / CHARACTER)
    kind = call.observed.kind if call.observed else "open"
    return Bar(
        x=x,
        y=y,
        width=width,
        height=max(height, STEP - 2),
        call=shortened(clean(str(call)), room),
        outcome=shortened(clean(outcome(call)) if call.end is not None else "↓ still open", room),
        whole=clean(f"{call} {outcome(call)}"),
        style=f"call {kind}{' blamed' if call.id == blamed else ''}",
    )


def clean(text: str) -> str:
    """The text without characters that an XML document cannot have."""
    return "".join(char if char.isprintable() else " " if char.isspace() else "?" for char in text)
