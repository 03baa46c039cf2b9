"""Rewrites the asserts of a module so that a failing one reports the values that it compared."""

import ast
from types import CodeType

COMPARISONS = {ast.Eq: "==", ast.NotEq: "!=", ast.Is: "is", ast.IsNot: "is not"}


class ExplainAsserts(ast.NodeTransformer):
    """Rewrites asserts that compare two values into calls of ``_holds``."""

    def __init__(self, source: bytes) -> None:
        self.lines = source.split(b"\n")

    def shown(self, node: ast.expr) -> str:
        """The source of an expression as one line; ast.get_source_segment would split the module for each."""
        assert node.end_lineno is not None
        lines = self.lines[node.lineno - 1 : node.end_lineno]
        lines[-1] = lines[-1][: node.end_col_offset]
        lines[0] = lines[0][node.col_offset :]
        return " ".join(b" ".join(lines).decode().split())

    def visit_Assert(self, node: ast.Assert) -> ast.AST:
        test = node.test
        shown = ast.Constant(self.shown(test))
        if isinstance(test, ast.Compare) and len(test.ops) == 1 and type(test.ops[0]) in COMPARISONS:
            symbol = ast.Constant(COMPARISONS[type(test.ops[0])])
            name = ast.Name("_holds", ast.Load())
            call = ast.Call(name, [test.left, symbol, test.comparators[0], shown], [])
            return ast.copy_location(ast.Expr(call), node)
        node.msg = node.msg or shown
        return node


def rewritten(source: bytes, shown: str) -> CodeType:
    """The rewritten code of a module; ``shown`` is the name of its file in tracebacks."""
    tree = ast.fix_missing_locations(ExplainAsserts(source).visit(ast.parse(source)))
    code: CodeType = compile(tree, shown, "exec")
    return code
