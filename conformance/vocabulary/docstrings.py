"""Docstrings as they state clauses."""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Iterator, List, Tuple

    Version = Tuple[int, ...]

ENTRY = r"([a-z][a-z0-9-]*)(?: \((since|until) (\d+\.\d+)\))?: (\S.*)"


def sentence(documented: Any) -> str:
    """The docstring as one line."""
    return " ".join((documented.__doc__ or "").split())


def entries(documented: Any) -> Iterator[Tuple[str, str, Dict[str, Version]]]:
    """The ``slug: statement`` entries of a docstring, with their version windows.

    An entry starts at the docstring's own indentation; deeper lines continue it.
    """
    from textwrap import dedent  # only who reads docstrings needs it

    found: List[List[Any]] = []
    entry = re.compile(ENTRY)
    for line in dedent((documented.__doc__ or "").partition("\n")[2]).splitlines():
        match = entry.fullmatch(line)
        if match:
            slug, bound, version, statement = match.groups()
            window = {bound: tuple(map(int, version.split(".")))} if bound else {}
            found.append([slug, statement, window])
        elif found and line.startswith("    "):
            found[-1][1] += " " + line.strip()
    return iter([(slug, statement, window) for slug, statement, window in found])
