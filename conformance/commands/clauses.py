"""``mpconform list`` and ``mpconform explain``: the clauses; what one says, which subjects deviate, and its proof."""

import argparse

from conformance import catalogue, deviations
from conformance.documentation import manual
from conformance.generation.composition import pinned_for
from conformance.reporting import clauses


def show(arguments: argparse.Namespace) -> int:
    """Shows clauses, one a line. Raises UnknownClause."""
    clauses.list_clauses(catalogue.select(arguments.pattern).values())
    return 0


def explain(arguments: argparse.Namespace) -> int:
    """Shows one clause: statement, source, known deviations, proof. Raises UnknownClause, BrokenDeviations."""
    clause = catalogue.clauses().get(arguments.clause)
    if clause is None and arguments.clause in catalogue.former():
        raise catalogue.UnknownClause(f"The clause {arguments.clause!r} {catalogue.fate(arguments.clause)}.")
    if clause is None:
        hint = catalogue.meant(arguments.clause, several=False)
        raise catalogue.UnknownClause(f"There is no clause {arguments.clause!r}{hint}; `mpconform list` shows all.")
    entry = catalogue.owner(clause.name)
    text = catalogue.text(catalogue.proof(entry.spec, clause))
    pinned = pinned_for(entry.spec, clause.name.partition(".")[2])
    known = [each for each in deviations.load(deviations.own(), catalogue.clauses()) if each.clause == clause.name]
    clauses.explain(clause, catalogue.home(entry, clause), manual.link(clause), text, pinned, known)
    return 0
