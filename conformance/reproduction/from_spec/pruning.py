"""Leaves out what a definition does for others: types that a manager registers and the script never uses."""

import ast
import re
from collections.abc import Iterable, Iterator
from functools import partial

from conformance.reproduction.from_spec.editing import Edit, Text, edited


def unused_types(sources: Iterable[str]) -> frozenset[str]:
    """The types that are registered with some manager class, and that nothing names."""
    registered: dict[str, set[str]] = {}  # what their registrations name
    named: set[str] = set()
    for source in sources:
        tree = ast.parse(source)
        statements = {node: typeid(node) for node in ast.walk(tree) if isinstance(node, ast.Expr) and typeid(node)}
        for statement, name in statements.items():
            registered[name] = set(names(statement)) - {name}
        inside = {id(node) for statement in statements for node in ast.walk(statement)}
        named |= set(names(tree, inside))
    while more := {name for used in named & set(registered) for name in registered[used]} - named:
        named |= more
    return frozenset(registered) - named


def typeid(node: ast.AST) -> str:
    """The name of the type, if a statement registers one."""
    call = node.value if isinstance(node, ast.Expr) else None
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute) or call.func.attr != "register":
        return ""
    first = call.args[0] if call.args else None
    return str(first.value) if isinstance(first, ast.Constant) else ""


def names(tree: ast.AST, without: Iterable[int] = ()) -> Iterator[str]:
    """The attributes and the strings of a tree, but not those of some nodes, which are told by their ids."""
    for node in ast.walk(tree):
        if id(node) not in without and isinstance(node, ast.Attribute):
            yield node.attr
        elif id(node) not in without and isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from re.findall(r"\w+", node.value)


def pruned(source: str, types: frozenset[str]) -> str:
    """A definition without the registration of these types, and without what was only needed for them."""
    return without_leftovers(source, edited(source, lambda text: registrations(text, types)) if types else source)


def without_leftovers(before: str, after: str) -> str:
    """Source from which something was taken away, without the variables that nothing reads any more."""
    while unread := names_read(before) - names_read(after):
        before, after = after, edited(after, partial(assignments, names=unread))
    return after


def names_read(source: str) -> set[str]:
    """The names that some source reads."""
    return {n.id for n in ast.walk(ast.parse(source)) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}


def registrations(text: Text, types: frozenset[str]) -> Iterator[Edit]:
    """Takes away the registrations."""
    return (text.without(node) for node in ast.walk(text.tree) if isinstance(node, ast.Expr) and typeid(node) in types)


def assignments(text: Text, names: set[str]) -> Iterator[Edit]:
    """Takes away the assignments to these local variables, alone or among others."""
    functions = (node for node in ast.walk(text.tree) if isinstance(node, ast.FunctionDef))
    for node in (node for function in functions for node in ast.walk(function) if isinstance(node, ast.Assign)):
        target, value = node.targets[0], node.value
        if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
            pairs = zip(target.elts, value.elts, strict=False)
            kept = [pair for pair in pairs if not isinstance(pair[0], ast.Name) or pair[0].id not in names]
            if 0 < len(kept) < len(value.elts) == len(target.elts):
                sides = (", ".join(text.of(pair[side]) for pair in kept) for side in (0, 1))
                yield text.replaced(node, " = ".join(sides))
        elif isinstance(target, ast.Name) and target.id in names:
            yield text.without(node)
