"""Failures in words: what was promised, what happened, and how to see it again."""

import os
import shlex
import sys
from collections.abc import Collection, Iterable
from textwrap import indent, shorten, wrap

from conformance import catalogue
from conformance.checking.findings import Findings, Unknown, Violation
from conformance.checking.script import script_of
from conformance.deviations import Deviation
from conformance.documentation.manual import link
from conformance.reporting.history import columns
from conformance.subjects import adapters
from conformance.subjects.subject import Subject
from conformance.vocabulary.spec import Clause

WIDTH = 100
LINES = 40  # of evidence that a message shows
LEGEND = "> marks the call that is blamed, | that a call is open"


def violation(clause: Clause, subject: Subject, found: Violation, times: int, more: Iterable[str] = ()) -> str:
    """A violation for a maintainer.

    ``more`` are lines that tell how else to see it, put beside the commands at the end: ``Replay:   mpconform
    replay FILE``, ``Program:  FILE (shows in 46 of 50 runs)``.
    """
    observed, _, said = found.observed.partition("\n")
    lines = [
        f"{clause.name} is violated by {subject}, {'once' if times == 1 else f'{times} times'} in this run.",
        *wrapped("Promised: ", clause.statement),
        f"Source:   {clause.documents}  {link(clause)}",
    ]
    if clause.doubt:
        lines += wrapped("Doubtful: ", clause.doubt)
    if found.witness.arguments:
        shown = ", ".join(f"{name}={shorten(repr(value), 60)}" for name, value in found.witness.arguments.items())
        lines += wrapped("With:     ", shown)
    if label := pinned_as(clause, found):
        lines += wrapped("Pinned:   ", label)
    if found.state:
        lines += wrapped("State:    ", found.state)
        lines += wrapped("Permits:  ", "; ".join(found.permitted) or "nothing")
    noun = actors_of(clause)
    lines += wrapped("Observed: ", f"{observed}{where(found, noun)}")
    if found.history:
        lines += [f"History, one column a {noun}, from top to bottom ({LEGEND}):"]
        lines += [indent(columns(found.history, noun, found.call), "    ")]
    if evidence := "\n".join(filter(None, [said, found.evidence])):
        lines += ["Evidence:", indent(cut(evidence), "    ")]
    lines += [f"Clause:   mpconform explain {clause.name}", *more, f"Again:    {again(clause, subject)}"]
    return "\n".join(lines)


def pinned_as(clause: Clause, found: Violation) -> str:
    """The label of the script that was played, if it is a pinned one as it stands in its spec."""
    script = found.witness.script
    pinned = catalogue.entry(clause.name.partition(".")[0]).spec.pinned
    return next((each.label for each in pinned if script_of(each) == script), "")


def actors_of(clause: Clause) -> str:
    """What the actors of a clause's spec are."""
    return "thread" if catalogue.entry(clause.name.partition(".")[0]).spec.threads else "process"


def where(found: Violation, noun: str) -> str:
    """The process and the time of the call that is blamed, if there is one."""
    call = next((call for call in found.history if call.id == found.call), None)
    if call is None:
        return ""
    first = min(other.start for other in found.history)
    since, until = ((time - first) / 1e6 for time in (call.start, call.end or call.start))
    when = f"from {since:.3f} ms on" if call.end is None else f"at {until:.3f} ms"
    return f"  ({noun} {call.actor}, {when})"


def again(clause: Clause, subject: Subject) -> str:
    """The command that checks one clause on one subject."""
    interpreter = subject.interpreter
    words = ["mpconform", "run", "--clause", clause.name, "--start-method", subject.start_method]
    if interpreter.executable != os.path.abspath(sys.executable):
        words += ["--python", interpreter.executable]
    if interpreter.adapter and not adapters.is_chosen(interpreter.implementation, interpreter.adapter):
        words += ["--adapter", interpreter.adapter]
    elif interpreter.implementation != adapters.DEFAULT:
        words += ["--implementation", interpreter.implementation]
    for directory in interpreter.path:
        words += ["--implementation-path", directory]
    return shlex.join(words)


def unknown(clause: Clause, subject: Subject, found: Unknown) -> str:
    """A run that proves nothing, for a maintainer."""
    reason, _, said = found.reason.partition("\n")
    lines = [f"{clause.name} on {subject}: not known, because {reason}"]
    if found.history:
        lines += [f"History, one column a {actors_of(clause)}, from top to bottom:"]
        lines += [indent(columns(found.history, actors_of(clause)), "    ")]
    if evidence := "\n".join(filter(None, [said, found.evidence])):
        lines += ["Evidence:", indent(cut(evidence), "    ")]
    return "\n".join([*lines, f"Again:    {again(clause, subject)}"])


def unexpected_pass(clause: Clause, subject: Subject, gone: Collection[Deviation], findings: Findings) -> str:
    """Deviations that do not show any more."""
    issues, places = ", ".join(d.issue for d in gone), " and ".join(d.place for d in gone)
    tries = findings.exercised[clause.name] + findings.times[clause.name]
    shown = [f"in {replays(d, findings)}" for d in gone if d.witness]
    shown.append(f"in any of the {tries} times that the clause was put to the test")
    return (
        f"{clause.name} is a known deviation of {subject} ({issues}), and did not show {', nor '.join(shown)}. "
        f"If that is right, delete {places}; `mpconform deviations update` proposes the edit."
    )


def known(deviation: Deviation, clause: Clause) -> str:
    """A known deviation: where it was reported, what causes it, and why it may be none."""
    doubt = doubt_about(deviation, clause)
    return f"{deviation.issue}: {deviation.reason}" + (f" (doubtful: {doubt})" if doubt else "")


def doubt_about(deviation: Deviation, clause: Clause) -> str:
    """Why a deviation may be none: what its entry says, or else its clause; empty if neither doubts it."""
    return deviation.doubt or clause.doubt


def unseen(race: Deviation, clause: Clause, findings: Findings) -> str:
    """A race that was replayed too seldom to tell whether it is gone."""
    return f"{known(race, clause)}; not seen in {replays(race, findings)}"


def replays(deviation: Deviation, findings: Findings) -> str:
    """How often a deviation was replayed, and how often it must be."""
    tries = findings.replays[deviation.key]
    made = f"{tries} {'replay' if tries == 1 else 'replays'} of its witness"
    if deviation.rate is None:
        return made
    return f"{made} ({deviation.tries} prove that it is gone, with 99.9 % confidence: its rate is {deviation.rate})"


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
