"""The global names that the source of a script refers to, and those that it does not define."""

import builtins
import symtable
from collections.abc import Iterator
from functools import cache


@cache
def used(source: str) -> frozenset[str]:
    """The global names that a piece of source refers to."""
    return frozenset(names_of(symtable.symtable(source, "source", "exec")))


def undefined(source: str) -> frozenset[str]:
    """The global names that a script refers to but does not define: it would fail for a reason other than the bug."""
    table = symtable.symtable(source, "script", "exec")
    bound = {symbol.get_name() for symbol in table.get_symbols() if symbol.is_assigned() or symbol.is_imported()}
    declared = {name for inner in table.get_children() for name in assigned_globals(inner)}
    return used(source) - bound - declared - set(dir(builtins)) - {"__file__", "__name__"}


def assigned_globals(table: symtable.SymbolTable) -> Iterator[str]:
    """The names that functions of a script declare global and bind."""
    for symbol in table.get_symbols():
        if symbol.is_declared_global() and symbol.is_assigned():
            yield symbol.get_name()
    for inner in table.get_children():
        yield from assigned_globals(inner)


def names_of(table: symtable.SymbolTable) -> Iterator[str]:
    """The global names that a scope and those inside it refer to."""
    top = table.get_type() == "module"
    for symbol in table.get_symbols():
        if symbol.is_referenced() if top else symbol.is_global():
            yield symbol.get_name()
    for inner in table.get_children():
        yield from names_of(inner)
