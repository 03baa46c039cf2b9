"""Entries for violations that none is written down for: proposals, with question marks where a person has to think."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import reduce
from pathlib import Path
from typing import Any

from conformance.checking.record import Record
from conformance.checking.witness import Witness
from conformance.deviations.editing import Add, Edit, Write
from conformance.deviations.entry import Deviation, Rate
from conformance.deviations.files import PLACEHOLDER
from conformance.deviations.narrowing import DIMENSIONS, written
from conformance.subjects.subject import Subject

WITNESSES = "witnesses"
TELLING = 8  # characters that the observations of several subjects must have in common
SHOWN = 80  # characters of an observation that an entry repeats


@dataclass(frozen=True)
class Newcomer:
    """A violation of one clause by an implementation: on whom it was seen, and who kept the clause."""

    clause: str
    implementation: str
    records: tuple[Record, ...]
    subjects: tuple[Subject, ...]
    others: tuple[Subject, ...]

    @property
    def witness(self) -> Witness:
        """What shows it: the shortest."""
        witnesses = [record.details["witness"] for record in self.records]
        return Witness.from_json(min(witnesses, key=lambda each: len(json.dumps(each))))


def newcomers(records: Sequence[Record], subjects: Mapping[str, Subject]) -> list[Newcomer]:
    """The violations of a run, by clause and implementation."""
    groups: dict[tuple[str, str], list[Record]] = {}
    for record in records:
        if record.verdict == "violated" and "witness" in record.details:
            key = record.clause, subjects[record.subject].interpreter.implementation
            groups.setdefault(key, []).append(record)
    return [
        Newcomer(
            clause, name, tuple(group), tuple(subjects[r.subject] for r in group), kept(clause, name, records, subjects)
        )
        for (clause, name), group in groups.items()
    ]


def kept(clause: str, name: str, records: Iterable[Record], subjects: Mapping[str, Subject]) -> tuple[Subject, ...]:
    """The subjects of an implementation on which a clause was exercised and held."""
    held = [subjects[r.subject] for r in records if (r.clause, r.verdict) == (clause, "holds")]
    return tuple(subject for subject in held if subject.interpreter.implementation == name)


def proposed(new: Newcomer, known: Collection[Deviation], directory: Path, rate: Rate | None) -> list[Edit]:
    """A new entry in the file of its family, and the file of its witness."""
    file, head = family(new, known, directory)
    entry: dict[str, Any] = {"name": PLACEHOLDER, "clause": new.clause}
    entry["observed"] = common([r.details["observed"] for r in new.records])
    entry.update(window(new))
    if not head and not any(d.file == file and new.implementation in d.implementations for d in known):
        entry["implementations"] = (new.implementation,)
    entry.update(reason=PLACEHOLDER, issue=PLACEHOLDER, **({"rate": str(rate)} if rate else {}))
    document = new.witness.to_json()
    if "arguments" in document and "stream" not in document:
        return [Add(file, {**entry, **({"arguments": document["arguments"]} if document["arguments"] else {})}, head)]
    path = free(file.parent / WITNESSES / f"{new.clause}.json")
    entry["witness"] = f"{WITNESSES}/{path.name}"
    return [Add(file, entry, head), Write(path, json.dumps(document, indent=1) + "\n")]


def family(new: Newcomer, known: Collection[Deviation], directory: Path) -> tuple[Path, str]:
    """The file that holds what is known of the subjects, or a new one, and how that begins."""
    subject = new.subjects[0]
    name = new.implementation.replace(":", ".")
    head = f'# Of {name}, on {subject.interpreter.name}.\n\n[subjects]\nimplementations = ["{new.implementation}"]\n'
    if not directory.is_dir():
        return directory, "" if directory.exists() and directory.read_text(encoding="utf-8").strip() else head
    for deviation in known:
        if deviation.implementations[:1] == (new.implementation,) and not deviation.interpreters:
            return deviation.file, ""
    return directory / f"{name}.toml", head


def free(path: Path) -> Path:
    """A path that nothing has, like this one."""
    candidates = (path.with_stem(f"{path.stem}-{number}") for number in range(2, 100))
    return path if not path.exists() else next(each for each in candidates if not each.exists())


def common(observed: Sequence[str]) -> str:
    """What all observations have in common; a question mark if that says nothing."""

    def shared(one: str, other: str) -> str:
        found = SequenceMatcher(None, one, other, autojunk=False).find_longest_match()
        return one[found.a : found.a + found.size]

    text = reduce(shared, (each.splitlines()[0][:SHOWN] for each in observed)).strip()
    return text if len(text) >= TELLING else PLACEHOLDER


def window(new: Newcomer) -> dict[str, Any]:
    """The keys that tell those who show it from those who do not, as far as the run tells."""
    shown, held = ({s.interpreter.version for s in group} for group in (new.subjects, new.others))
    keys: dict[str, Any] = {}
    if older := [version for version in held if version < min(shown)]:
        keys["since"] = written(min(shown)[: 2 if max(older)[:2] < min(shown)[:2] else 3])
    if newer := [version for version in held if version > max(shown)]:
        keys["until"] = written(min(newer)[: 2 if min(newer)[:2] > max(shown)[:2] else 3])
    for key in ("interpreters", "start_methods"):
        of = DIMENSIONS[key]
        there, elsewhere = ({of(s) for s in group} for group in (new.subjects, new.others))
        if elsewhere - there and not elsewhere & there:
            keys[key] = tuple(dict.fromkeys(of(s) for s in new.subjects))
    return keys
