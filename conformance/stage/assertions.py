"""Imports spec modules so that a failing assert says which values it compared.

A scenario reads best with plain asserts, and the subject's interpreter has no pytest to
explain them. ``assert a == b`` becomes a call that keeps both values.
"""

import ast
import importlib.util
import operator
import sys
from types import ModuleType
from typing import Any

from conformance.values import text

COMPARISONS = {
    ast.Eq: ("==", operator.eq),
    ast.NotEq: ("!=", operator.ne),
    ast.Is: ("is", operator.is_),
    ast.IsNot: ("is not", operator.is_not),
}
BY_SYMBOL = dict(COMPARISONS.values())


def holds(left: Any, symbol: str, right: Any, source: str) -> None:
    """Raises AssertionError with both values unless the comparison holds."""
    if not BY_SYMBOL[symbol](left, right):
        raise AssertionError(
            "promised: %s; observed on the left: %s; on the right: %s" % (source, text(left), text(right))
        )


class Explained(ast.NodeTransformer):
    """Rewrites the asserts that compare two values."""

    def __init__(self, source: str) -> None:
        self.source = source

    def visit_Assert(self, node: ast.Assert) -> ast.AST:
        test = node.test
        shown = ast.Constant(" ".join((ast.get_source_segment(self.source, test) or "").split()))
        if isinstance(test, ast.Compare) and len(test.ops) == 1 and type(test.ops[0]) in COMPARISONS:
            symbol = ast.Constant(COMPARISONS[type(test.ops[0])][0])
            name = ast.Name("_holds", ast.Load())
            call = ast.Call(name, [test.left, symbol, test.comparators[0], shown], [])
            return ast.copy_location(ast.Expr(call), node)
        node.msg = node.msg or shown
        return node


def import_explained(name: str) -> ModuleType:
    """Imports a module with its asserts rewritten; children that spawn import it plainly."""
    if name in sys.modules:
        return sys.modules[name]
    found = importlib.util.find_spec(name)
    assert found is not None and found.origin is not None, name
    with open(found.origin, encoding="utf-8") as file:
        source = file.read()
    tree = ast.fix_missing_locations(Explained(source).visit(ast.parse(source)))
    module = importlib.util.module_from_spec(found)
    module.__dict__["_holds"] = holds
    sys.modules[name] = module
    exec(compile(tree, found.origin, "exec"), module.__dict__)
    package, _, last = name.rpartition(".")
    if package:  # as any import does: picklers such as dill look for functions there
        setattr(sys.modules[package], last, module)
    return module
