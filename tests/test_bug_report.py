"""A violation becomes a bug report: small, replayable, with a script that shows it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from support.runs import TESTS
from support.subjects import OVERFILLS, implementation_options

from conformance.commands import cli

BROKEN = implementation_options(OVERFILLS)


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """The files of a run of a broken queue, and its exit status."""
    directory = tmp_path_factory.mktemp("kept")
    options = ["--clause", "queue.put.full", "--start-method", "fork", "--reproducer-dir", str(directory), "-n", "0"]
    done = subprocess.run(
        [sys.executable, "-m", "conformance", "run", *BROKEN, *options], check=False, capture_output=True, text=True
    )
    assert done.returncode == 1, done.stderr
    (directory / "said.txt").write_text(done.stdout)
    return directory


def one(directory: Path, pattern: str) -> Path:
    (found,) = directory.glob(pattern)
    return found


def test_bug_report_has_a_small_witness_that_replays(kept, capsys):
    witness = one(kept, "*.json")
    document = json.loads(witness.read_text())
    assert sum(len(calls) for round_ in document["rounds"] for calls in round_.values()) == 2
    assert cli.main(["replay", str(witness), "--times", "3"]) == 1


@pytest.mark.parametrize(("implementation", "status"), [(OVERFILLS, 1), ("", 0)])
def test_bug_report_script_distinguishes_the_broken_from_the_real(kept, tmp_path, implementation, status):
    source = one(kept, "queue*.py").read_text()
    if not implementation:
        source = source.replace(
            "from mutants.queues.queues import capacity_plus_one as multiprocessing", "import multiprocessing"
        )
    script = tmp_path / "reproducer.py"
    script.write_text(source)
    done = subprocess.run(
        [sys.executable, script, "fork"], check=False, capture_output=True, cwd=TESTS, env={"PYTHONPATH": str(TESTS)}
    )
    assert done.returncode == status, done.stderr


def test_bug_report_test_case_fails_on_the_broken(kept):
    case = one(kept, "test_*.py")
    command = [sys.executable, "-m", "unittest", case.stem]
    done = subprocess.run(
        command, check=False, capture_output=True, text=True, cwd=kept, env={"PYTHONPATH": f"{TESTS}:{kept}"}
    )
    assert done.returncode == 1
    assert "FAILED (failures=" in done.stderr


def test_bug_report_keeps_a_timeline_and_names_every_file(kept):
    assert one(kept, "*.svg").read_text().startswith("<svg")
    said = (kept / "said.txt").read_text()
    for word in ("Replay:", "Timeline:", "Script:", "shows in"):
        assert word in said


def test_bug_report_without_shrinking_has_the_violation_alone(capsys):
    options = ["--clause", "queue.put.full", "--start-method", "fork", "--shrink", "0", "-n", "0"]
    done = subprocess.run(
        [sys.executable, "-m", "conformance", "run", *BROKEN, *options], check=False, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert "Seen:" not in done.stdout
    assert "queue.put.full is violated" in done.stdout
