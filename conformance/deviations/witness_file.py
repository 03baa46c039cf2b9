"""Files that hold a witness, and the subject on which it was seen: for people, and for ``mpconform replay``."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from conformance.checking.witness import BrokenWitness, Witness
from conformance.subjects import adapters
from conformance.subjects.subject import Subject

KEYS = ("python", "implementation", "adapter", "implementation_path", "start_method")


@dataclass(frozen=True)
class WitnessFile:
    """A witness, what was observed, and the options that name the subject."""

    witness: Witness
    observed: str = ""
    subject: Mapping[str, Any] = field(default_factory=dict)


def document(witness: Witness, subject: Subject, observed: str, hits: int, tries: int) -> dict[str, Any]:
    """A witness for a file: ``hits`` of ``tries`` runs have shown it on the subject."""
    interpreter = subject.interpreter
    name = interpreter.implementation
    adapter = "" if adapters.is_chosen(name, interpreter.adapter) else interpreter.adapter
    options = (interpreter.executable, name, adapter, list(interpreter.path), subject.start_method)
    return {
        **witness.to_json(),
        "observed": observed,
        "shown": f"{hits} of {tries} runs",
        "on": str(subject),
        "subject": dict(zip(KEYS, options, strict=True)),
    }


def text(witness: Mapping[str, Any]) -> str:
    """The text of the file that holds a document."""
    return json.dumps(witness, indent=1) + "\n"


def load(path: Path) -> WitnessFile:
    """The witness of a file. Raises BrokenWitness with one sentence."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BrokenWitness(f"The witness {path} cannot be read: {error}.") from None
    try:
        witness = Witness.from_json(found)
    except BrokenWitness as error:
        raise BrokenWitness(f"{path}: {error}") from None
    subject = found.get("subject", {})
    if not isinstance(subject, dict) or not all(fits(key, value) for key, value in subject.items()):
        raise BrokenWitness(f"{path}: its subject is a JSON object with {', '.join(KEYS)}.")
    return WitnessFile(witness, str(found.get("observed", "")), subject)


def fits(key: str, value: Any) -> bool:
    """Whether the file may say this of its subject."""
    if key == "implementation_path":
        return isinstance(value, list) and all(isinstance(each, str) for each in value)
    return key in KEYS and isinstance(value, str)
