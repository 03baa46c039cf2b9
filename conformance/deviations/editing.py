"""Edits of a file of deviations: its text is kept as people wrote it, but for what changes."""

import difflib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HEAD = "[[deviation]]"


@dataclass(frozen=True)
class Remove:
    """The entry of this number goes."""

    file: Path
    number: int


@dataclass(frozen=True)
class Change:
    """The entry of this number says something else of a key; nothing, if the value is empty."""

    file: Path
    number: int
    key: str
    value: str | tuple[str, ...]


@dataclass(frozen=True)
class Add:
    """A new entry, with these keys in this order; ``head`` begins the file if there is none."""

    file: Path
    entry: Mapping[str, Any]
    head: str = ""


@dataclass(frozen=True)
class Write:
    """A new file."""

    file: Path
    text: str


Edit = Remove | Change | Add | Write


def edited(edits: Iterable[Edit]) -> dict[Path, tuple[str, str]]:
    """The text of each file that changes, before and after. Edits of numbered entries do not move the others."""
    texts: dict[Path, tuple[str, str]] = {}
    for edit in sorted(edits, key=lambda edit: -getattr(edit, "number", 0)):
        before, now = texts.get(edit.file) or [edit.file.read_text(encoding="utf-8") if edit.file.exists() else ""] * 2
        texts[edit.file] = before, applied(now, edit)
    return texts


def applied(text: str, edit: Edit) -> str:
    """The text of a file after an edit."""
    if isinstance(edit, Write):
        return edit.text
    if isinstance(edit, Add):
        lines = [HEAD, *(f"{key} = {toml(value)}" for key, value in edit.entry.items())]
        return "\n\n".join([*filter(None, [text.rstrip("\n") or edit.head.rstrip("\n")]), "\n".join(lines)]) + "\n"
    lines = text.splitlines()
    start, end = block(lines, edit.number)
    if isinstance(edit, Remove):
        lines[start:end] = []
    else:
        lines[start:end] = changed(lines[start:end], edit.key, edit.value)
    return "\n".join(lines).rstrip("\n") + "\n"


def block(lines: list[str], number: int) -> tuple[int, int]:
    """Where the lines of an entry are, with the comment right above it."""
    heads = [place for place, line in enumerate(lines) if line.strip() == HEAD]
    starts = [above(lines, head) for head in heads] + [len(lines)]
    return starts[number - 1], starts[number]


def above(lines: list[str], head: int) -> int:
    """Where the comment right above a line begins, or the line itself."""
    while head > 0 and lines[head - 1].startswith("#"):
        head -= 1
    return head


def changed(lines: list[str], key: str, value: str | tuple[str, ...]) -> list[str]:
    """The lines of an entry, with another value of a key: in its place, or before the reason."""
    new = [f"{key} = {toml(value)}"] if value else []
    for pattern in (key, "reason"):
        for place, line in enumerate(lines):
            if re.match(rf"{pattern}\s*=", line):
                return lines[:place] + new + lines[place + (pattern == key) :]
    return lines + new


def toml(value: Any) -> str:
    """A string, a list of them, or a table of them, as TOML writes it."""
    if isinstance(value, Mapping):
        return f"{{ {', '.join(f'{key} = {toml(item)}' for key, item in value.items())} }}"
    if isinstance(value, str):
        return f"'{value}'" if '"' in value and "'" not in value and value.isprintable() else json.dumps(value)
    return f"[{', '.join(map(toml, value))}]"


def difference(texts: Mapping[Path, tuple[str, str]]) -> str:
    """The edits as a unified diff."""
    return "".join(
        line
        for file, (before, after) in sorted(texts.items())
        for line in difflib.unified_diff(
            before.splitlines(keepends=True),
            after.splitlines(keepends=True),
            str(file) if before else "/dev/null",
            str(file),
        )
    )
