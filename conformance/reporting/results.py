"""The reports that the project keeps: reading those of any schema, and leaving out what belongs to one machine."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from conformance.misuse import Misuse
from conformance.reporting.report import SCHEMA_VERSION
from conformance.reporting.upgrades import UPGRADES, upgrade
from conformance.subjects.subject import Interpreter

SEARCHED = re.compile(r"PYTHONPATH=(?:'[^']*'|\S)+ (?=python )")  # by the command that runs a script
DIRECTORY = re.compile(r"(?<![\w.:/<])/(?:[^\s/:'\"<>]+/)+(?=[^\s/:'\"<>])")  # of any file
PLACE = re.compile(r"(?:/[\w.+-]+)+/(?=[\w-]+/[\w-]+\.py\b|[\w.-]*\.\.\. \(crc)")  # of a file on one machine


class BrokenReport(Misuse):
    """The report cannot be used; the message is one sentence."""


def load(path: Path) -> dict[str, Any]:
    """Reads a report of any schema, and returns it in the current one. Raises BrokenReport."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BrokenReport(f"The report {path} cannot be read: {error}.") from None
    schema = found.get("schema") if isinstance(found, dict) else None
    if type(schema) is int and schema > SCHEMA_VERSION:
        raise BrokenReport(f"{path} has schema {schema}, and schema {SCHEMA_VERSION} is the newest that can be read.")
    known = type(schema) is int and schema in (*UPGRADES, SCHEMA_VERSION)
    if not known or not all(isinstance(found.get(key), list) for key in ("subjects", "results")):
        raise BrokenReport(f"{path} is not a report as `mpconform run --output` writes it.")
    return upgrade(found)


def trimmed(report: Mapping[str, Any]) -> dict[str, Any]:
    """The report without what belongs to one machine: paths, and evidence that contains them."""
    subjects = [{**each, "executable": Path(each["executable"]).name} for each in report["subjects"]]
    return {**report, "subjects": subjects, "results": [trim_result(each) for each in report["results"]]}


def trim_result(result: Mapping[str, Any]) -> dict[str, Any]:
    """A result without paths: it says why a clause does not apply, but other reasons may name what one machine has."""
    trimmed = {**result, "deviations": {}, "details": kept(result["details"])}
    if result["verdict"] != "not applicable":
        trimmed["message"] = ""
        trimmed.pop("reason", None)
    return trimmed


def kept(details: Mapping[str, Any]) -> dict[str, Any]:
    """What is worth keeping of a violation; files are named by their place in their package."""
    found = {key: details[key] for key in ("promised", "observed", "state") if details.get(key)}
    return {key: DIRECTORY.sub("", anywhere(value)) for key, value in found.items()}


def anywhere(text: str) -> str:
    """Text in which files are named by their place in their package, which is the same on every machine."""
    return SEARCHED.sub("", PLACE.sub("", text))


def interpreters(report: Mapping[str, Any]) -> dict[Interpreter, dict[str, str]]:
    """The interpreters of a report, each with the ids of its subjects by start method."""
    found: dict[tuple[Any, ...], dict[str, str]] = {}
    for each in report["subjects"]:
        version = tuple(int(part) for part in each["version"].split("."))
        key = (each["executable"], each["implementation"], version, each["name"], each["release"])
        found.setdefault(key, {})[each["start_method"]] = each["id"]
    return {
        Interpreter(executable, implementation, version, name, tuple(methods), release): methods
        for (executable, implementation, version, name, release), methods in found.items()
    }


def stem(report: Mapping[str, Any]) -> str:
    """A file name for a report, without an extension: its interpreters."""
    names = []
    for interpreter in interpreters(report):
        version = f"{interpreter.name.lower()}{'.'.join(map(str, interpreter.version[:2]))}"
        plain = interpreter.implementation == "multiprocessing"
        names.append(version if plain else f"{interpreter.implementation}-{version}")
    return "+".join(names)
