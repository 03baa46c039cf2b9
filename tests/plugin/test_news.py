"""What a run tells before its end, where its time went, and how it stops at the first violation."""

import io
import json
from types import SimpleNamespace

import jsonschema
import pytest
from rich.console import Console
from support.runs import command, finished
from support.subjects import OVERFILLS, implementation_options

from conformance.commands import run
from conformance.plugin.plan import Plan
from conformance.reporting import costs, report
from conformance.reporting.costs import Cost

BROKEN = implementation_options(OVERFILLS)
FEW = ("--start-method", "fork", "--start-method", "spawn", "--profile", "sample", "--shrink", "0", "-n", "0")


ALONE = ("--clause", "queue.put.*")
AMONG_OTHERS = (*ALONE, "--clause", "[ler]*.made")  # so many that a sample of each comes first


@pytest.fixture(scope="module", params=[ALONE, AMONG_OTHERS], ids=["alone", "among others"])
def stopped(request, tmp_path_factory):
    """Exit status, lines and report of a run that stops at the first violation."""
    output = tmp_path_factory.mktemp("stopped")
    told = command("run", "-x", *request.param, *BROKEN, *FEW, "--output", output)
    status, out, err = finished(told)
    assert err == ""
    return status, out.splitlines(), json.loads((output / "report.json").read_text())


def test_run_reports_a_violation_when_it_is_seen(stopped):
    _, (introduction, first, *_), _ = stopped
    assert introduction.startswith("Checking ")
    assert first.startswith("violated: queue.put.")
    assert f" on {OVERFILLS} / " in first
    assert "put(" in first


def test_run_reports_each_clause_of_a_subject_once(stopped):
    _, lines, _ = stopped
    told = [line.partition(" / fork:")[0] for line in lines if line.startswith("violated: ") and "/ fork:" in line]
    assert len(told) == len(set(told)) > 0


def test_run_stops_at_the_first_unexpected_verdict(stopped):
    status, lines, document = stopped
    assert status == 1
    assert lines[-1].startswith("Stopped after ")
    assert {result["subject"].rpartition(" / ")[2] for result in document["results"]} == {"fork"}
    assert not document["run"]["complete"]


def test_durations_shows_the_time_of_each_campaign(tmp_path):
    status, out, _ = finished(command("run", "--clause", "lock.made", *FEW, "--durations", "1", "--output", tmp_path))
    assert status == 0
    assert [line.split()[0] for line in out.splitlines()[-4:-1]] == ["campaign", "lock", "2"]
    assert out.splitlines()[-1] == "2 verdicts, all as expected."
    document = json.loads((tmp_path / "report.json").read_text())
    campaign, _ = document["campaigns"]
    assert campaign["spec"] == "lock"
    assert campaign["seconds"] > 0
    assert campaign["runs"] > 0
    jsonschema.validate(document, json.loads(report.SCHEMA.read_text()))


def test_durations_shows_the_longest_campaigns_first():
    out = Console(width=100, record=True, file=io.StringIO())
    costs.show(out, [Cost("lock", "one", 0.5, 3), Cost("queue", "one", 2.0, 7), Cost("event", "one", 1.0, 5)], 2)
    lines = [line.split() for line in out.export_text().splitlines()]
    assert lines == [
        ["campaign", "subject", "seconds", "runs"],
        ["queue", "one", "2.00", "7"],
        ["event", "one", "1.00", "5"],
        ["3", "campaigns", "took", "3.5", "s"],
    ]


def plan(*clauses):
    """What to check: these clauses of no subject."""
    return Plan([], dict.fromkeys(clauses), ())


def test_count_workers_starts_none_for_one_class(monkeypatch):
    monkeypatch.setattr(run, "os", SimpleNamespace(sched_getaffinity=lambda pid: range(8)))
    assert run.count_workers("auto", plan("queue.put.full", "queue.get.takes")) == 0
    assert run.count_workers("auto", plan("queue.put.full", "lock.made")) == 2
    assert run.count_workers("auto", plan(*(f"spec{number}.made" for number in range(20)))) == 8
    assert run.count_workers("3", plan("queue.put.full")) == 3
