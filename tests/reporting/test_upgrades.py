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
