"""The head of a run: which package is checked, from where, and by which interpreter."""

from collections.abc import Iterable

from rich.console import Console

from conformance.subjects.subject import Interpreter


def introduce(out: Console, interpreters: Iterable[Interpreter]) -> None:
    """Tells of each interpreter what it checks, a line each."""
    for interpreter in dict.fromkeys(interpreters):
        out.print(introduction(interpreter), soft_wrap=True, markup=False)


def introduction(interpreter: Interpreter) -> str:
    """The package with its release and its place, and the interpreter that imports it."""
    version = ".".join(map(str, interpreter.version))
    by = f"{interpreter.executable} ({interpreter.name} {version})"
    return f"Checking {interpreter.packaged} in {interpreter.place}, imported by {by}"
