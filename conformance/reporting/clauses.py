"""The clauses on the terminal: a list of them, or one with what proves it and which subjects are known to break it."""

from collections.abc import Iterable, Iterator

from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from conformance.deviations import Deviation
from conformance.reporting.issues import address, is_reported
from conformance.reporting.terminal import Output, console, print_table
from conformance.vocabulary.spec import Clause

PROOFS = {
    "operation": "sequential and contended scripts, judged by this relation",
    "object": "every script, on objects created in the main process and inherited by others",
    "scenario": "this scenario, with arguments from its domains",
    "law": "this law, over the histories of long programs at full speed",
}
INDENT = " " * 13
NARROWEST = 80  # columns of a terminal on which statements have room beside the names
OLDEST, ENDLESS = "3.8", "999"  # the versions from which on, and before which, an entry holds if it names none


def list_clauses(found: Iterable[Clause]) -> None:
    """Prints clauses, one a row; one a line where there is no terminal, for grep, or only a narrow one."""
    out = console()
    if not out.is_animated or out.width < NARROWEST:
        for clause in found:
            out.print(f"{clause.name}  {dotted(clause.since)}  {clause.statement}", soft_wrap=True, markup=False)
        return
    grid = Table(box=None, pad_edge=False, header_style="bold")
    grid.add_column("clause", no_wrap=True)
    grid.add_column("since", no_wrap=True)
    grid.add_column("statement")
    for clause in found:
        grid.add_row(clause.name, dotted(clause.since), clause.statement)
    print_table(out, grid)


def dotted(version: Iterable[int]) -> str:
    """A version as text."""
    return ".".join(map(str, version))


def explain(
    clause: Clause, module: str, link: str, source: str, pinned: Iterable[str] = (), known: Iterable[Deviation] = ()
) -> None:
    """Prints a clause in full.

    ``module`` is the file that states it, ``link`` its place in the manual, ``source`` the text that proves it;
    ``pinned`` are the labels of scripts for it, ``known`` the deviations from it.
    """
    out = console()
    window = f"since {dotted(clause.since)}" + (f", until {dotted(clause.until)}" if clause.until else "")
    out.print(Text(clause.name, "bold"), Text(clause.statement), Text(), sep="\n")
    lines = [f"Promised by  {clause.documents}, {window}", f"{INDENT}{link}"]
    if clause.doubt:
        lines.append(f"Doubtful     {clause.doubt}")
    for deviation in known:
        lines += describe_deviation(deviation)
    lines.append(f"Proven by    {PROOFS[clause.kind]} ({module.replace('.', '/')}.py):\n")
    for line in lines:
        out.print(Text(line), soft_wrap=True)
    out.print(colored(out, source), soft_wrap=True)
    for label in pinned:
        out.print(Text(f"Pinned       {label}"), soft_wrap=True)


def colored(out: Output, source: str) -> Text:
    """Code of Python; its lines are those of the file, so that they can be copied."""
    return Syntax("", "python", theme="ansi_light").highlight(source) if out.is_terminal else Text(source)


def describe_deviation(deviation: Deviation) -> Iterator[str]:
    """Describes a known deviation in lines: its name and reason, what is observed, on which subjects, and its issue."""
    seen = f" (a race: {deviation.rate} replays of its witness)" if deviation.rate else ""
    yield f"Deviation    {deviation.name}: {deviation.reason}"
    yield f"{INDENT}Observed: {deviation.observed}{seen}"
    yield f"{INDENT}Subjects: {describe_subjects(deviation)}"
    if deviation.doubt:
        yield f"{INDENT}Doubtful: {deviation.doubt}"
    script = f"; its script is {deviation.reproducer}" if deviation.reproducer else ""
    link = address(deviation.issue)
    yield f"{INDENT}Issue:    " + (link or deviation.issue if is_reported(deviation.issue) else f"unreported{script}")


def describe_subjects(deviation: Deviation) -> str:
    """The subjects that an entry is about, as text: ``billiard from 4.2 on; CPython from 3.9 on; with fork``."""
    named = ", ".join(deviation.implementations) or "every implementation"
    release = window_of(deviation.since_release, deviation.until_release)
    interpreters = ", ".join(deviation.interpreters) or "Python"
    version = window_of(deviation.since.replace(OLDEST, ""), deviation.until.replace(ENDLESS, ""))
    methods = f"with {', '.join(deviation.start_methods)}" if deviation.start_methods else "with every start method"
    platforms = [f"on {', '.join(deviation.platforms)}"] if deviation.platforms else []
    return "; ".join([named + release, interpreters + (version or ", every version"), methods, *platforms])


def window_of(since: str, until: str) -> str:
    """Versions as text, with a space before it; nothing for all of them."""
    first = f" from {since} on" if since else ""
    return f"{first}, before {until}" if first and until else f" before {until}" if until else first
