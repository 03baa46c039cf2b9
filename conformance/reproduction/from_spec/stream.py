"""Reproducers of laws: the long program, processes that run it at full speed, and the law itself."""

import ast
from collections.abc import Iterator, Mapping
from typing import Any, TypeGuard

from conformance.catalogue import Entry, proof
from conformance.reproduction.body import DIES, HANGS, WRONG, Body, ImportPath, NoReproducer
from conformance.reproduction.frame import TEMPLATES
from conformance.reproduction.from_spec import plain
from conformance.reproduction.from_spec.editing import Edit, Text, edited
from conformance.reproduction.from_spec.modules import Definition, delegate, read_module
from conformance.reproduction.from_spec.observing import telling
from conformance.reproduction.from_spec.scenario import joined, written
from conformance.reproduction.from_spec.slicing import Slice
from conformance.reproduction.source import write_constructor
from conformance.vocabulary.spec import Clause, Spec, Stream

LAWS = "conformance.vocabulary.laws"
SECONDS = {HANGS: 3, WRONG: 10, DIES: 3}  # for other attempts: what processes do to each other differs each time
CHECK = """
def check(mp):
    programs = {stream}({given})
    rounds, end = 0, time.monotonic() + {seconds}
    while time.monotonic() < end:
        rounds += 1
        wrong = {law}(history_of(mp, {made}, programs))
        assert not wrong, "%s (shown in 1 of %d rounds)" % (wrong, rounds)
    print("shown in 0 of %d rounds" % rounds)
"""
IMPORTS = ("import json", "import os", "import tempfile", "import time", "import zlib")


def body(
    entry: Entry, clause: Clause, arguments: Mapping[str, Any], implementation: ImportPath, shows: str = WRONG
) -> Body:
    """The stream with these arguments, held against the law of a clause again and again. Raises NoReproducer."""
    slug = clause.name.partition(".")[2]
    stream = next(stream for stream in entry.spec.streams.values() if slug in stream.laws)
    law, module = proof(entry.spec, clause).__name__, read_module(entry.module)
    if entry.spec.threads:
        raise NoReproducer("its actors are threads of the harness")
    methods = bodies(entry.spec, stream, arguments)
    making = write_constructor(entry.spec, stream.make)
    needed = Slice()
    for name in (stream.name, law):
        owner, name = delegate(module, name)
        needed.reach(owner, [name])
    for name in {*methods.values(), *(function.__name__ for function in making.functions)}:
        needed.reach(module, [name])
    reach_laws(needed)
    return Body(
        definitions(needed, entry.spec, methods, implementation, slug == stream.stuck),
        check(stream, law, making.text, arguments, SECONDS[shows]),
        (*needed.lines, *IMPORTS, "from collections import namedtuple", "from pathlib import Path"),
    )


def bodies(spec: Spec, stream: Stream, arguments: Mapping[str, Any]) -> dict[str, str]:
    """The functions that make calls which are not a method's, by the names of these calls."""
    used = sorted({op for program in stream.program(**arguments) for op, _, _ in program})
    found = {op: spec.operations[op].body for op in used}
    return {op: function.__name__ for op, function in found.items() if function is not None}


def reach_laws(needed: Slice) -> None:
    """Adds the checks over histories that the law uses."""
    module = read_module(LAWS)
    names = {node.attr for d in needed.ordered for node in ast.walk(ast.parse(d.source)) if is_law(node)}
    needed.reach(module, names - {"Step"})


def is_law(node: ast.AST) -> TypeGuard[ast.Attribute]:
    """Whether a node refers to a check of the vocabulary."""
    return isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "laws"


def definitions(
    needed: Slice, spec: Spec, methods: Mapping[str, str], implementation: ImportPath, is_stuck: bool
) -> str:
    """The functions of the script, from the most general to those of this law.

    ``is_stuck`` says whether it is the law that is broken if a call fails.
    """
    template = TEMPLATES.get_template("stream.py.jinja")
    runs = template.render(parts=spec.parts, methods=bool(methods), stuck=is_stuck)
    sources = [plainly(d, implementation) for d in needed.ordered if d.names != {"Step"}]
    words = sorted(needed.vocabulary & (plain.WORDS | {"call", "Blob"}))
    equivalents = [plain.equivalent(word, "", implementation).source.strip("\n") for word in words]
    pairs = ", ".join(f'"{op}": {function}' for op, function in methods.items())
    return joined([*equivalents, *sources, *([f"METHODS = {{{pairs}}}"] if methods else []), runs])


def plainly(definition: Definition, implementation: ImportPath) -> str:
    """A definition without annotations, and with the checks of the vocabulary by their own names."""
    source = edited(edited(definition.source, unannotated), renamed)
    return telling(plain.plainly(source, implementation, frozenset(), frozenset({"ticks"})))


def renamed(text: Text) -> Iterator[Edit]:
    """Gives the vocabulary the names that it has in the script."""
    for node in ast.walk(text.tree):
        if is_law(node):
            yield text.replaced(node, node.attr)
        elif isinstance(node, ast.Name) and node.id == "Blob":
            yield text.replaced(node, "blob")


def unannotated(text: Text) -> Iterator[Edit]:
    """Takes away annotations."""
    for node in ast.walk(text.tree):
        if isinstance(node, ast.arg) and node.annotation:
            start = text.span(node)[0] + len(node.arg.encode())
            yield Edit(start, text.span(node.annotation)[1], "")
        elif isinstance(node, ast.FunctionDef) and node.returns:
            start, end = text.span(node.returns)
            yield Edit(text.data.rindex(b" ->", 0, start), end, "")
        elif isinstance(node, ast.AnnAssign) and node.value:
            yield Edit(text.span(node.target)[1], text.span(node.annotation)[1], "")


def check(stream: Stream, law: str, making: str, arguments: Mapping[str, Any], seconds: int) -> str:
    """The check of a law: an object, a program, and what is wrong with the history."""
    given = ", ".join(f"{name}={written(value)}" for name, value in arguments.items())
    return CHECK.format(stream=stream.name, given=given, law=law, made=making, seconds=seconds).strip("\n")
