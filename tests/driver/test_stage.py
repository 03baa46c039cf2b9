"""What a stage is given, where it finds the implementation and other interpreters, and how long it may be silent."""

import os
import sys
from types import SimpleNamespace

import pytest

from conformance import interpreters, program
from conformance.driver.stage import HangWatch, environment
from conformance.forensics import procfs


def test_environment_puts_the_implementation_on_pythonpath(tmp_path, monkeypatch):
    """A spawned process imports multiprocessing before it gets its parent's sys.path."""
    monkeypatch.setenv("PYTHONPATH", "/theirs")
    assert environment(tmp_path, ["/mine"], [])["PYTHONPATH"] == os.pathsep.join(["/mine", "/theirs"])
    monkeypatch.delenv("PYTHONPATH")
    assert "PYTHONPATH" not in environment(tmp_path, [], [])


@pytest.mark.parametrize(
    ("used", "waited", "silent", "goes_on"),
    [
        (1.5, 9.0, 11.0, True),  # on a machine that has other things to do
        (10.0, 1.0, 11.0, False),  # it had its time
        (0.2, 0.1, 11.0, False),  # it polls
        (5.0, 55.0, 61.0, False),  # however busy the machine is
    ],
)
def test_hang_watch_counts_patience_in_time_that_the_machine_has(monkeypatch, used, waited, silent, goes_on):
    vigil = HangWatch(SimpleNamespace(supervised=SimpleNamespace(pid=0)))
    vigil.before = procfs.Work(100.0, 200.0)
    monkeypatch.setattr(procfs, "work", lambda pids: procfs.Work(100.0 + used, 200.0 + waited))
    assert vigil._goes_on(silent) is goes_on


def test_environment_names_the_other_interpreters_of_a_run(tmp_path, monkeypatch):
    monkeypatch.setenv("MPCONFORM_PEERS", environment(tmp_path, [], ["/a/python", "/b/python"])["MPCONFORM_PEERS"])
    assert interpreters() == [sys.executable, "/a/python", "/b/python"]


def test_program_has_the_implementation_and_its_arguments():
    ended = program("import sys\nprint(mp.__name__, sys.argv[1:])\nsys.stderr.write('!')\nsys.exit(7)", "a", "b")
    assert ended == (7, "multiprocessing ['a', 'b']\n", "!")


def test_program_ends_without_the_processes_it_started():
    """Whoever it started goes on, and holds its output: nobody waits for that."""
    source = (
        "import subprocess, sys\nprint(subprocess.Popen([sys.executable, '-c', 'input()'], stdin=-1).pid, flush=True)"
    )
    ended = program(source + "\nimport os\nos._exit(0)")
    assert ended.status == 0
    assert ended.output.strip().isdigit()
