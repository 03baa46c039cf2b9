"""Files of specs, whose items are clauses on subjects; the names and the groups of items."""

from collections.abc import Iterator

import pytest

from conformance import catalogue
from conformance.plugin.items import ClauseItem
from conformance.plugin.plan import plan
from conformance.subjects.subject import Subject


class SpecFile(pytest.File):
    """A file of specs."""

    def collect(self) -> Iterator[pytest.Item]:
        wanted = plan(self.config)
        stated = catalogue.stated(catalogue.module_of(self.path))
        mine = [(entry, name) for entry, name in stated if name in wanted.clauses]
        for subject in wanted.subjects if mine else ():
            label = short(subject, wanted.subjects)
            for entry, name in mine:
                yield ClauseItem.from_parent(self, name=f"{name}[{label}]", entry=entry, clause=name, subject=subject)


def short(subject: Subject, among: list[Subject]) -> str:
    """A short name for a subject: the start method, and the interpreter if there are several."""
    if len({s.interpreter for s in among}) == 1:
        return subject.start_method
    return f"{subject.interpreter.name}{'.'.join(map(str, subject.interpreter.version))}-{subject.start_method}"


def group_of(nodeid: str) -> str:
    """The group of an item, from its node id: ``specs/queues/queues.py::queue.put.full[fork]``."""
    name = nodeid.rpartition("::")[2]
    return f"{name.partition('.')[0]}[{name.partition('[')[2]}"
