"""``mpconform smoke``: what works of an implementation, within seconds, in plain text where no terminal is."""

import io
import sys
from contextlib import closing
from dataclasses import replace

import pytest
from support.runs import TESTS, command, finished

from conformance import catalogue
from conformance.commands.smoke import Trial, chosen, obstacle_of
from conformance.reporting.smoke import Board
from conformance.reporting.terminal import Output
from conformance.subjects.adapters import choose
from conformance.subjects.subject import Subject, Unusable, probe


def test_smoke_reports_what_works():
    status, out, err = finished(command("smoke", "--implementation", "multiprocessing.dummy"))
    assert (status, err) == (0, "")
    assert "\x1b" not in out
    lines = [line.split() for line in out.splitlines()]
    (elsewhere,) = [line for line in out.splitlines() if line.startswith("not applicable: ")]
    assert {"process (Process.run is not claimed)", "queue (Queue is not claimed)"} <= set(
        elsewhere.partition(": ")[2].split(", ")
    )
    assert ["start", "methods", "threads"] in lines
    assert ["capability", "3", "hold"] in lines
    assert any(line[:1] == ["dummylock"] and line[-1] == "hold" for line in lines)


def test_smoke_reports_what_fails_in_a_line_and_in_its_exit_status():
    options = ("--adapter", TESTS / "partial/adapter.py", "--implementation-path", TESTS)
    status, out, err = finished(command("smoke", *options))
    assert (status, err) == (1, "")
    assert "violated: capability.barrier [fork] multiprocessing.Barrier is claimed, and is not there" in out
    assert "violated: barrier.made [fork] raised AttributeError" in out
    assert "Traceback" not in out
    assert "also has what it does not claim: Lock" in out


def test_smoke_refuses_a_missing_package_in_a_sentence():
    status, out, err = finished(command("smoke", "--implementation", "no_such_package"))
    assert (status, out) == (2, "")
    assert "cannot import no_such_package: No module named 'no_such_package'. There are adapters for " in err


def test_smoke_tells_what_fails_of_clauses_that_it_has_not_chosen():
    """Scripts lead to calls of which the first clauses say nothing."""
    broken = probe(sys.executable, "support.faults:cannot_get", (str(TESTS),))
    entry = catalogue.entry("queue")
    with closing(Trial(Subject(broken, "fork"), ())) as trial:
        records = trial.records(entry)
    unchosen = [record for record in records if record.clause not in chosen(entry, broken)]
    assert any(r.verdict == "violated" and r.clause.startswith("queue.get.") for r in unchosen), records


def test_a_spec_is_not_applicable_only_if_no_clause_applies():
    partly = probe(sys.executable, choose(None, str(TESTS / "partial/adapter.py")), (str(TESTS),))
    assert obstacle_of(catalogue.entry("queue"), partly) == "Queue is not claimed"
    some = replace(partly, provides=partly.provides | {"Queue"}, lacks=frozenset(["Queue.put"]))
    assert obstacle_of(catalogue.entry("queue"), some) == ""
    out = Output(file=io.StringIO(), width=80)
    with Board(out, ["fork"]) as board:
        board.note("queue", [[]], "")
        board.note("lock", [[]], "Lock is not claimed")
    assert "queue  not tried" in out.file.getvalue()
    assert "not applicable: lock (Lock is not claimed)" in out.file.getvalue()


def test_a_program_may_have_nothing_but_what_is_claimed(tmp_path):
    """A library of pools alone has no Process for programs."""
    (tmp_path / "pools.py").write_text("from multiprocessing import Pool, Process\nclass API: Pool = Pool")
    source = """
import multiprocessing
from conformance.implementation import Implementation

implementation = Implementation(
    "pools", package="pools", provides=frozenset([{claimed!r}]), borrows=frozenset(["Process"]),
    bind=multiprocessing.get_context, start_methods=("fork",), program="from pools import API as mp",
)
"""
    (tmp_path / "adapter.py").write_text(source.format(claimed="pool.Pool"))
    assert probe(sys.executable, choose(None, str(tmp_path / "adapter.py")), (str(tmp_path),)).importable
    (tmp_path / "whole.py").write_text(source.format(claimed="Process"))
    with pytest.raises(Unusable, match="has no attribute 'Process'"):
        probe(sys.executable, choose(None, str(tmp_path / "whole.py")), (str(tmp_path),))
