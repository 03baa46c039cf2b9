"""Failures in words: what was promised, what happened, and how to see it again."""

import os
import shlex
import sys
from collections.abc import Collection, Sequence
from textwrap import indent, shorten, wrap

from conformance.checking.verdict import Unknown, Violation
from conformance.documentation import edition
from conformance.driver import adapters
from conformance.driver.adapters import DEFAULT
from conformance.driver.subject import Subject
from conformance.reporting.deviations import Deviation
from conformance.script import Call
from conformance.spec import Clause

MANUAL = "https://docs.python.org/3/"
WIDTH = 100
LINES = 40  # of a history or of evidence that a message shows


def link(clause: Clause) -> str:
    """Where the manual makes the promise."""
    uris = (each.uri(clause.documents) for each in reversed(edition.kept()))
    return MANUAL + next(uri for uri in uris if uri)


def violation(clause: Clause, subject: Subject, found: Violation, times: int) -> str:
    """A violation for a maintainer."""
    lines = [
        f"{clause.name} is violated by {subject}, {'once' if times == 1 else f'{times} times'} in this run.",
        *wrapped("Promised: ", clause.statement),
        f"Source:   {clause.documents}  {link(clause)}",
    ]
    if found.arguments:
        shown = ", ".join(f"{name}={shorten(repr(value), 60)}" for name, value in found.arguments.items())
        lines += wrapped("With:     ", shown)
    if found.state:
        lines += wrapped("State:    ", found.state)
        lines += wrapped("Permits:  ", "; ".join(found.permitted) or "nothing")
    lines += wrapped("Observed: ", found.observed)
    if found.history:
        lines += ["History, one column a process, from top to bottom:", indent(columns(found.history), "    ")]
    if found.evidence:
        lines += ["Evidence:", indent(cut(found.evidence), "    ")]
    return "\n".join([*lines, f"Again:    {again(clause, subject)}"])


def again(clause: Clause, subject: Subject) -> str:
    """The command that checks one clause on one subject."""
    interpreter = subject.interpreter
    words = ["mpconform", "run", "--clause", clause.name, "--start-method", subject.start_method]
    if interpreter.executable != os.path.abspath(sys.executable):
        words += ["--python", interpreter.executable]
    if interpreter.implementation in adapters.known() or not interpreter.adapter:
        words += ["--implementation", interpreter.implementation] if interpreter.implementation != DEFAULT else []
    else:
        words += ["--adapter", interpreter.adapter]
    for directory in interpreter.path:
        words += ["--implementation-path", directory]
    return shlex.join(words)


def unknown(clause: Clause, subject: Subject, found: Unknown) -> str:
    """A run that proves nothing, for a maintainer."""
    head = f"{clause.name} on {subject}: not known, because {found.reason}"
    return "\n".join([head, indent(cut(found.evidence), "    ")]).rstrip()


def unexpected_pass(clause: Clause, subject: Subject, known: Collection[Deviation], exercised: int) -> str:
    """A deviation that does not show any more."""
    issues = ", ".join(d.issue for d in known)
    return (
        f"{clause.name} is a known deviation of {subject} ({issues}), and did not show in {exercised} tries. "
        "Delete its entry from the deviations if that is right."
    )


def wrapped(head: str, text: str) -> list[str]:
    """A paragraph whose further lines stand under the text."""
    return wrap(head + text, WIDTH + 20, subsequent_indent=" " * len(head))


def cut(text: str) -> str:
    """The first and last lines of a long text."""
    lines = text.strip().splitlines()
    if len(lines) <= LINES:
        return "\n".join(lines)
    half = LINES // 2
    return "\n".join([*lines[:half], f"... {len(lines) - LINES} lines ...", *lines[-half:]])


def columns(history: Sequence[Call]) -> str:
    """A history as text: events in time order, in the column of their process.

    A call that nothing overlapped takes one line; others show where they start and end, and a
    bar while they are open.
    """
    actors = sorted({call.actor for call in history})
    width = max(24, min(44, (WIDTH + 12) // len(actors)))
    first = min(call.start for call in history)
    rows = [(" " * 13) + "".join(f"process {actor}".ljust(width) for actor in actors)]
    is_open: dict[int, bool] = {}
    for time, call, what in events(history):
        cells = [("|" if is_open.get(actor) else "").ljust(width) for actor in actors]
        cells[actors.index(call.actor)] = shorten_cell(said(call, what), width)
        is_open[call.actor] = what == "starts"
        rows.append(f"{(time - first) / 1e6:8.3f} ms  {''.join(cells).rstrip()}")
    rows += [(" " * 13) + "".join(("(open)" if is_open.get(a) else "").ljust(width) for a in actors).rstrip()]
    return "\n".join(row for row in rows[:1] + rows[1:][-LINES:] if row.strip())


def events(history: Sequence[Call]) -> list[tuple[int, Call, str]]:
    """Starts and ends in time order; a call that overlaps nothing is one event."""
    found: list[tuple[int, Call, str]] = []
    for call in history:
        alone = call.end is not None and not any(overlap(call, other) for other in history if other is not call)
        found.append((call.start, call, "is" if alone else "starts"))
        if not alone and call.end is not None:
            found.append((call.end, call, "ends"))
    return sorted(found, key=lambda event: event[0])


def overlap(one: Call, other: Call) -> bool:
    """Whether some instant is in both calls; a process makes one call after the other."""
    together = (one.end is None or other.start <= one.end) and (other.end is None or one.start <= other.end)
    return together and one.actor != other.actor


def said(call: Call, what: str) -> str:
    """An event in words."""
    if what == "starts":
        return f"{call} ..."
    result = str(call.observed).replace("builtins.", "")
    result = result.replace("returned ", "-> ").replace("raised ", "-> raises ")
    return f"{call} {result}" if what == "is" else f"... {result}"


def shorten_cell(text: str, width: int) -> str:
    """The text in its column, with two spaces after it."""
    return (text if len(text) <= width - 2 else text[: width - 5] + "...").ljust(width)
