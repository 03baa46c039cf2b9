"""Results are made of reports, tell what was seen, and hold nothing of the machine."""

import json
from dataclasses import replace

import pytest
from support.runs import TOP

from conformance import catalogue, deviations
from conformance.checking.record import Record
from conformance.commands import cli
from conformance.reporting import report, results
from conformance.subjects.subject import Interpreter, Subject

OLD = Interpreter("/secret/bin/python3.8", "multiprocessing", (3, 8, 18), "CPython", ("fork", "spawn"))
NEW = replace(OLD, executable="/secret/bin/python3.15", version=(3, 15, 2))
FACTS = {"profile": "thorough", "seed": 0, "seconds": 9.0, "complete": True}
SHOWN = ("event.wait.waits", "event.wait.expires")
FIXED = "process.exitcode.exit-none"  # in 3.9


def made(interpreter: Interpreter, *deviant: str) -> dict:
    """A report of two start methods on which some clauses deviate and one holds."""
    on = [Subject(interpreter, method) for method in interpreter.start_methods]
    details = {"observed": "returned False", "evidence": "File /secret/place.py"}
    records = [Record(name, str(s), "deviation", 5, 2, "/secret", details) for s in on for name in deviant]
    records += [Record("queue.put.full", str(s), "holds", 7) for s in on]
    return report.document(records, on, FACTS)


def known():
    return deviations.load(deviations.own(), catalogue.clauses())


def test_sightings_join_clauses_of_one_cause():
    (found,) = results.sightings([made(NEW, *SHOWN)], known())
    assert found.clauses == SHOWN
    ((interpreter, methods),) = found.seen.items()
    assert (interpreter.version, methods) == (NEW.version, ("fork", "spawn"))
    assert found.issue == "[gh-95826](https://github.com/python/cpython/issues/95826)"


@pytest.mark.parametrize(("entry", "doubt"), [("", "keyword-only says how"), ("it is meant", "it is meant")])
def test_page_shows_the_doubt_of_an_entry_or_else_of_its_clause(entry, doubt):
    clause = "process.keywords.only"
    doubted = [replace(d, implementations=(), doubt=entry) for d in known() if d.clause == clause][:1]
    assert f"**Doubtful:** {doubt}" in results.page([made(NEW, clause)], doubted, {})


def test_page_separates_deviations_of_older_versions():
    page = results.page([made(OLD, FIXED), made(NEW, *SHOWN)], known(), {})
    current, older = page.split("## Deviations of older versions only")
    assert SHOWN[0] in current
    assert FIXED not in current
    assert FIXED in older
    assert "| multiprocessing / CPython 3.8.18 | fork, spawn | 1 | 1 | 0 | 0 | 0 | 0 | thorough |" in current


def test_page_names_start_methods_if_not_all_deviate():
    one = made(NEW, *SHOWN)
    one["results"] = [r for r in one["results"] if r["verdict"] != "deviation" or r["subject"].endswith("spawn")]
    assert "CPython 3.15.2 (spawn)" in results.page([one], known(), {})


def versions(*minors):
    return [Interpreter("python", "multiprocessing", (3, minor, 1), "CPython", ("fork", "spawn")) for minor in minors]


def test_describe_runs_joins_neighboring_versions_only():
    old, middle, later, new = versions(8, 11, 13, 15)
    methods = ("fork", "spawn")
    seen = {old: methods, later: methods, new: methods}
    assert list(results.describe_runs(seen, (old, middle, later, new))) == ["CPython 3.8.1", "CPython 3.13.1 to 3.15.1"]
    seen = {old: ("fork",), middle: ("fork",), later: methods}
    assert list(results.describe_runs(seen, (old, middle, later))) == [
        "CPython 3.8.1 to 3.11.1 (fork)",
        "CPython 3.13.1",
    ]


