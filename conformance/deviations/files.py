"""Reads the files of deviations: one for each family of subjects, or a single one.

What a file says in its table ``[subjects]`` holds for all of its entries, unless one of them says otherwise.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from conformance import catalogue
from conformance.checking.witness import FORMAT, BrokenWitness, Witness
from conformance.deviations import witness_file
from conformance.deviations.entry import UNREPORTED, Deviation, Rate, numbers
from conformance.deviations.naming import FORM, clash, is_name, label
from conformance.deviations.soundness import complaint
from conformance.misuse import Misuse
from conformance.vocabulary.spec import Clause

SUBJECTS = (
    "implementations",
    "interpreters",
    "start_methods",
    "platforms",
    "since",
    "until",
    "since_release",
    "until_release",
)
REQUIRED = ("name", "clause", "observed", "reason", "issue")
KNOWN = (*REQUIRED, *SUBJECTS, "rate", "reproducer", "doubt", "witness", "arguments")
LISTS = ("implementations", "interpreters", "start_methods", "platforms")
VERSIONS = ("since", "until", "since_release", "until_release")
PLACEHOLDER = "?"
OWN = "own"


class BrokenDeviations(Misuse):
    """The deviations cannot be used; the message is one sentence."""


def own() -> Path:
    """The directory of the deviations that come with the specs."""
    return catalogue.specs_directory() / "deviations"


def places(names: Iterable[str]) -> list[Path]:
    """The files or directories that an option names: ours by the word ``own``, and ours alone if it names none."""
    return [own() if name == OWN else Path(name) for name in names] or [own()]


def load(path: Path, clauses: Mapping[str, Clause]) -> tuple[Deviation, ...]:
    """The deviations of a file, or of all files of a directory. Raises BrokenDeviations."""
    return load_all([path], clauses)


def load_all(paths: Iterable[Path], clauses: Mapping[str, Clause]) -> tuple[Deviation, ...]:
    """The deviations of several files or directories. Raises BrokenDeviations, also if two have the same name."""
    files = dict.fromkeys(file for path in paths for file in find_files(path))
    found = tuple(deviation for file in files for deviation in load_file(file, clauses))
    if said := clash(found):
        raise BrokenDeviations(f"{said}: each needs one of its own.")
    return found


def find_files(path: Path) -> list[Path]:
    """The files of a place: itself, or those in it. Raises BrokenDeviations."""
    files = sorted(path.glob("*.toml")) if path.is_dir() else [path]
    if not files:
        raise BrokenDeviations(f"The directory {path} holds no deviations: no *.toml, not even an empty one.")
    return files


def load_file(path: Path, clauses: Mapping[str, Clause]) -> list[Deviation]:
    """The deviations of a file. Raises BrokenDeviations."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise BrokenDeviations(f"The deviations file {path} cannot be read: {error}.") from None
    return parse(path, text, clauses)


def parse(path: Path, text: str, clauses: Mapping[str, Clause]) -> list[Deviation]:
    """The deviations in the text of a file. Raises BrokenDeviations, also for a clause that does not exist."""
    try:
        tables = tomllib.loads(text)
    except ValueError as error:
        raise BrokenDeviations(f"The deviations file {path} cannot be read: {error}.") from None
    entries, subjects = tables.get("deviation", []), tables.get("subjects", {})
    if not isinstance(entries, list) or not isinstance(subjects, dict) or not set(tables) <= {"deviation", "subjects"}:
        raise BrokenDeviations(
            f"The deviations file {path} holds something else than [subjects] and a list of [[deviation]] tables."
        )
    if not set(subjects) <= set(SUBJECTS):
        raise BrokenDeviations(f"The table [subjects] of {path} knows no keys but {', '.join(SUBJECTS)}.")
    check_types(f"The table [subjects] of {path}", subjects)
    return [read_entry(path, number, subjects, entry, clauses) for number, entry in enumerate(entries, 1)]


