"""Reports of earlier schemas, as they would be written today: a function for each schema that was left behind."""

from collections.abc import Callable, Mapping
from typing import Any

from conformance.reporting.report import SCHEMA_VERSION

Report = dict[str, Any]


def upgrade(report: Mapping[str, Any]) -> Report:
    """The report in the schema of today; its own must be one of UPGRADES, or that of today."""
    upgraded = dict(report)
    while upgraded["schema"] != SCHEMA_VERSION:
        upgraded = UPGRADES[upgraded["schema"]](upgraded)
    return upgraded


def upgrade_from_1(report: Report) -> Report:
    """Schema 2 says ``holds`` where schema 1 said ``permitted``."""
    renamed = {"permitted": "holds"}
    results = [{**each, "verdict": renamed.get(each["verdict"], each["verdict"])} for each in report["results"]]
    summary = {renamed.get(verdict, verdict): count for verdict, count in report.get("summary", {}).items()}
    return {**report, "schema": 2, "results": results, "summary": summary}


UPGRADES: Mapping[int, Callable[[Report], Report]] = {1: upgrade_from_1}
