"""Asserts that say what they have seen, as people write them.

``assert q.get() == 1`` becomes ``got = q.get()`` and ``assert got == 1, got``.
"""

import ast
from collections.abc import Iterator

from conformance.reproduction.from_spec.editing import Edit, Text, edited

SYMBOLS: dict[type[ast.cmpop], str] = {
    ast.Eq: "==", ast.NotEq: "!=", ast.Is: "is", ast.IsNot: "is not", ast.In: "in", ast.NotIn: "not in",
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
}  # fmt: skip
NAMES = ("got", "seen", "observed", "result", "outcome")


def telling(source: str, shown: str = "%s") -> str:
    """The source with asserts that tell values; ``shown`` is a pattern such as ``reprlib.repr(%s)``."""
    return edited(source, lambda text: edits(text, shown))


def edits(text: Text, shown: str) -> Iterator[Edit]:
    """What changes: the asserts that compare, and have no message."""
    taken = {node.id for node in text.nodes(ast.Name) if isinstance(node, ast.Name)}
    taken |= {node.arg for node in text.nodes(ast.arg) if isinstance(node, ast.arg)}
    name = next(name for name in (*NAMES, "_") if name not in taken)
    for node in text.nodes(ast.Assert):
        assert isinstance(node, ast.Assert)
        if node.msg is None and (better := state_both_sides(text, node, name, shown)):
            yield text.replaced(node, better)


def state_both_sides(text: Text, node: ast.Assert, name: str, shown: str) -> str:
    """The statements that take an assert's place; none where it tells enough."""
    test = node.test
    if isinstance(test, ast.Call) and called_text(test) == "isinstance" and is_plain(test.args[0]):
        return f"assert {text.of(test)}, {shown % text.of(test.args[0])}"
    if not isinstance(test, ast.Compare) or len(test.ops) != 1:
        return ""
    left, right = test.left, test.comparators[0]
    if varies(left) or (is_literal(left) and varies(right)):
        return f"assert {text.of(test)}, {shown % pair(text, left, right)}"
    symbol = SYMBOLS[type(test.ops[0])]
    if is_literal(left):
        first, compared = right, f"{standing(text, left)} {symbol} {name}"
    else:
        first, compared = left, f"{name} {symbol} {standing(text, right, text.span(test)[1])}"
    message = f"({name}, {text.of(right)})" if first is left and varies(right) else name
    return f"{name} = {standing(text, first)}\n{' ' * node.col_offset}assert {compared}, {shown % message}"


def pair(text: Text, left: ast.expr, right: ast.expr) -> str:
    """What a message tells: the sides whose values are not written there."""
    told = [text.of(side) for side in (left, right) if varies(side)]
    return told[0] if len(told) == 1 else f"({', '.join(told)})"


def varies(node: ast.expr) -> bool:
    """Whether the value of an expression is not seen from its text, and can be had again from it."""
    return is_plain(node) and not isinstance(node, ast.Constant)


def is_literal(node: ast.expr) -> bool:
    """Whether the value of an expression is seen from its text."""
    return not any(isinstance(part, ast.Name | ast.Call) for part in ast.walk(node))


def is_plain(node: ast.expr) -> bool:
    """Whether an expression may be evaluated twice: a name, an attribute or an item."""
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return isinstance(node, ast.Name | ast.Constant)


def called_text(node: ast.Call) -> str:
    """The name of the function that is called, if it has one."""
    return node.func.id if isinstance(node.func, ast.Name) else ""


def standing(text: Text, node: ast.expr, end: int = 0) -> str:
    """An expression that stands alone: in parentheses, if it needs some, or had some before ``end``."""
    source = text.of(node)
    had_some = text.data[text.span(node)[1] : end].strip() != b""
    return f"({source})" if had_some or not parses(source) else source


def parses(source: str) -> bool:
    """Whether text is an expression by itself."""
    try:
        ast.parse(source, mode="eval")
    except SyntaxError:
        return False
    return True
