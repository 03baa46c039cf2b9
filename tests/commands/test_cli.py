"""The command: errors in one sentence, and what it tells about clauses."""

import os
import sys

import pytest
from support.runs import TESTS, command, finished, main, refused
from support.subjects import OVERFILLS, implementation_options

from conformance import bug_report, catalogue
from conformance.commands import cli


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("run", "--clause", "queue.putt.*"), "No clause matches 'queue.putt.*'"),
        (("run", "--clause", "queue.made", "--clause", "nope"), "No clause matches 'nope'"),
        (("list", "nope.*"), "No clause matches 'nope.*'"),
        (("explain", "queue.nope"), "There is no clause 'queue.nope'"),
        (("explain", "queue.put.*"), "There is no clause 'queue.put.*'"),
        (("run", "--python", "python9.99"), "There is no interpreter 'python9.99'"),
        (("run", "--python", ""), "There is no interpreter ''"),
        (("run", "--python", os.devnull), f"There is no interpreter '{os.devnull}'"),
        (("run", "--python", TESTS), "There is no interpreter"),
        (("run", "--implementation", "no_such_package"), "No module named 'no_such_package'"),
        (("run", "--implementation", ""), "Empty module name"),
        (("run", "--implementation", "multiprocessing:nope"), "has no attribute 'nope'"),
        (("run", "--implementation", "json"), "has no attribute 'get_all_start_methods'"),
        (("run", "--implementation", "mutants.nope", "--implementation-path", TESTS), "No module named 'mutants.nope'"),
        (("run", "--start-method", "teleport"), "has no start method 'teleport'"),
        (("run", "--start-method", "fork", "--start-method", ""), "has no start method ''"),
        (("run", "-n", "many"), "-n takes a number of workers or 'auto', not 'many'"),
        (("run", "-n", "-1"), "not '-1'"),
        (("run", "-n", "\u00b2"), "-n takes a number"),
        (("run", "--deviations", "missing.toml"), "missing.toml cannot be read"),
        (("run", "--deviations", TESTS), "holds no deviations"),
        (("run", "--output", __file__), "The directory"),
        (("run", "--output", f"{__file__}/below"), "The directory"),
        (("run", "--adapter", sys.executable), "cannot be read"),
        (("results", "--directory", f"{__file__}/below"), "The directory"),
        (("deviations", "reproduce", "--reproducer-dir", f"{__file__}/below"), "The directory"),
    ],
)
def test_command_refuses_what_makes_no_sense_in_a_sentence(capsys, arguments, said):
    refused(main(capsys, *arguments), said)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("#!/bin/sh\nexit 0\n", "did not answer"),
        ("#!/bin/sh\necho hello\n", "did not answer"),
        ("#!/bin/sh\necho 17\n", "did not answer"),
        ("#!/bin/sh\necho one >&2; echo two >&2; exit 3\n", "one"),
        ("#!/bin/sh\nexit 3\n", "exit status 3"),
        ("#!/bin/sh\nprintf '\\377\\n'\n", "did not answer"),
        ("#!/bin/sh\nkill -9 $$\n", "killed by signal 9"),
        ("neither a script nor a program", "Exec format error"),
        ("#!/bin/sh\necho '[[3, 7, 17], \"CPython\"]'\n", "is CPython 3.7; subjects need Python 3.8 or newer"),
    ],
)
def test_run_refuses_a_file_that_is_not_an_interpreter_in_a_sentence(capsys, executable, text, said):
    path = executable(text)
    refused(main(capsys, "run", "--python", path), str(path), said)


def test_run_refuses_a_broken_deviations_file_in_a_sentence(capsys, tmp_path):
    (tmp_path / "broken.toml").write_text("[[deviation]]\nclause = 'queue.nope'\n")
    refused(main(capsys, "run", "--deviations", tmp_path / "broken.toml"), "Deviation 1 of")


@pytest.mark.parametrize(
    "arguments", [(), ("walk",), ("run", "--profile", "slow"), ("run", "--seed", "x"), ("explain",)]
)
def test_command_refuses_wrong_usage_in_a_sentence(capsys, arguments):
    with pytest.raises(SystemExit) as ended:
        cli.main(list(arguments))
    refused((ended.value.code, *capsys.readouterr()), " (see `mpconform ")


def test_list_has_all_clauses(capsys):
    status, out, err = main(capsys, "list")
    assert (status, err) == (0, "")
    named = [line.split()[0] for line in out.splitlines() if not line.startswith(" ")]
    assert named == list(catalogue.clauses())


def test_list_has_the_clauses_of_a_pattern(capsys):
    status, out, err = main(capsys, "list", "queue.put.*", "event.made")
    assert (status, err) == (0, "")
    assert [line.split()[:2] for line in out.splitlines() if "." in line.split()[0]] == [
        [name, "3.8"] for name in catalogue.select(["queue.put.*", "event.made"])
    ]
    assert "\x1b" not in out


@pytest.mark.parametrize(
    ("clause", "shown"),
    [
        ("queue.put.full", ["multiprocessing.Queue.put, since 3.8", "(specs/queues/queues.py)", "def put(q, me, obj"]),
        ("queue.made", ["multiprocessing.Queue, since 3.8", "class Queue(Frozen):"]),
        ("queue.order", ["over the histories of long programs", "def order_of_each_process(history):"]),
        ("queue.large", ["this scenario", "def large_objects_pass(mp"]),
        ("event.wait.waits", ["library/threading.html#threading.Event.wait", "def wait(", "yield"]),
        ("lifetime.daemon.ended", ['DAEMONIC = """', "signal.pause()", "program(DAEMONIC, "]),
        ("joinablequeue.put.full", ["multiprocessing.Queue.put", "def put(q, me, obj"]),
    ],
)
def test_explain_describes_a_clause_of_any_kind(capsys, clause, shown):
    status, out, err = main(capsys, "explain", clause)
    assert (status, err) == (0, "")
    assert out.startswith(f"{clause}\n")
    for part in [*shown, *catalogue.clauses()[clause].statement.split()]:
        assert part in out
    assert "\x1b" not in out


def test_explain_shows_the_doubt_about_a_clause(capsys):
    _, out, _ = main(capsys, "explain", "process.keywords.only")
    assert "\nDoubtful     keyword-only says how to call the constructor" in out
    assert "Doubtful" not in main(capsys, "explain", "process.keywords")[1]


def test_explain_shows_the_pinned_scripts_of_a_clause(capsys):
    _, out, _ = main(capsys, "explain", "lock.release.unlocked")
    assert "\nPinned       two processes release a lock at once that was acquired once: one of them must be" in out
    _, out, _ = main(capsys, "explain", "lock.protects")
    assert "Pinned" not in out


BROKEN = ("run", *implementation_options(OVERFILLS))
BROKEN += ("--start-method", "fork")


def test_run_reports_a_violation_although_shrinking_is_interrupted(capsys, monkeypatch):
    def interrupt(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(bug_report, "investigate", interrupt)
    status, out, _ = main(capsys, *BROKEN, "--clause", "queue.put.full", "--clause", "queue.put_nowait.*", "-n", "0")
    assert status == 130
    assert f"queue.put.full is violated by {OVERFILLS}" in out
    assert "Interrupted after 4 of 4 verdicts." in out


def test_run_with_workers_reports_what_they_found_and_shrank():
    status, out, err = finished(command(*BROKEN, "--clause", "queue.put_nowait.*", "-n", "1", "--shrink", "1"))
    assert (status, err) == (1, "")
    assert "3 verdicts: " in out
    assert "unknown" not in out
