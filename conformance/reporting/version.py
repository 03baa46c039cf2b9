"""The order in which interpreters are told."""

from collections.abc import Iterable

from conformance.subjects.subject import Interpreter


def ordered(interpreters: Iterable[Interpreter]) -> list[Interpreter]:
    """CPython's own first, oldest to newest; then other interpreters, then other implementations."""
    return sorted(
        interpreters, key=lambda i: (i.implementation != "multiprocessing", i.implementation, i.name, i.version)
    )


def newest_first(interpreters: Iterable[Interpreter]) -> list[Interpreter]:
    """The same with the newest version of each kind first, as readers look for them."""
    return sorted(
        sorted(interpreters, key=lambda i: i.version, reverse=True),
        key=lambda i: (i.implementation != "multiprocessing", i.implementation, i.name),
    )
