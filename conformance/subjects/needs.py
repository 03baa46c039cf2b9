"""What a clause needs an implementation to have: the name that promises it, and what else its proof uses.

The latter is read from the specs themselves: whatever the source of a scenario, and of the functions that
it calls, takes from the module under test, which specs always call ``mp``, and the start methods that it
requests by name.
"""

import ast
import inspect
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from types import FunctionType
from typing import Any

from conformance import catalogue
from conformance.stage.programs import program
from conformance.vocabulary.capabilities import CAPABILITIES, MODULES
from conformance.vocabulary.spec import Clause, Spec

PREFIX = "multiprocessing."
IN_PROGRAMS = re.compile(r"\bmp\.(\w+)")
PROGRAM = "program"  # a standalone program, which imports the module under test itself
START_METHODS = frozenset(["fork", "spawn", "forkserver"])
CHOOSING = "get_context", "set_start_method"
CHOSEN = re.compile(r"\b(?:get_context|set_start_method)\([\"'](\w+)[\"']")
ELSEWHERE = {"Pool": "pool.Pool", "RawArray": "sharedctypes.RawArray", "RawValue": "sharedctypes.RawValue"}


def promising(spec: Spec, clause: Clause) -> str:
    """The documented name that makes the promise, without ``multiprocessing.``; empty if no name does.

    A clause that the page of another module states (``threading.Event.set``) belongs to the class of its spec.
    """
    for documents in (clause.documents, spec.documents):
        if documents.startswith(PREFIX):
            return documents[len(PREFIX) :]
    return ""


def is_concerned(name: str) -> bool:
    """Whether any clause is about a name, given without ``multiprocessing.``, or about something that belongs to it."""
    promised = {
        promising(entry.spec, clause) for entry in catalogue.entries() for clause in entry.spec.clauses.values()
    }
    return any(f"{each}.".startswith(f"{name}.") for each in promised.union(CAPABILITIES, MODULES))


def beyond(spec: Spec, clause: Clause) -> frozenset[str]:
    """What else the proof of a clause uses: documented names, start methods, and programs."""
    bodies = [operation.body for operation in spec.operations.values()]
    functions = [catalogue.proof(spec, clause)] if clause.kind == "scenario" else [spec.make, *bodies]
    found = frozenset().union(*(used(function) for function in functions if isinstance(function, FunctionType)))
    said = (*spec.needs, *clause.needs)
    return found | {ELSEWHERE.get(name, name) for name in said}


@cache
def used(function: FunctionType) -> frozenset[str]:
    """What a function, and the functions of the specs that it calls, take from ``mp``."""
    found: set[str] = set()
    seen: set[FunctionType] = set()
    stack = [function]
    while stack:
        each = stack.pop()
        if each is program:
            found.add(PROGRAM)
        elif each not in seen and each.__module__.startswith("specs."):
            seen.add(each)
            tree = node_of(each)
            found |= set(taken(tree)) | set(start_methods_named(each, tree))
            stack += functions_called(each, tree)
    return frozenset(found)


def taken(tree: ast.AST) -> Iterator[str]:
    """What code takes from ``mp``: ``mp.Queue``, ``module(mp, "pool").Pool``, ``mp.get_context("spawn")``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in CHOOSING:
            yield from START_METHODS.intersection(a.value for a in node.args if isinstance(a, ast.Constant))
        elif isinstance(node, ast.Attribute):
            if isinstance(node.value, ast.Name) and node.value.id == "mp":
                yield from documented(node.attr)
            elif submodule_named(node.value) and f"{submodule_named(node.value)}.{node.attr}" in CAPABILITIES:
                yield f"{submodule_named(node.value)}.{node.attr}"
        elif submodule_named(node):
            yield submodule_named(node).partition(".")[0]  # dummy.connection is undocumented, and part of dummy


def documented(attribute: str) -> list[str]:
    """The documented name of an attribute of ``mp``; some are only documented as parts of submodules."""
    name = ELSEWHERE.get(attribute, attribute)
    return [name] if name in CAPABILITIES or name in MODULES else []


def start_methods_named(function: FunctionType, tree: ast.AST) -> Iterator[str]:
    """What programs whose source is a string in the code, or a global that it names, take from ``mp``."""
    for node in ast.walk(tree):
        source = function.__globals__.get(node.id) if isinstance(node, ast.Name) else getattr(node, "value", None)
        if isinstance(source, str):
            for name in IN_PROGRAMS.findall(source):
                yield from documented(name)
            yield from START_METHODS.intersection(CHOSEN.findall(source))


def submodule_named(node: ast.AST) -> str:
    """The name of the submodule that ``module(mp, "name")`` returns; empty for any other code."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "module":
        name = node.args[1]
        return str(name.value) if isinstance(name, ast.Constant) else ""
    return ""


def functions_called(function: FunctionType, tree: ast.AST) -> list[FunctionType]:
    """The functions that a function names, in order to call them or to have a process call them."""
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    found = [function.__globals__.get(name) for name in names]
    return [inspect.unwrap(each) for each in found if isinstance(each, FunctionType)]


def node_of(function: Callable[..., Any]) -> ast.AST:
    """The syntax tree of a function or a lambda, found by the line on which it starts."""
    first = inspect.unwrap(function).__code__.co_firstlineno
    for node in ast.walk(tree_of(inspect.getsourcefile(function) or "")):
        if isinstance(node, (ast.FunctionDef, ast.Lambda)):
            decorators = [each.lineno for each in getattr(node, "decorator_list", ())]
            if min([node.lineno, *decorators]) == first:
                return node
    raise LookupError(f"the source of {function} is not found")


@cache
def tree_of(path: str) -> ast.Module:
    """The syntax tree of a file."""
    return ast.parse(Path(path).read_text(encoding="utf-8"))