def read_entry(
    path: Path, number: int, subjects: Mapping[str, Any], entry: Any, clauses: Mapping[str, Clause]
) -> Deviation:
    """One entry, checked. Raises BrokenDeviations."""
    where = f"Deviation {label(entry, number)} of {path}"
    if not isinstance(entry, dict) or not set(REQUIRED) <= set(entry) <= set(KNOWN):
        raise BrokenDeviations(
            f"{where} needs {', '.join(REQUIRED)}, and knows no keys but {', '.join(sorted(KNOWN))}."
        )
    check_types(where, entry)
    if entry["clause"] not in clauses:
        fate = catalogue.fate(entry["clause"])
        raise BrokenDeviations(f"{where} names the clause {entry['clause']!r}, which {fate}.")
    check_words(where, entry)
    merged = {**subjects, **entry}
    given: dict[str, Any] = {key: tuple(value) if key in LISTS else value for key, value in merged.items()}
    given["rate"] = read_rate(where, entry["rate"]) if "rate" in entry else None
    given["witness"] = read_witness(where, path, entry)
    given.pop("arguments", None)
    if given["rate"] and not given["witness"]:
        raise BrokenDeviations(f"{where} has a rate, and no witness whose replays could show it at that rate.")
    deviation = Deviation(**given, file=path)
    nobody = complaint(deviation, clauses)
    if nobody:
        raise BrokenDeviations(f"{where} ({entry['clause']}) concerns nobody: {nobody}.")
    return deviation


def check_types(where: str, table: Mapping[str, Any]) -> None:
    """Raises BrokenDeviations for a value of the wrong type, or a version that is none."""
    for key, value in table.items():
        if not fits(key, value):
            raise BrokenDeviations(f"{where} has a value of the wrong type: {key} = {value!r}.")
        try:
            numbers(value if key in VERSIONS else "1")
        except ValueError as error:
            raise BrokenDeviations(f"{where} has a version that is none: {error}.") from None


def fits(key: str, value: Any) -> bool:
    """Whether the value of a key has the right type."""
    if key in LISTS:
        return isinstance(value, list) and all(isinstance(each, str) for each in value)
    if key == "arguments":
        return isinstance(value, dict) and all(isinstance(each, str) for each in value.values())
    return isinstance(value, str)


def check_words(where: str, entry: Mapping[str, Any]) -> None:
    """Raises BrokenDeviations for what a person has yet to fill in."""
    empty = [key for key in ("name", "observed", "reason", "issue") if entry[key] in ("", PLACEHOLDER)]
    if empty:
        raise BrokenDeviations(f"{where} ({entry['clause']}) is a proposal: fill in its {' and its '.join(empty)}.")
    if not is_name(entry["name"]):
        raise BrokenDeviations(f"{where} ({entry['clause']}) has the name {entry['name']!r}, which is not {FORM}.")
    if entry["issue"] == UNREPORTED and not entry.get("reproducer"):
        raise BrokenDeviations(f"{where} ({entry['clause']}) is {UNREPORTED}: it needs the name of its reproducer.")


def read_rate(where: str, text: str) -> Rate:
    """A rate such as ``3 in 200``. Raises BrokenDeviations."""
    match = re.fullmatch(r"(\d+) in (\d+)", text)
    hits, tries = map(int, match.groups()) if match else (0, 0)
    if not 0 < hits <= tries:
        raise BrokenDeviations(f"{where} has the rate {text!r}, which is none such as '3 in 200'.")
    return Rate(hits, tries)


def read_witness(where: str, path: Path, entry: Mapping[str, Any]) -> Witness | None:
    """The witness of an entry: a file beside it, or the arguments of a scenario. Raises BrokenDeviations.

    A scenario without arguments is its own witness. Anything else without one is searched for, as if it were new.
    """
    if "witness" in entry and "arguments" in entry:
        raise BrokenDeviations(f"{where} has a witness and arguments: one of them is enough.")
    try:
        if "witness" in entry:
            return named_witness(path.parent / entry["witness"], entry["clause"])
        if "arguments" in entry:
            return Witness.from_json({"format": FORMAT, "clause": entry["clause"], "arguments": entry["arguments"]})
    except BrokenWitness as error:
        raise BrokenDeviations(f"{where} has a witness that cannot be used: {error}") from None
    return bare_witness(entry["clause"])


def named_witness(path: Path, clause: str) -> Witness:
    """The witness of a file, which must be one of the clause. Raises BrokenWitness."""
    witness = witness_file.load(path).witness
    if witness.clause != clause:
        raise BrokenWitness(f"{path} is one of {witness.clause}.")
    return witness


def bare_witness(clause: str) -> Witness | None:
    """The witness of a scenario that takes no arguments."""
    found = catalogue.owner(clause).spec.scenarios.get(clause)
    return Witness(clause) if found and not found.domains else None
