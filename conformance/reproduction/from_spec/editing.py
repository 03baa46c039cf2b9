"""Small changes of source text that leave the rest as its author wrote it."""

import ast
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

Located = ast.expr | ast.stmt | ast.arg


class Edit(NamedTuple):
    """A replacement of the bytes from ``start`` to ``end``."""

    start: int
    end: int
    text: str


class Text:
    """Source with its tree, whose nodes can be found again in the text."""

    def __init__(self, source: str) -> None:
        self.source, self.tree = source, ast.parse(source)
        self.data = source.encode()
        self._starts = [0]
        for line in source.splitlines(keepends=True):
            self._starts.append(self._starts[-1] + len(line.encode()))

    def span(self, node: Located) -> tuple[int, int]:
        """Where a node begins and ends, in bytes."""
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return self.offset(node.lineno, node.col_offset), self.offset(node.end_lineno, node.end_col_offset)

    def offset(self, line: int, column: int) -> int:
        """Where a line (from 1) and a column (from 0, in bytes) are, in bytes."""
        return self._starts[line - 1] + column

    def of(self, node: Located) -> str:
        """The text of a node."""
        start, end = self.span(node)
        return self.data[start:end].decode()

    def replaced(self, node: Located, text: str) -> Edit:
        """The edit that puts text in a node's place."""
        return Edit(*self.span(node), text)

    def after(self, node: Located, text: str) -> Edit:
        """The edit that adds text behind a node."""
        end = self.span(node)[1]
        return Edit(end, end, text)

    def without(self, node: ast.stmt) -> Edit:
        """The edit that takes away the whole lines of a statement, and the comment at their end."""
        return Edit(self._starts[node.lineno - 1], self._starts[node.end_lineno or node.lineno], "")

    def nodes(self, kind: type[ast.AST]) -> Iterator[ast.AST]:
        """All nodes of a kind."""
        return (node for node in ast.walk(self.tree) if isinstance(node, kind))


def edited(source: str, edits: Callable[[Text], Iterable[Edit]]) -> str:
    """The source with these edits, which do not overlap."""
    text = Text(source)
    data = text.data
    for edit in sorted(edits(text), reverse=True):
        data = data[: edit.start] + edit.text.encode() + data[edit.end :]
    return data.decode()
