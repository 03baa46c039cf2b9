"""The order in which interpreters are listed."""

from collections.abc import Iterable

from conformance.subjects.subject import Interpreter


def ordered(interpreters: Iterable[Interpreter]) -> list[Interpreter]:
    """The standard library by kind of interpreter, then other implementations; each from its oldest version on."""
    return sorted(
        interpreters, key=lambda i: (i.implementation != "multiprocessing", i.implementation, i.name, i.version)
    )


def newest_first(interpreters: Iterable[Interpreter]) -> list[Interpreter]:
    """In the same order, but each from its newest version on: that is what readers look for."""
    return sorted(
        sorted(interpreters, key=lambda i: i.version, reverse=True),
        key=lambda i: (i.implementation != "multiprocessing", i.implementation, i.name),
    )
