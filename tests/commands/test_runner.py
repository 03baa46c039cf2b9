"""Runs of the command in a process of their own: exit statuses, and plain output where no terminal is."""

import json
import os
import re
import signal
import sys

import pytest
from rich.text import Text
from support.runs import CALM, TESTS, command, finished, pytest_on

from conformance import catalogue
from conformance.commands.session import SessionReporter
from conformance.reporting.progress import RunProgress
from conformance.reporting.terminal import console

FORK = ("--start-method", "fork")
SAMPLE = ("--profile", "sample")


def test_list_ends_quietly_when_its_reader_has_enough():
    process = command("list")
    process.stdout.readline()
    process.stdout.close()
    assert process.wait(60) == 0
    assert process.stderr.read() == ""
    process.stderr.close()


def test_run_succeeds_if_nothing_is_unexpected():
    status, out, err = finished(command("run", "--clause", "simplequeue.[gl]*", *FORK, "-n", "0", "--all"))
    assert (status, err) == (0, "")
    assert "\x1b" not in out
    for name in catalogue.select(["simplequeue.[gl]*"]):
        assert any(line.split()[0] == name for line in out.splitlines())
    assert out.splitlines()[-1] == f"{len(catalogue.select(['simplequeue.[gl]*']))} verdicts, all as expected."


def test_run_fails_for_a_violation():
    crashing = ("--implementation", "mutants.failing:segfaults", "--implementation-path", TESTS)
    status, out, err = finished(command("run", "--clause", "queue.large", *FORK, *crashing, "-n", "0", "--shrink", "0"))
    assert (status, err) == (1, "")
    assert "queue.large is violated by mutants.failing:segfaults / " in out
    assert "Segmentation fault" in out
    assert out.splitlines()[-2:] == ["1 verdict: 1 violated", "1 unexpected: 1 violated; see above."]
    assert "\x1b" not in out


DYING = """#!/bin/sh
case "$2" in *conformance.stage.stage*) echo tried >> {tried}; echo "last words" >&2; exit 3;; esac
exec {python} "$@"
"""


def test_run_tries_an_interpreter_that_dies_once_and_proves_nothing(tmp_path):
    dying = tmp_path / "python"
    dying.write_text(DYING.format(python=sys.executable, tried=tmp_path / "tried"))
    dying.chmod(0o755)
    status, out, err = finished(command("run", "--python", dying, "--clause", "lock.*", *FORK, "-n", "0"))
    assert (status, err) == (1, "")
    for part in (
        "does not start: the stage exited with status 3",
        "last words",
        f"{len(catalogue.select(['lock.*']))} unknown",
    ):
        assert part in out
    assert "Traceback" not in out
    assert (tmp_path / "tried").read_text() == "tried\n"


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_run_that_is_interrupted_reports_what_it_knows(tmp_path, number, status):
    clauses = ("--clause", "pipe.pair", "--clause", "queue.*")
    process = command("run", *clauses, *FORK, "-n", "0", "--output", tmp_path)
    assert process.stdout.readline().startswith("Checking multiprocessing ")
    assert process.stdout.readline().endswith("pipe[fork] done\n")
    process.send_signal(number)
    ended, out, err = finished(process)
    assert (ended, err) == (status, "")
    assert "Interrupted after 1 of" in out
    found = json.loads((tmp_path / "report.json").read_text())
    assert found["run"]["complete"] is False
    assert [result["clause"] for result in found["results"]] == ["pipe.pair"]


@pytest.mark.parametrize("workers", ["0", "1"])
def test_run_reports_violations_when_shrinking_is_terminated(workers):
    crashing = ("--implementation", "mutants.failing:segfaults", "--implementation-path", TESTS, "--shrink", "300")
    process = command(
        "run", "--clause", "queue.large", "--clause", "queue.put.*", *FORK, *crashing, "-n", workers, *SAMPLE
    )
    later = next(line for line in process.stdout if not line.startswith(("Checking ", "violated: ")))
    assert re.fullmatch(r"0/\d+ queue\[fork\]: shrinking \d violations?\n", later)
    process.send_signal(signal.SIGTERM)
    status, out, _ = finished(process)
    assert status == 143
    assert "violated: queue." in out
    assert "queue.put.stores " in out
    assert "Note:     as first seen, because the run was interrupted" in out
    assert "Interrupted after " in out


