"""Edits of a file of deviations: its text is kept as people wrote it, but for what changes."""

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conformance.deviations.document import append_entry, can_edit, change_entry, remove_entry
from conformance.deviations.files import BrokenDeviations


@dataclass(frozen=True)
class Remove:
    """The entry of this name goes."""

    file: Path
    name: str


@dataclass(frozen=True)
class Change:
    """The entry of this name says something else of a key; nothing, if the value is empty."""

    file: Path
    name: str
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
    """The text of each file that changes, before and after. Raises BrokenDeviations."""
    texts: dict[Path, tuple[str, str]] = {}
    for edit in sorted(edits, key=lambda edit: isinstance(edit, Remove)):  # what goes may also be changed
        before, now = texts.get(edit.file) or [read_text(edit.file)] * 2
        texts[edit.file] = before, applied(now, edit)
    return texts


def read_text(file: Path) -> str:
    """The text of a file; empty, if there is none. Raises BrokenDeviations if it cannot be edited."""
    text = file.read_text(encoding="utf-8") if file.exists() else ""
    if not can_edit(text):
        raise BrokenDeviations(f"The file {file} cannot be edited: write its entries as [[deviation]] tables in a row.")
    return text


def applied(text: str, edit: Edit) -> str:
    """The text of a file after an edit."""
    match edit:
        case Write(text=new):
            return new
        case Add(entry=entry, head=head):
            return append_entry(text if text.strip() else head, entry)
        case Change(name=name, key=key, value=value):
            return change_entry(text, name, key, value)
        case Remove(name=name):
            return remove_entry(text, name)


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
