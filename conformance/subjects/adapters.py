"""Finds the adapter of an implementation: one of ours, one that a distribution registers, or a file."""

from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from pathlib import Path

from conformance import catalogue
from conformance.misuse import Misuse

GROUP = "mpconform.adapters"
DEFAULT = "multiprocessing"
OURS = {
    "billiard": "billiard",
    "loky": "loky",
    "multiprocess": "multiprocess",
    "multiprocessing.dummy": "dummy",
    "multiprocessing.managers": "managers",
    "torch.multiprocessing": "torch",
}


class Unusable(Misuse):
    """The subject cannot be checked; the message is one sentence for the user."""


@dataclass(frozen=True)
class Choice:
    """An implementation's name, and the file of its adapter; without one, it is a package with the whole API."""

    name: str = DEFAULT
    file: str = ""


def choose(implementation: str | None, adapter: str | None) -> Choice:
    """The implementation that the two options ask for; a file declares which one it is for. Raises Unusable."""
    if adapter is not None:
        return Choice(implementation or "", existing(Path(adapter), f"The adapter {adapter}"))
    name = DEFAULT if implementation is None else implementation
    if name in OURS:
        return Choice(name, str(catalogue.HERE / "adapters" / f"{OURS[name]}.py"))
    registered = entry_points(group=GROUP, name=name)
    return Choice(name, file_of(next(iter(registered)))) if registered else Choice(name)


def known() -> tuple[str, ...]:
    """The names of all implementations that have an adapter, whether ours or registered."""
    return (DEFAULT, *OURS, *(point.name for point in entry_points(group=GROUP)))


def is_chosen(implementation: str, adapter: str) -> bool:
    """Whether the name of an implementation alone leads to this adapter (or to none, if it is empty)."""
    return adapter == choose(implementation, None).file


def file_of(point: EntryPoint) -> str:
    """The file of a registered module, found without importing it: it may be written for another interpreter."""
    said = f"The adapter of {point.name}, which is registered as {point.module},"
    inside = point.dist.locate_file(f"{point.module.replace('.', '/')}.py") if point.dist else ""
    if Path(str(inside)).is_file():
        return str(inside)
    try:
        found = find_spec(point.module)
    except ImportError:
        found = None
    return existing(Path(found.origin if found and found.origin else point.module), said)


def existing(path: Path, said: str) -> str:
    """The absolute path of a file. Raises Unusable."""
    if not path.is_file():
        raise Unusable(f"{said} is not a file.")
    try:
        path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise Unusable(f"{said} cannot be read: {error}.") from None
    return str(path.resolve())
