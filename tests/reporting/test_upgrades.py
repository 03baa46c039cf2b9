"""Reports of earlier schemas are read as if they had been written today."""

import json

import jsonschema
import pytest
from support.runs import TOP

from conformance.reporting import report, results
from conformance.reporting.upgrades import UPGRADES, upgrade

KEPT = sorted((TOP / "results").glob("*.json"))
SCHEMA = json.loads(report.SCHEMA.read_text(encoding="utf-8"))


def test_upgrades_start_from_every_earlier_schema():
    assert list(UPGRADES) == list(range(1, report.SCHEMA_VERSION))


@pytest.mark.parametrize("path", KEPT, ids=lambda path: path.stem)
def test_kept_reports_are_valid_by_the_current_schema(path):
    jsonschema.validate(results.load(path), SCHEMA)


def test_upgrade_renames_permitted_of_schema_1_to_holds():
    found = [{"verdict": "permitted", "clause": "a"}, {"verdict": "violated", "clause": "permitted"}]
    old = {"schema": 1, "results": found, "summary": {"violated": 1, "permitted": 1}, "run": {}}
    assert upgrade(old) == {
        "schema": 2,
        "results": [{"verdict": "holds", "clause": "a"}, {"verdict": "violated", "clause": "permitted"}],
        "summary": {"violated": 1, "holds": 1},
        "run": {},
    }
    assert found[0]["verdict"] == "permitted"


def test_upgrade_leaves_a_current_report_alone():
    assert upgrade({"schema": report.SCHEMA_VERSION, "results": []}) == {"schema": report.SCHEMA_VERSION, "results": []}


def test_upgrade_finds_why_a_clause_does_not_apply_in_the_message():
    results = [
        {"verdict": "not applicable", "message": "loky does not claim Queue.get, cpu_count"},
        {"verdict": "not applicable", "message": "CPython 3.8 does not promise this"},
        {"verdict": "violated", "message": "loky does not claim Queue"},
    ]
    found = upgrade({"schema": 1, "results": results})["results"]
    assert [(each.get("reason"), each.get("missing")) for each in found] == [
        ("loky does not claim Queue.get, cpu_count", ["Queue.get", "cpu_count"]),
        ("CPython 3.8 does not promise this", None),
        (None, None),
    ]
