"""The table of clauses by subject: one column a start method, or one an interpreter if there are several."""

from dataclasses import replace

from rich.console import Console

from conformance.checking.record import Record
from conformance.reporting.table import table
from conformance.reporting.terminal import inapplicable, unrun
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
    records = [
        replace(record(name, ONE, method, "not applicable"), message=why)
        for method in ("fork", "spawn")
        for name, why in [
            ("lock.locked", "CPython 3.8 does not promise this"),
            ("queue.put", "mine does not claim Queue"),
            ("queue.get", "mine does not claim Queue"),
            ("pool.map", "mine does not claim active_children, pool.Pool"),
        ]
    ]
    assert inapplicable([*records, record("lock.made", ONE, "fork")]) == [
        "not applicable, 3 clauses: mine does not claim Queue, active_children, pool.Pool",
        "not applicable, 1 clause: CPython 3.8 does not promise this",
    ]


def test_table_gives_the_reason_for_an_unfinished_class_once():
    why = "nothing more of this class was run: 3 calls could not be judged, the first for lock.made: silence"
    records = [
        replace(record(clause, ONE, method, "unknown"), message=f"{clause}: not known, because {why}\nAgain: ...")
        for clause in ("lock.acquire.takes", "lock.made")
        for method in ("fork", "spawn")
    ]
    assert unrun([*records, record("lock.locked.tells", ONE, "fork")]) == [f"unknown, 2 clauses: {why}"]
