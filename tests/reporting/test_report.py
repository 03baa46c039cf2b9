"""Reports for other programs: what is written is what the schema promises."""

import json
from dataclasses import replace

import jsonschema
from support import builders
from support.builders import CLAUSE, HISTORY, MS, SUBJECT

from conformance import catalogue
from conformance.checking.findings import ASSERTION, Findings, Unknown
from conformance.checking.record import VERDICTS
from conformance.commands import cli
from conformance.deviations import Deviation
from conformance.judging import judge
from conformance.reporting import report
from conformance.vocabulary import frozen

SCHEMA = json.loads(report.SCHEMA.read_text(encoding="utf-8"))
RUN = {"profile": "quick", "seed": 0, "seconds": 1.5, "complete": False}
VIOLATION = replace(builders.VIOLATION, call=None, evidence="", manner=ASSERTION, compared=("put(2) == 1", "None", "1"))


def test_report_schema_is_valid_and_lists_every_verdict():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["properties"]["schema"]["const"] == report.SCHEMA_VERSION
    assert SCHEMA["$defs"]["result"]["properties"]["verdict"]["enum"] == list(VERDICTS)
    assert SCHEMA["properties"]["summary"]["required"] == list(VERDICTS)


def test_report_of_a_run_is_valid_and_written_in_one_piece(tmp_path):
    output = tmp_path / "not" / "there" / "yet"
    options = ("--clause", "simplequeue.*", "--start-method", "fork", "-n", "0", "--output", str(output))
    assert cli.main(["run", *options]) == 0
    assert [path.name for path in output.iterdir()] == ["report.json"]
    found = json.loads((output / "report.json").read_text(encoding="utf-8"))
    jsonschema.validate(found, SCHEMA)
    assert [entry["start_method"] for entry in found["subjects"]] == ["fork"]
    assert {result["subject"] for result in found["results"]} == {found["subjects"][0]["id"]}
    names = list(catalogue.select(["simplequeue.*"]))
    assert [result["clause"] for result in found["results"]] == names == [c["name"] for c in found["clauses"]]
    assert found["run"]["complete"] is True
    assert found["summary"]["holds"] + found["summary"]["deviation"] == len(names)
    assert sum(result["exercised"] for result in found["results"]) > 1000


def findings(exercised=0, violation=None, unknown=None):
    found = Findings()
    found.exercised[CLAUSE.name] = exercised
    for verdict in (violation, unknown):
        if verdict:
            found.add(verdict)
    return found


def records():
    """A record of each verdict."""
    known = [Deviation("returns-nothing", CLAUSE.name, "returned None", "for a reason", "gh-1")]
    yield judge(CLAUSE, SUBJECT, findings(2, VIOLATION), [])
    yield judge(CLAUSE, SUBJECT, findings(2), known)
    yield judge(CLAUSE, SUBJECT, findings(unknown=Unknown(CLAUSE.name, "nobody knows", history=HISTORY)), [])
    yield judge(CLAUSE, SUBJECT, findings(2, VIOLATION), known)
    yield judge(CLAUSE, SUBJECT, findings(), [])
    yield judge(frozen.replace(CLAUSE, since=(3, 9)), SUBJECT, findings(), [])
    yield judge(CLAUSE, SUBJECT, findings(2), [])


def test_report_of_every_verdict_is_valid(tmp_path):
    written = report.document(records(), [SUBJECT], RUN)
    report.write(tmp_path / "report.json", written)
    found = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    jsonschema.validate(found, SCHEMA)
    assert found == written
    assert found["summary"] == dict.fromkeys(VERDICTS, 1)
    assert [result["verdict"] for result in found["results"]] == list(VERDICTS)
    details = found["results"][0]["details"]
    assert [step["end"] for step in details["history"]] == [1 * MS, 7 * MS, 9 * MS, None]
    assert details["history"][3]["observed"] == "open"
    assert (details["manner"], details["compared"]) == ("assertion", ["put(2) == 1", "None", "1"])
    assert details["arguments"] == {"size": "3", "objs": "(b'xxxxx', 'y')"}
