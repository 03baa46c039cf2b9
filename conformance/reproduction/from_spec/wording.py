"""Comments and docstrings of the specs, in the terms of a script that stands alone."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator

from conformance.reproduction.from_spec.editing import Edit, Text, edited

TERMS = {"scenario": "check", "scenarios": "checks", "stage": "script"}
TERM = re.compile(rf"\b({'|'.join(TERMS)})\b")


def alone(source: str) -> str:
    """A definition whose comments and docstrings speak of nothing that the script does not have."""
    return edited(source, told) if TERM.search(source) else source


def told(text: Text) -> Iterator[Edit]:
    """The edits of docstrings and of comments."""
    for node in ast.walk(text.tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node):
            yield text.replaced(node.body[0], translated(text.of(node.body[0])))
    for token in tokenize.generate_tokens(io.StringIO(text.source).readline):
        if token.type == tokenize.COMMENT:
            start = text.offset(token.start[0], len(token.line[: token.start[1]].encode()))
            yield Edit(start, start + len(token.string.encode()), translated(token.string))


def translated(words: str) -> str:
    """The same in other terms."""
    return TERM.sub(lambda found: TERMS[found[1]], words)
