"""The table of clauses by subject: one column a start method, or one an interpreter if there are several."""

import io
from dataclasses import replace

import pytest
from rich.console import Console

from conformance.checking.record import Record
from conformance.reporting.summary import inapplicable, is_first, shortages, unrun
from conformance.reporting.table import table
from conformance.reporting.terminal import print_table
from conformance.subjects.subject import Interpreter, Subject

ONE = Interpreter("/python", "multiprocessing", (3, 13, 1), "CPython", ("fork", "spawn"))
OTHER = replace(ONE, version=(3, 11, 2), name="PyPy")


def shown(records, interpreters, everything=False):
    """The table's cells, row by row."""
    subjects = [Subject(interpreter, method) for interpreter in interpreters for method in ("fork", "spawn")]
    grid = table(records, subjects, everything)
    texts = [[str(cell) for cell in column.cells] for column in grid.columns]
    assert Console(width=120).measure(grid).maximum <= 120
    return [[str(column.header) for column in grid.columns], *map(list, zip(*texts, strict=True))]


def record(clause, interpreter, method, verdict="holds", exercised=1, times=0):
    return Record(clause, str(Subject(interpreter, method)), verdict, exercised, times)


def test_table_has_a_column_for_each_start_method_of_one_interpreter():
    records = [record("lock.made", ONE, "fork"), record("lock.made", ONE, "spawn", exercised=5)]
    assert shown(records, [ONE]) == [["clause", "fork", "spawn"], ["lock: all 1", "holds (1)", "holds (5)"]]


def test_table_has_a_column_for_each_of_several_interpreters():
    records = [record("lock.made", each, method) for each in (ONE, OTHER) for method in ("fork", "spawn")]
    expected = [["clause", "CPython 3.13.1", "PyPy 3.11.2"], ["lock.made", "holds (1)", "holds (1)"]]
    assert shown(records, [ONE, OTHER], everything=True) == expected


def test_table_cell_separates_start_methods_that_differ():
    records = [
        record("lock.made", ONE, "fork", "violated", 3, 2),
        record("lock.made", ONE, "spawn", exercised=7),
        record("lock.made", OTHER, "fork", "deviation", 3, 2),
        record("lock.made", OTHER, "spawn", "deviation", 3, 6),
    ]
    rows = shown(records, [ONE, OTHER])
    assert rows[1] == ["lock.made", "fork: violated (2)\nspawn: holds (7)", "deviation (2 to 6)"]


def test_table_folds_a_class_that_holds_and_shows_others_first():
    records = [record(name, ONE, method) for name in ("lock.made", "lock.inherited") for method in ("fork", "spawn")]
    records += [record("lock.locked", ONE, method, "not applicable", 0) for method in ("fork", "spawn")]
    names = [row[0] for row in shown(records, [ONE])]
    assert names == ["clause", "lock.locked", "lock: other 2"]


def test_table_gives_each_reason_for_not_applicable_one_line():
    mine = replace(ONE, implementation="mine")
    records = [
        replace(record(name, mine, method, "not applicable"), reason=why, missing=missing)
        for method in ("fork", "spawn")
        for name, why, missing in [
            ("lock.locked", "CPython 3.8 does not promise this", []),
            ("queue.put", "one reason", ["Queue"]),
            ("queue.get", "one reason", ["Queue"]),
            ("pool.map", "another reason", ["active_children", "pool.Pool"]),
        ]
    ]
    subjects = [Subject(mine, method) for method in ("fork", "spawn")]
    assert inapplicable([*records, record("lock.made", ONE, "fork")], subjects) == [
        "not applicable, 3 clauses: mine does not claim Queue, active_children, pool.Pool",
        "not applicable, 1 clause: CPython 3.8 does not promise this",
    ]


def test_table_gives_the_reason_for_an_unfinished_class_once():
    why = "nothing more of this class was run: 3 calls could not be judged, the first for lock.made: silence"
    records = [
        replace(record(clause, ONE, method, "unknown"), message="for people", reason=why, not_run=True)
        for clause in ("lock.acquire.takes", "lock.made")
        for method in ("fork", "spawn")
    ]
    others = [replace(record("lock.locked.tells", ONE, "fork", "unknown"), message=why, reason="silence")]
    assert unrun([*records, *others]) == [f"unknown, 2 clauses: {why}"]


@pytest.mark.parametrize("width", [20, 40, 52, 60, 80])
def test_print_table_loses_nothing_on_a_narrow_terminal(width):
    records = [
        record("sharedmemory.track.off-attached", ONE, "fork", "unexpected pass", 3, 2),
        record("sharedmemory.track.off-attached", ONE, "spawn", "deviation", 3, 2),
        record("queue.made", ONE, "fork"),
        record("queue.made", ONE, "spawn"),
    ]
    found = []
    for columns in (width, 120):
        out = Console(width=columns, record=True, file=io.StringIO())
        print_table(out, table(records, [Subject(ONE, "fork"), Subject(ONE, "spawn")], False))
        found.append(sorted(out.export_text().split()))
    assert found[0] == found[1]
    assert "deviation" in found[0]


def test_table_says_in_a_line_what_the_machine_was_short_of_and_explains_it_once():
    records = [
        replace(record(clause, ONE, method, "unknown"), short="processes")
        for clause in ("lock.acquire.takes", "lock.made")
        for method in ("fork", "spawn")
    ]
    records.append(replace(record("array.made", ONE, "fork", "unknown"), short="memory"))
    others = [record("lock.locked.tells", ONE, "fork"), record("queue.made", ONE, "fork", "unknown")]
    assert shortages([*records, *others]) == [
        "the machine was short of processes: 2 clauses unknown",
        "the machine was short of memory: 1 clause unknown",
    ]
    told = [each for each in [*records, *others] if is_first(each, records)]
    assert told == [records[0], records[-1], *others]
