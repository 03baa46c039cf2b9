"""Links clauses to the manual."""

from conformance.documentation import edition
from conformance.vocabulary.spec import Clause

MANUAL = "https://docs.python.org/3/"


def link(clause: Clause) -> str:
    """The address where the manual makes the promise."""
    uris = (each.uri(clause.documents) for each in reversed(edition.kept()))
    return MANUAL + next(uri for uri in uris if uri)
