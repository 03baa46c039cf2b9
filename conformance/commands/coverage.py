"""``mpconform coverage``: editions against clauses, and against each other."""

import argparse
from pathlib import Path

from rich.console import Console

from conformance import catalogue
from conformance.documentation import coverage, edition
from conformance.documentation.edition import BrokenDocumentation, Edition
from conformance.reporting import coverage as shown
from conformance.reporting import terminal


def inspect(arguments: argparse.Namespace) -> int:
    """Does what the arguments ask for; 1 if a topic has neither a clause nor a reason. Raises BrokenDocumentation."""
    out = terminal.console()
    if arguments.changes:
        old, new = map(edition.edition, arguments.changes)
        shown.changes(out, old, new, list(coverage.changes(old, new)))
        return 0
    if arguments.documentation is None:
        if arguments.record:
            raise BrokenDocumentation("--record needs --documentation DIR.")
        return max([covers(out, each, arguments.all) for each in edition.kept()], default=0)
    found = load_edition(Path(arguments.documentation))
    if arguments.record:
        found.save(edition.directory() / f"{found.version}.json")
        edition.kept.cache_clear()
        out.print(f"Kept the fingerprints of {len(found.topics)} topics of {found.version}.")
    else:
        compare(out, found)
    return covers(out, found, arguments.all)


def load_edition(directory: Path) -> Edition:
    """The edition in a directory. Raises BrokenDocumentation."""
    from conformance.documentation import sphinx  # reads HTML: nothing else needs that

    return sphinx.read_edition(directory, [clause.documents for clause in catalogue.clauses().values()])


def compare(out: Console, found: Edition) -> None:
    """Tells what is new since the edition of this version was kept, or the newest that is older."""
    older = [each for each in edition.kept() if each.numbers <= found.numbers]
    differences = list(coverage.changes(older[-1], found)) if older else []
    if differences:
        shown.changes(out, older[-1], found, differences)


def covers(out: Console, of: Edition, everything: bool) -> int:
    """Tells how an edition is covered; 1 if it is not, in full."""
    found = coverage.coverage(of)
    shown.coverage(out, of, found, everything)
    return int(not all(found))
