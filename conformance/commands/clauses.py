"""``mpconform list`` and ``mpconform explain``: the clauses, and what each says and proves."""

import argparse

from conformance import catalogue
from conformance.documentation import manual
from conformance.generation.composition import pinned_for
from conformance.reporting import terminal


def show(arguments: argparse.Namespace) -> int:
    """Shows clauses, one a line. Raises UnknownClause."""
    terminal.clauses(catalogue.select(arguments.pattern).values())
    return 0


def explain(arguments: argparse.Namespace) -> int:
    """Shows one clause: its statement, its source, and the text that checks it. Raises UnknownClause."""
    clause = catalogue.clauses().get(arguments.clause)
    if clause is None and arguments.clause in catalogue.former():
        raise catalogue.UnknownClause(f"The clause {arguments.clause!r} {catalogue.fate(arguments.clause)}.")
    if clause is None:
        hint = catalogue.meant(arguments.clause, several=False)
        raise catalogue.UnknownClause(f"There is no clause {arguments.clause!r}{hint}; `mpconform list` shows all.")
    entry = catalogue.owner(clause.name)
    text = catalogue.text(catalogue.proof(entry.spec, clause))
    pinned = pinned_for(entry.spec, clause.name.partition(".")[2])
    terminal.explanation(clause, catalogue.home(entry, clause), manual.link(clause), text, pinned)
    return 0