def test_page_begins_with_the_newest_cpython_and_folds_libraries():
    library = replace(OLD, implementation="billiard", release="4.3.2")
    page = results.page([made(library, *SHOWN), made(OLD, *SHOWN), made(NEW, *SHOWN)], known(), {})
    assert page.index("| multiprocessing / CPython 3.15.2 |") < page.index("| multiprocessing / CPython 3.8.18 |")
    assert "## Deviations of CPython 3.15.2" in page
    assert "- [Deviations of CPython 3.15.2](#deviations-of-cpython-3152): 1" in page


@pytest.mark.parametrize(
    ("issue", "address"),
    [
        ("bpo-30595", "https://bugs.python.org/issue30595"),
        ("celery/billiard#238", "https://github.com/celery/billiard/issues/238"),
    ],
)
def test_sightings_link_issues_of_any_tracker(issue, address):
    (found,) = results.sightings([made(NEW, *SHOWN)], [replace(d, issue=issue) for d in known()])
    assert found.issue == f"[{issue}]({address})"


def test_page_lists_what_an_adapter_does_not_claim():
    loky = made(replace(NEW, implementation="loky"))
    for result in loky["results"]:
        result.update(verdict="not applicable", message="loky does not claim cpu_count, Queue.elsewhere")
    assert results.unclaimed([results.trimmed(loky)]) == {"loky": ["cpu_count"]}
    assert "- loky: cpu_count\n" in results.page([loky], (), {})


def test_page_links_reproducers():
    page = results.page(
        [made(NEW, *SHOWN)], known(), {"event_wait_waits.py": "results/reproducers/event_wait_waits.py"}
    )
    assert "[event_wait_waits.py](results/reproducers/event_wait_waits.py)" in page


def test_page_lists_violations_without_an_entry():
    broken = made(NEW)
    broken["results"][0]["verdict"] = "violated"
    assert "- violated: `queue.put.full` on multiprocessing / CPython 3.15.2 / fork" in results.page([broken], (), {})


def test_results_command_keeps_reports_without_facts_of_the_machine(tmp_path, capsys):
    source = tmp_path / "report.json"
    report.write(source, made(NEW, *SHOWN))
    kept = tmp_path / "results"
    assert cli.main(["results", str(source), "--directory", str(kept)]) == 0
    assert (tmp_path / "RESULTS.md").read_text().startswith("# Results")
    (file,) = kept.glob("*.json")
    assert file.name == "cpython3.15.json"
    assert "/secret" not in file.read_text()
    assert results.load(file)["results"][0]["details"] == {"observed": "returned False"}


BROKEN = ["{", "[]", *(json.dumps({"schema": each}) for each in (99, 2, 1, 0, True, "1", [1], None))]


@pytest.mark.parametrize("content", BROKEN)
def test_results_command_refuses_what_is_not_a_report(tmp_path, capsys, content):
    path = tmp_path / "report.json"
    path.write_text(content)
    assert cli.main(["results", str(path), "--directory", str(tmp_path / "results")]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_load_refuses_a_report_of_a_newer_schema(tmp_path):
    path = tmp_path / "report.json"
    report.write(path, {**made(NEW), "schema": report.SCHEMA_VERSION + 1})
    with pytest.raises(results.BrokenReport, match=r"has schema 3, and no report newer than schema 2 can be read\.$"):
        results.load(path)


def test_results_page_of_this_repository_is_up_to_date():
    """RESULTS.md is made of the reports beside it."""
    top = TOP
    from conformance.commands.results import highlights, scripts

    reports = [results.load(path) for path in sorted((top / "results").glob("*.json"))]
    assert reports
    page = results.page(reports, known(), scripts(top / "results"), highlights(top / "results"))
    assert (top / "RESULTS.md").read_text() == page


def test_reproducers_of_entries_exist():
    directory = TOP / "results" / "reproducers"
    assert [d.clause for d in known() if d.reproducer and not (directory / d.reproducer).is_file()] == []
