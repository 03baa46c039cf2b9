"""The text of a file of deviations, edited as TOML: comments, order and layout stay as people wrote them."""

from collections.abc import Mapping, MutableSequence
from typing import Any

import tomlkit
from tomlkit.items import AoT, Array, Comment, Item, Key, Table, Whitespace

ENTRIES = "deviation"

Body = list[tuple[Key | None, Item]]  # of a table: its keys, comments and blank lines


def can_edit(text: str) -> bool:
    """Whether the text stays as it is but for what is edited: its entries are [[deviation]] tables in a row."""
    try:
        document = tomlkit.parse(text)
    except ValueError:
        return False
    return document.as_string() == text and isinstance(document.get(ENTRIES, tomlkit.aot()), AoT)


def append_entry(text: str, entry: Mapping[str, Any]) -> str:
    """The text with one more entry, which has these keys in this order."""
    table = tomlkit.table()
    for key, value in entry.items():
        table.append(key, toml(value))
    added = tomlkit.document().append(ENTRIES, tomlkit.aot())
    added[ENTRIES].append(table)
    return "\n\n".join([*filter(None, [text.rstrip("\n")]), added.as_string()])


def change_entry(text: str, name: str, key: str, value: str | tuple[str, ...]) -> str:
    """The text with another value of a key of an entry: in its place, or before the reason. Empty, it goes."""
    document = tomlkit.parse(text)
    entry = document[ENTRIES][find_entry(document, name)]
    old = entry.get(key)
    if not value:
        entry.remove(key)
    elif isinstance(old, Array) and isinstance(value, tuple) and "\n" in old.as_string():
        change_items(old, value)
    elif old is not None:
        entry[key] = toml(value)
    else:
        insert_before(entry, "reason", key, value)
    return document.as_string()


def find_entry(document: tomlkit.TOMLDocument, name: str) -> int:
    """The position of the entry of this name. Raises StopIteration."""
    return next(index for index, entry in enumerate(document[ENTRIES]) if entry["name"] == name)


def change_items(array: MutableSequence[str], value: tuple[str, ...]) -> None:
    """Makes a list of several lines hold these items. Those that stay keep their lines and comments."""
    for item in [item for item in array if item not in value]:
        array.remove(item)
    for index, item in enumerate(value):
        if item not in array:
            array.insert(index, item)


def insert_before(entry: Table, next_key: str, key: str, value: str | tuple[str, ...]) -> None:
    """Adds a key to an entry, indented like the one that it precedes."""
    body, item = entry.value.body, toml(value)
    place, following = next((place, item) for place, (each, item) in enumerate(body) if each == next_key)
    item.trivia.indent = following.trivia.indent
    body.insert(place, (tomlkit.key(key), item))


def remove_entry(text: str, name: str) -> str:
    """The text without an entry and the comment right above it. Comments that follow at a distance stay."""
    document = tomlkit.parse(text)
    index, entries = find_entry(document, name), document[ENTRIES]
    start = next(place for place, (_, item) in enumerate(document.body) if item is entries)
    before = document.body[:start]
    above = find_end(entries[index - 1].value.body if index else before)
    last = index == len(entries) - 1
    rest = find_rest(find_end(entries[index].value.body), last)
    strip_end(above, blank=last or (bool(rest) and isinstance(rest[0][1], Whitespace)))
    above += rest
    del entries[index]
    document.body[: start + (not entries)] = before
    return document.as_string()


def find_end(body: Body) -> Body:
    """The body at the end of another, if that ends with a table: the comment above what follows stands there."""
    while body and isinstance(body[-1][1], Table):
        body = body[-1][1].value.body
    return body


def find_rest(body: Body, last: bool) -> Body:
    """What follows the keys of an entry and is not about it: all from a blank line on, or the next entry's comment."""
    keys = [place for place, (key, _) in enumerate(body, 1) if key]
    rest = body[keys[-1] if keys else 0 :]
    blank = next((place for place, (_, item) in enumerate(rest) if isinstance(item, Whitespace)), None)
    return [] if blank is None and last else rest[blank:]


def strip_end(body: Body, blank: bool) -> None:
    """Takes away the comment at the end of a body, and with ``blank`` the blank lines before it."""
    for kind in (Comment, Whitespace)[: 1 + blank]:
        while body and isinstance(body[-1][1], kind):
            body.pop()


def toml(value: Any) -> Item:
    """A string, a list of them, or a table of them, in the notation of the files."""
    if isinstance(value, Mapping):
        table = tomlkit.inline_table()
        for key, item in value.items():
            table.append(key, toml(item))
        return tomlkit.value(f"{{ {table.as_string()[1:-1]} }}")
    if isinstance(value, str):
        return tomlkit.string(value, literal='"' in value and "'" not in value and value.isprintable())
    array = tomlkit.array()
    array.extend(toml(item) for item in value)
    return array
