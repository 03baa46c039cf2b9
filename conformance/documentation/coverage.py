"""Maps the topics of an edition to their clauses, or to the reason why they have none."""

import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from conformance import catalogue
from conformance.documentation import edition
from conformance.documentation.edition import BrokenDocumentation, Edition
from conformance.vocabulary.spec import Clause

KINDS = ("unspecified", "untestable", "other platform", "elsewhere")
"""Why a topic may have no clause: it promises nothing, nothing that a run can show, nothing on this
platform, or only what the topics that its reason names promise."""


@dataclass(frozen=True)
class Reason:
    """Why a topic has no clause."""

    topic: str
    kind: str
    reason: str


@dataclass(frozen=True)
class Covered:
    """A topic with its clauses, or the reason why it has none; without either, it is not covered."""

    topic: str
    clauses: tuple[str, ...]
    reason: Reason | None

    def __bool__(self) -> bool:
        return bool(self.clauses or self.reason)


@dataclass(frozen=True)
class Difference:
    """How a topic differs between two editions (``new``, ``gone``, ``changed``), and the clauses to read again."""

    topic: str
    how: str
    clauses: tuple[str, ...]


def coverage(of: Edition) -> list[Covered]:
    """Every topic of an edition. Raises BrokenDocumentation if a reason is given for a topic that has clauses."""
    stated, given = by_topic(of, catalogue.clauses()), reasons()
    idle = [name for name, reason in given.items() if stated.get(name)]
    if idle:
        raise BrokenDocumentation(f"{idle[0]} has clauses, but uncovered.toml still gives a reason why it has none.")
    return [Covered(name, stated.get(name, ()), given.get(name)) for name in of.topics]


def by_topic(of: Edition, clauses: Mapping[str, Clause]) -> dict[str, tuple[str, ...]]:
    """The clauses that this version promises, by topic."""
    found: dict[str, tuple[str, ...]] = {}
    for clause in clauses.values():
        if clause.promised_by(of.numbers):
            found[clause.documents] = (*found.get(clause.documents, ()), clause.name)
    return found


def reasons() -> dict[str, Reason]:
    """The reasons why topics have no clause, by topic. Raises BrokenDocumentation."""
    path = edition.directory() / "uncovered.toml"
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8"))["uncovered"]
        found = [Reason(**entry) for entry in entries]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BrokenDocumentation(f"{path} cannot be read: {error}.") from None
    known: Collection[str] = {name for each in edition.kept() for name in each.topics}
    for reason in found:
        if reason.topic not in known or reason.kind not in KINDS:
            raise BrokenDocumentation(f"{path} has an entry with an unknown topic or kind: {reason.topic!r}.")
    return {reason.topic: reason for reason in found}


def changes(old: Edition, new: Edition) -> Iterator[Difference]:
    """The topics that differ in the newer edition."""
    stated = by_topic(new, catalogue.clauses())
    for name in sorted({*old.topics, *new.topics}):
        before, after = old.topics.get(name), new.topics.get(name)
        if before is None or after is None:
            yield Difference(name, "gone" if after is None else "new", stated.get(name, ()))
        elif before.fingerprint != after.fingerprint:
            yield Difference(name, "changed", stated.get(name, ()))
