"""Entries that no subject can match: each is an error, or it would stand there for ever and mean nothing."""

import math
from collections.abc import Collection, Iterable, Mapping

from conformance.deviations.entry import Deviation, leading, numbers
from conformance.documentation import edition
from conformance.vocabulary.spec import Clause

OLDEST = (3, 8)
AHEAD = 1  # versions of Python after the newest edition that may be checked already
INTERPRETERS = ("CPython", "PyPy", "GraalVM")
START_METHODS = ("fork", "spawn", "forkserver", "loky", "loky_init_main", "threads")
PLATFORMS = ("linux", "darwin", "win32", "cygwin", "freebsd")


def complaint(deviation: Deviation, clauses: Mapping[str, Clause], implementations: Collection[str] = ()) -> str:
    """Why no subject can match an entry; empty if one can. Without ``implementations``, any name may be one."""
    reasons = (
        unknown("interpreter", deviation.interpreters, INTERPRETERS),
        unknown("start method", deviation.start_methods, START_METHODS),
        unknown("platform", deviation.platforms, PLATFORMS),
        unknown("implementation", deviation.implementations, implementations) if implementations else "",
        versions(deviation, clauses[deviation.clause]),
        releases(deviation),
    )
    return next((reason for reason in reasons if reason), "")


def unknown(what: str, names: Iterable[str], known: Collection[str]) -> str:
    """Says which name is not known."""
    strange = next((name for name in names if name not in known), None)
    return "" if strange is None else f"there is no {what} {strange!r} ({', '.join(known)})"


def versions(deviation: Deviation, clause: Clause) -> str:
    """Says why no version of Python can match."""
    newest = max(each.numbers for each in edition.kept())
    since, until = max(numbers(deviation.since), OLDEST), numbers(deviation.until)
    last = (newest[0], newest[1] + AHEAD, math.inf)
    if since >= until or since > last:
        return f"no version of Python is from {deviation.since} on and before {deviation.until}"
    if max(since, clause.since) >= min(until, clause.until or last):
        return f"no version from {deviation.since} on and before {deviation.until} promises the clause"
    return ""


def releases(deviation: Deviation) -> str:
    """Says why no release of the implementation can match."""
    since, until = deviation.since_release, deviation.until_release
    if since and until and leading(since) >= leading(until):
        return f"no release is from {since} on and before {until}"
    return ""
