"""The names of deviations: what people and trackers call them by, whatever becomes of clauses, files and versions."""

import re
from collections.abc import Iterable
from typing import Any

from conformance.deviations.entry import Deviation

FORM = "lower-case words joined by hyphens, without digits"


def is_name(text: Any) -> bool:
    """Whether this has the form of a name; without digits, it can hold no version and no issue."""
    return isinstance(text, str) and bool(re.fullmatch(r"[a-z]+(-[a-z]+)*", text))


def label(entry: Any, number: int) -> str:
    """What a message calls an entry of a file: its name, or its number if it has none."""
    name = entry.get("name") if isinstance(entry, dict) else None
    return str(name if is_name(name) else number)


def clash(deviations: Iterable[Deviation]) -> str:
    """Which entries have the same name; empty if all names differ."""
    found: dict[str, Deviation] = {}
    for deviation in deviations:
        first = found.setdefault(deviation.name, deviation)
        if first is not deviation:
            both = f"in {first.file} ({first.clause}) and in {deviation.file} ({deviation.clause})"
            return f"Two deviations have the name {deviation.name}, {both}"
    return ""
