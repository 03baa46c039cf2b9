"""Turns reports of earlier schemas into those of the current one: a function for each earlier schema."""

from collections.abc import Callable, Mapping
from typing import Any

from conformance.reporting.report import SCHEMA_VERSION

Report = dict[str, Any]
RENAMED = {"permitted": "holds"}  # verdicts


def upgrade(report: Mapping[str, Any]) -> Report:
    """The report in the current schema; its own must be that, or one of UPGRADES."""
    upgraded = dict(report)
    while upgraded["schema"] != SCHEMA_VERSION:
        upgraded = UPGRADES[upgraded["schema"]](upgraded)
    return upgraded


def upgrade_from_1(report: Report) -> Report:
    """Schema 2 says ``holds`` instead of ``permitted``, and why a clause does not apply in fields of its own."""
    results = [
        {**each, "verdict": RENAMED.get(each["verdict"], each["verdict"]), **find_obstacle(each)}
        for each in report["results"]
    ]
    summary = {RENAMED.get(verdict, verdict): count for verdict, count in report.get("summary", {}).items()}
    return {**report, "schema": 2, "results": results, "summary": summary}


def find_obstacle(result: Report) -> Report:
    """Why a clause does not apply, as fields: schema 1 has it in the message alone."""
    if result["verdict"] != "not applicable":
        return {}
    _, unclaimed, names = result["message"].partition(" does not claim ")
    return {"reason": result["message"], **({"missing": names.split(", ")} if unclaimed else {})}


UPGRADES: Mapping[int, Callable[[Report], Report]] = {1: upgrade_from_1}
