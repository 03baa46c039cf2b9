"""Spec modules as source: what is defined at their level, by which lines, and what each of these uses."""

import ast
import symtable
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from conformance import catalogue
from conformance.reproduction.names import used

VOCABULARY = "conformance"
REGISTER = ("op", "scenario", "stream", "law")  # the methods of Spec that are decorators


@dataclass(frozen=True)
class Imported:
    """What a name stands for that is imported: a module, or an attribute of one."""

    module: str
    attribute: str = ""

    @property
    def whole(self) -> str:
        """Its dotted name."""
        return f"{self.module}.{self.attribute}" if self.attribute else self.module

    def line(self, name: str) -> str:
        """The statement that binds it to a name."""
        if not self.attribute:
            package = self.module.partition(".")[0]
            return f"import {self.module}" if name == package else f"import {self.module} as {name}"
        return f"from {self.module} import {self.attribute}" + ("" if name == self.attribute else f" as {name}")


@dataclass(frozen=True)
class Definition:
    """A statement at the level of a module: its whole lines, with the comment above, and the names that it binds."""

    module: str
    line: int
    names: frozenset[str]
    source: str
    node: ast.stmt

    @property
    def uses(self) -> frozenset[str]:
        """The names of the module's level that it needs."""
        return used(self.source)


@dataclass(frozen=True)
class SpecModule:
    """A module of specs, or of the vocabulary."""

    name: str
    definitions: tuple[Definition, ...]
    imports: Mapping[str, Imported]

    def binding(self, name: str) -> list[Definition]:
        """The definitions of a name: more than one, if it is added to."""
        return [definition for definition in self.definitions if name in definition.names]

    @property
    def specs(self) -> frozenset[str]:
        """The names of its specs."""
        made = [d for d in self.definitions if isinstance(d.node, ast.Assign) and called_name(d.node.value) == "Spec"]
        return frozenset(name for definition in made for name in definition.names)


def called_name(node: ast.AST | None) -> str:
    """The name of the function that an expression calls; nothing if it is no plain call."""
    return node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""


@cache
def read_module(module: str) -> SpecModule:
    """A module that can be imported."""
    list(catalogue.import_specs())
    found = find_spec(module)
    assert found is not None
    assert found.origin is not None
    text = Path(found.origin).read_text(encoding="utf-8")
    lines, definitions = text.splitlines(), []
    imports: dict[str, Imported] = {}
    for node in ast.parse(text).body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            imports.update(imported(node))
        elif not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
            definitions.append(definition(module, node, lines))
    return SpecModule(module, tuple(definitions), imports)


def delegate(module: SpecModule, name: str) -> tuple[SpecModule, str]:
    """Where a function is that only calls another one of another module by the same name."""
    node = module.binding(name)[-1].node if module.binding(name) else None
    last = node.body[-1] if isinstance(node, ast.FunctionDef) else None
    called = last.value.func if isinstance(last, ast.Return) and isinstance(last.value, ast.Call) else None
    if isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name) and called.attr == name:
        owner = module.imports.get(called.value.id)
        if owner and owner.whole in catalogue.modules():
            return delegate(read_module(owner.whole), name)
    return module, name


def imported(node: ast.Import | ast.ImportFrom) -> Iterator[tuple[str, Imported]]:
    """The names that a statement imports."""
    for alias in node.names:
        if isinstance(node, ast.ImportFrom):
            yield alias.asname or alias.name, Imported(node.module or "", alias.name)
        else:
            yield alias.asname or alias.name.partition(".")[0], Imported(alias.name)


def definition(module: str, node: ast.stmt, lines: list[str]) -> Definition:
    """A statement with its lines."""
    decorators = node.decorator_list if isinstance(node, ast.FunctionDef | ast.ClassDef) else []
    first = min([node.lineno, *(each.lineno for each in decorators if not registers(each))])
    last = node.end_lineno or node.lineno
    while first > 1 and lines[first - 2].startswith("# ") and "# ----" not in lines[first - 2]:
        first -= 1
    source = "\n".join(lines[first - 1 : last])
    table = symtable.symtable(source, module, "exec")
    names = frozenset(symbol.get_name() for symbol in table.get_symbols() if symbol.is_assigned())
    return Definition(module, first, names, source, node)


def registers(decorator: ast.expr) -> bool:
    """Whether a decorator only tells a spec of its function."""
    called = decorator.func if isinstance(decorator, ast.Call) else None
    return isinstance(called, ast.Attribute) and called.attr in REGISTER
