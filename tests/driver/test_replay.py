"""``mpconform replay`` says whether a witness is reproduced, and how often."""

import json
import sys

import pytest
from support.runs import TESTS
from support.subjects import OVERFILLS, implementation_options

from conformance.checking.script import Script
from conformance.checking.witness import Witness
from conformance.commands import cli
from conformance.deviations import witness_file
from conformance.subjects.subject import Subject, probe

FULL = Witness("queue.put.full", Script({"maxsize": 1}, ({0: (("put", (1,), {}), ("put", (2, False), {}))},)))
BROKEN = implementation_options(OVERFILLS)


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "full.json"
    path.write_text(json.dumps(FULL.to_json()))
    return str(path)


def test_replay_reports_a_violation_as_reproduced(file, capsys):
    assert cli.main(["replay", file, "--times", "3", "--start-method", "fork", *BROKEN]) == 1
    assert "REPRODUCED: queue.put.full was violated in 3 of 3 runs" in capsys.readouterr().out


def test_replay_reports_a_correct_subject_as_not_reproduced(file, capsys):
    assert cli.main(["replay", file, "--times", "3", "--start-method", "fork"]) == 0
    assert "NOT REPRODUCED: queue.put.full was violated in 0 of 3 runs" in capsys.readouterr().out


def test_replay_takes_the_subject_from_the_file(tmp_path, capsys):
    interpreter = probe(sys.executable, OVERFILLS, (str(TESTS),))
    path = tmp_path / "full.json"
    document = witness_file.document(FULL, Subject(interpreter, "fork"), "returned None", 3, 3)
    path.write_text(witness_file.text(document), encoding="utf-8")
    assert cli.main(["replay", str(path), "--times", "2"]) == 1
    assert OVERFILLS in capsys.readouterr().out


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "cannot be read"),
        ("[]", "format"),
        (json.dumps({**FULL.to_json(), "clause": "no.such"}), "does not exist"),
        (json.dumps({**FULL.to_json(), "subject": {"colour": "red"}}), "its subject"),
    ],
)
def test_replay_refuses_a_broken_file_in_a_sentence(tmp_path, capsys, content, said):
    path = tmp_path / "broken.json"
    path.write_text(content)
    assert cli.main(["replay", str(path)]) == 2
    told = capsys.readouterr().err
    assert said in told
    assert told.count("\n") == 1


@pytest.mark.parametrize("options", [["--times", "0"], ["--python", "no-such-python"], ["--start-method", "teleport"]])
def test_replay_refuses_options_that_make_no_sense(file, capsys, options):
    assert cli.main(["replay", file, *options]) == 2
    assert capsys.readouterr().err.startswith("mpconform: ")


def test_replay_refuses_a_subject_that_does_not_promise_the_clause(file, capsys):
    assert cli.main(["replay", file, "--implementation", "multiprocessing.dummy"]) == 2
    assert "queue.put.full does not apply to multiprocessing.dummy" in capsys.readouterr().err


def test_replay_refuses_a_missing_file(tmp_path, capsys):
    assert cli.main(["replay", str(tmp_path / "none.json")]) == 2
    assert "none.json cannot be read" in capsys.readouterr().err
