"""The report of a run for other programs: JSON with a versioned schema."""

import json
import platform
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from conformance import catalogue
from conformance.checking.record import VERDICTS, Record
from conformance.files import write_whole
from conformance.reporting.costs import Cost
from conformance.subjects.subject import Subject
from conformance.vocabulary.spec import Clause

SCHEMA_VERSION = 2
SCHEMA = Path(__file__).with_name("report.schema.json")


def document(
    records: Iterable[Record], subjects: Iterable[Subject], run: Mapping[str, Any], costs: Iterable[Cost] = ()
) -> dict[str, Any]:
    """The whole report. ``run`` tells the profile, the seed, and how long the run took (seconds)."""
    records = list(records)
    named = {record.clause for record in records}
    counted = Counter(record.verdict for record in records)
    return {
        "schema": SCHEMA_VERSION,
        "run": {"at": datetime.now(UTC).isoformat(timespec="seconds"), "driver": driver(), **run},
        "subjects": [subject_entry(subject) for subject in subjects],
        "clauses": [clause_entry(clause) for name, clause in catalogue.clauses().items() if name in named],
        "campaigns": [cost.to_json() for cost in costs],
        "results": [record.to_json() for record in records],
        "summary": {verdict: counted[verdict] for verdict in VERDICTS},
    }


def driver() -> str:
    """What checks."""
    return f"{platform.python_implementation()} {platform.python_version()} on {platform.system()} {platform.machine()}"


def subject_entry(subject: Subject) -> dict[str, Any]:
    """A subject for programs."""
    interpreter = subject.interpreter
    package = {"name": interpreter.package, "release": interpreter.packaged.rpartition(" ")[2]}
    if interpreter.digest:
        package["digest"] = f"sha256:{interpreter.digest}"
    return {
        "id": str(subject),
        "implementation": interpreter.implementation,
        "release": interpreter.release,
        "name": interpreter.name,
        "version": ".".join(map(str, interpreter.version)),
        "executable": interpreter.executable,
        "start_method": subject.start_method,
        **({"package": package} if interpreter.package else {}),
    }


def clause_entry(clause: Clause) -> dict[str, Any]:
    """A clause for programs."""
    return {
        "name": clause.name,
        "statement": clause.statement,
        "documents": clause.documents,
        "kind": clause.kind,
        "since": ".".join(map(str, clause.since)),
        "until": ".".join(map(str, clause.until)) if clause.until else None,
    }


def write(path: Path, report: Mapping[str, Any]) -> None:
    """Writes the report in one piece: a run that is interrupted leaves none that is half done. Raises Unwritten."""
    write_whole(path, json.dumps(report, indent=1) + "\n")