FALSE = ("--implementation", "mutants.queues.queues:capacity_plus_one", "--implementation-path", TESTS)


@pytest.mark.parametrize(("workers", "number"), [("0", signal.SIGINT), ("2", signal.SIGTERM)])
def test_a_campaign_at_work_tells_the_violations_that_it_has_seen(tmp_path, workers, number):
    """The profile takes minutes; the second class, which a worker may begin with, keeps all its promises."""
    chosen = ("--clause", "queue.*", "--clause", "lock.*", *FORK, *FALSE, "--profile", "thorough", "-n", workers)
    process = command("run", *chosen, "--output", tmp_path)
    first = next(line for line in process.stdout if line.startswith("violated: queue."))
    process.send_signal(number)
    status, out, err = finished(process)
    assert (status, err) == (128 + number, "")
    clause = first.split()[1]
    assert f"{clause} is violated by mutants.queues.queues:capacity_plus_one" in out
    assert "Note:     as first seen, because the run was interrupted" in out
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["run"]["complete"] is False
    assert {"clause": clause, "verdict": "violated"}.items() <= {
        key: value for each in report["results"] if each["clause"] == clause for key, value in each.items()
    }.items()


@pytest.mark.parametrize("workers", ["0", "1"])
def test_a_session_of_pytest_that_is_interrupted_tells_what_a_campaign_has_seen(workers, monkeypatch):
    monkeypatch.setitem(CALM, "PYTHONPATH", os.pathsep.join([str(TESTS), *filter(None, [CALM.get("PYTHONPATH")])]))
    words = ["-p", "support.interrupting", "-n", workers, *FORK, *FALSE, "--profile", "thorough"]
    status, out = pytest_on("--clause", "queue.*", *words, specs=("specs/queues/queues.py",))
    assert status == pytest.ExitCode.INTERRUPTED, out
    assert "violations seen in campaigns that were interrupted" in out
    assert " is violated by mutants.queues.queues:capacity_plus_one" in out


def test_progress_names_the_clause_at_work():
    """Its campaign may take a minute, and making a violation smaller as long as the user says."""
    watch = RunProgress(console(), 0)
    SessionReporter(watch, []).pytest_runtest_logstart(
        "specs/synchronization/locks.py::lock.made[fork]", ("specs/synchronization/locks.py", None, "")
    )
    (task,) = watch.progress.tasks
    assert Text.from_markup(task.description).plain == "lock.made[fork]"


def test_reporter_ends_the_run_after_an_interrupt_that_was_swallowed():
    """Ctrl-C may hit a library that makes another exception of it: nothing is recorded of that."""
    reporter = SessionReporter(RunProgress(console(), 0), [])
    reporter.interrupted = True
    with pytest.raises(KeyboardInterrupt):
        reporter.pytest_runtest_logreport(None)
    assert reporter.records == {}


DYING_CHILDREN = """
from conformance.implementation import Implementation
import multiprocessing

class Process(multiprocessing.get_context("fork").Process):
    def run(self):
        raise OSError("told by a child")

class Context(type(multiprocessing.get_context("fork"))):
    Process = Process

implementation = Implementation("dying", "multiprocessing", bind=lambda _: Context(), start_methods=("fork",))
"""


def test_run_shows_what_children_said_before_they_died(tmp_path):
    (tmp_path / "dying.py").write_text(DYING_CHILDREN)
    options = ("--adapter", tmp_path / "dying.py", "--clause", "process.exitcode.returned", "-n", "0", "--shrink", "0")
    status, out, _ = finished(command("run", *options))
    assert status == 1
    assert "Last lines of standard error:" in out
    assert "OSError: told by a child" in out
