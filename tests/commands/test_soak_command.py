"""``mpconform soak``, as its user runs it."""

import json
import os
import subprocess
import sys
import time

import pytest

from conformance.commands.cli import main
from conformance.forensics import procfs
from conformance.forensics.disturbance import disturb

SOAK = [sys.executable, "-m", "conformance", "soak", "--start-method", "fork"]


def run_soak(*words):
    return subprocess.run([*SOAK, *words], capture_output=True, text=True, timeout=120)


def kept(directory):
    (file,) = directory.iterdir()
    return json.loads(file.read_text())


def test_soak_adds_up_runs_with_different_seeds(tmp_path):
    done = run_soak(
        "--clause", "lock.made", "--clause", "event.wait.waits", "--runs=2", "--load=1", f"--output={tmp_path}"
    )
    assert done.returncode == 0, done.stderr
    assert "run 2 of 2, seed 1: 2 verdicts, all as expected" in done.stdout
    assert "Every verdict was as expected." in done.stdout
    result = kept(tmp_path)
    ((subject, clauses),) = result["verdicts"].items()
    assert clauses["lock.made"] == {"holds": 2}
    assert [run["seed"] for run in result["runs"]] == [0, 1]
    hits, tries = result["replays"]["cleared-flag-returns-unlimited-wait-empty-handed"][subject]
    assert 0 <= hits <= tries
    assert tries > 0


def test_soak_reports_what_is_not_expected(tmp_path):
    place = os.path.dirname(os.path.dirname(__file__))
    broken = ["--implementation=mutants.queues.queues:capacity_plus_one", f"--implementation-path={place}"]
    words = ["--clause=queue.put.full", "--runs=1", "--shrink=0", f"--output={tmp_path}", "--deviations=/dev/null"]
    done = run_soak(*broken, *words)
    assert done.returncode == 1, done.stderr
    assert "1 verdicts were unexpected." in done.stdout
    (found,) = kept(tmp_path)["unexpected"]
    assert (found["clause"], found["verdict"], found["seed"]) == ("queue.put.full", "violated", 0)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--runs=0"], "--runs takes a number from 1 on, not 0."),
        (["--load=-1"], "--load takes a number from 0 on, not -1."),
        (["--pause=-1"], "--pause takes a number from 0 on, not -1.0."),
    ],
)
def test_soak_refuses_numbers_that_make_no_sense(words, said, capsys):
    assert main(["soak", *words]) == 2
    assert capsys.readouterr().err == f"mpconform: {said}\n"


@pytest.mark.skipif(not procfs.available(), reason="needs procfs")
def test_disturb_pauses_and_continues_other_processes():
    victim = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE)
    with victim:
        with disturb(1, 0.3, (0.1, 0.1)):
            await_state(victim.pid, "T", 30)
            await_state(victim.pid, "S", 10)
        assert len(procfs.descendants(os.getpid())) == 1  # who disturbs has ended
        victim.stdin.close()


def await_state(pid, state, seconds):
    deadline = time.monotonic() + seconds
    while procfs.status(pid, pid).state != state:
        assert time.monotonic() < deadline, f"process {pid} is not in state {state} after {seconds} s"
        time.sleep(0.01)
