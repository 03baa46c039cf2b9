"""What a session checks: the subjects and clauses that its options name, and the campaigns of this process."""

import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from conformance import bug_report, catalogue, deviations
from conformance.checking.findings import Findings
from conformance.driver import control
from conformance.driver.campaign import Campaign
from conformance.driver.stages import Stages
from conformance.driver.tolerance import Tolerance
from conformance.misuse import Misuse
from conformance.subjects.adapters import choose
from conformance.subjects.applicability import applies
from conformance.subjects.subject import Interpreter, Subject, Unusable, probe, subjects
from conformance.vocabulary.spec import Clause

if TYPE_CHECKING:
    from conformance.plugin.items import ClauseItem


@dataclass
class Plan:
    """What the options ask for, and the campaigns that have run in this process."""

    subjects: list[Subject]
    clauses: dict[str, Clause]
    known: tuple[deviations.Deviation, ...]
    campaigns: dict[tuple[str, Subject], Findings | Unusable] = field(default_factory=dict)
    budgets: dict[tuple[str, Subject], bug_report.Budget] = field(default_factory=dict)
    begun: dict[tuple[str, Subject], Campaign] = field(default_factory=dict)  # those of which a sample has run
    told: set[str] = field(default_factory=set)  # items whose violation has been reported
    at_work: "ClauseItem | None" = None
    stages: Stages = field(default_factory=Stages)
    tolerances: dict[tuple[str, Interpreter], Tolerance] = field(default_factory=dict)
    shown: dict[Subject, tuple[deviations.Deviation, ...]] = field(default_factory=dict)

    def known_of(self, subject: Subject) -> tuple[deviations.Deviation, ...]:
        """The known violations that concern a subject; cached, since each of thousands of items asks."""
        if subject not in self.shown:
            self.shown[subject] = tuple(each for each in self.known if each.concerns(subject))
        return self.shown[subject]


PLAN = pytest.StashKey[Plan]()


def plan(config: pytest.Config) -> Plan:
    """What to check. Raises UsageError, with one sentence, for options that make no sense."""
    if PLAN not in config.stash:
        try:
            config.stash[PLAN] = make_plan(vars(config.option), controlled=not hasattr(config, "workerinput"))
        except Misuse as error:
            raise pytest.UsageError(str(error)) from None
    return config.stash[PLAN]


def make_plan(options: Mapping[str, Any], controlled: bool = True) -> Plan:
    """Reads the options. Raises Unusable, UnknownClause or BrokenDeviations.

    If it is ``controlled``, a subject that cannot be checked at all is refused as well.
    """
    interpreters = asked(options)
    chosen = [s for interpreter in interpreters for s in subjects(interpreter, tuple(options["start_method"]))]
    known = deviations.load_all(deviations.places(options["deviations"]), catalogue.clauses())
    for one, other in combinations(dict.fromkeys(interpreters), 2):
        if str(one) == str(other):
            raise Unusable(f"{one.executable} and {other.executable} are both {one}: check them in two runs.")
    clauses = catalogue.select(options["clause"])
    for subject in dict.fromkeys(chosen) if controlled else ():
        control.require(subject, applying(clauses, subject.interpreter))
    return Plan(list(dict.fromkeys(chosen)), clauses, known)


def applying(clauses: Iterable[str], interpreter: Interpreter) -> list[str]:
    """Those of the clauses that apply."""
    specs = {name: catalogue.owner(name).spec for name in clauses}
    return [name for name, spec in specs.items() if applies(spec, spec.clauses[name], interpreter)]


def asked(options: Mapping[str, Any]) -> list[Interpreter]:
    """The interpreters with the implementation that the options name. Raises Unusable."""
    path = tuple(str(Path(p).resolve()) for p in options["implementation_path"])
    chosen = choose(options["implementation"], options["adapter"])
    return [probe(python, chosen, path) for python in options["python"] or [sys.executable]]
