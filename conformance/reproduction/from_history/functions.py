"""Functions of a spec that a script needs as well: their source, with what they refer to."""

import ast
import builtins
import inspect
import types
from collections.abc import Callable, Iterable
from typing import Any

from conformance.reproduction.source import definition, literal, text


def definitions(functions: Iterable[Callable[..., Any]]) -> tuple[str, set[str]]:
    """The source of functions and of all that they need, and the lines that import the rest."""
    found: dict[str, str] = {}
    imports: set[str] = set()
    for function in functions:
        add(function, found, imports)
    constants = [source for source in found.values() if not source.startswith("def ")]
    others = [source for source in found.values() if source.startswith("def ")]
    return "\n\n\n".join(["\n".join(constants)] * bool(constants) + others), imports


def add(function: Callable[..., Any], found: dict[str, str], imports: set[str]) -> None:
    """Adds a function, after what it refers to."""
    node = definition(function)
    for name in sorted({each.id for each in ast.walk(node) if isinstance(each, ast.Name)}):
        if name in found or name not in function.__globals__ or hasattr(builtins, name):
            continue
        value = function.__globals__[name]
        if inspect.isfunction(value) and value.__module__ == function.__module__:
            found[name] = ""
            add(value, found, imports)
        elif isinstance(value, types.ModuleType):
            imports.add(f"import {value.__name__}")
        elif inspect.isclass(value) or inspect.isfunction(value):
            imports.add(f"from {value.__module__} import {name}")
        else:
            found[name] = f"{name} = {literal(value)}"
    found.pop(function.__name__, None)
    found[function.__name__] = text(node)
