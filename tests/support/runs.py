"""Runs of the command and of pytest in processes of their own, from the top of the repository."""

import os
import subprocess
import sys
from collections.abc import Sequence

import pytest

from conformance import catalogue
from conformance.commands import cli

Finished = tuple[int, str, str]  # exit status, output, errors
TOP = catalogue.HERE.parent
TESTS = TOP / "tests"
CALM = {
    name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "FORCE_", "TTY_", "COLUMNS"))
}


def coverage_words() -> list[str]:
    """What measures the coverage of a command, if that of this process is measured; of subjects it never is."""
    tool = sys.modules.get("coverage")
    return ["-m", "coverage", "run", "--parallel-mode"] if tool and tool.Coverage.current() else []


def command(*arguments: object) -> "subprocess.Popen[str]":
    """The command in a process of its own."""
    words = [sys.executable, *coverage_words(), "-m", "conformance", *map(str, arguments)]
    return subprocess.Popen(words, cwd=TOP, env=CALM, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def finished(process: "subprocess.Popen[str]") -> Finished:
    """Exit status, output and errors of a process."""
    out, err = process.communicate(timeout=120)
    return process.returncode, out, err


def pytest_on(*arguments: object, specs: Sequence[str] = ("specs",)) -> tuple[int, str]:
    """Exit status and output of pytest, run from the top of the repository."""
    words = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *specs, *map(str, arguments)]
    done = subprocess.run(words, cwd=TOP, env=CALM, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return done.returncode, done.stdout


def main(capsys: pytest.CaptureFixture[str], *arguments: object) -> Finished:
    """Exit status, output and errors of the command, run in this process."""
    status = cli.main([str(argument) for argument in arguments])
    out, err = capsys.readouterr()
    return status, out, err


def refused(result: Finished, *said: str) -> None:
    """Fails unless the command refused to run, with one sentence and nothing else."""
    status, out, err = result
    assert (status, out) == (2, "")
    assert err.startswith("mpconform: ")
    assert err.endswith(".\n")
    assert len(err.splitlines()) == 1
    for part in said:
        assert part in err
