"""The hunt for mutants: campaigns that end once a clause that a mutant breaks is seen broken."""

import importlib
import inspect
import itertools
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache
from typing import Any

from conformance import catalogue
from conformance.catalogue import Entry
from conformance.checking.findings import Violation
from conformance.checking.script import Script
from conformance.deviations import Deviation, load, own
from conformance.driver.campaign import Campaign, Profile
from conformance.generation.composition import foresee
from conformance.subjects.subject import Subject, probe
from support import subjects
from support.runs import TESTS

SMALL = Profile("small", scripts=48, pinned=3, streams=3, scenarios=2)
TRIES = 12  # seeds
OFTEN = 0.05  # of all replays: a race that shows less than that by itself is the mutant's, if it shows
KINDS = ({"scenario"}, {"law"}, {"object", "operation"})  # the cheapest first
VERSIONS = [(3, minor, 0) for minor in range(8, 16)]


def mutants() -> Iterator[tuple[str, Any]]:
    """All mutants: pairs of their address and class."""
    if str(TESTS) not in sys.path:
        sys.path.insert(0, str(TESTS))
    package = importlib.import_module("mutants")
    for path in sorted((TESTS / "mutants").rglob("[!_]*.py")):
        module = importlib.import_module(".".join(path.relative_to(TESTS).with_suffix("").parts))
        for name, value in vars(module).items():
            if inspect.isclass(value) and issubclass(value, package.Mutant) and value is not package.Mutant:
                yield f"{module.__name__}:{name}", value


MUTANTS = dict(mutants())
CLAUSES = catalogue.clauses()
DEVIATIONS = load(own(), CLAUSES)


def sample(asked: str) -> list[str]:
    """The addresses of the mutants that are run: all, or what the environment asks for, such as ``3/8``."""
    which, _, parts = asked.partition("/")
    first = commit() % int(parts) + 1 if which == "commit" else int(which or 1)
    return list(MUTANTS)[first - 1 :: int(parts or 1)]


def commit() -> int:
    """The hash of the commit, as a number; 0 where there is no git."""
    try:
        done = subprocess.run(["git", "rev-parse", "HEAD"], cwd=TESTS, capture_output=True, text=True)
    except OSError:
        return 0
    return int(done.stdout, 16) if done.returncode == 0 else 0


def subject(address: str, mutant: Any) -> Subject:
    """The mutant on this interpreter, by fork unless it says otherwise."""
    return subjects.subject(address, getattr(mutant, "start_method", "fork"))


def promised() -> set[str]:
    """The clauses that hold for the version of Python on which the mutants run."""
    version = probe(sys.executable).version
    return {name for name, clause in CLAUSES.items() if clause.promised_by(version)}


def fixed_later() -> set[str]:
    """The clauses that this version of Python breaks by itself, and a later one keeps."""
    return {deviation.clause for deviation in known() if deviation.until != Deviation.until}


@cache
def known(start_method: str = "fork") -> list[Deviation]:
    """What the real implementation breaks, too, on this interpreter."""
    return [d for d in DEVIATIONS if d.concerns(Subject(probe(sys.executable), start_method))]


def all_known(violations: Iterable[Violation], start_method: str) -> bool:
    """Whether the real implementation shows the same, so that it tells nothing about a mutant."""
    real = [d for d in known(start_method) if d.rate is None or d.rate.hits > d.rate.tries * OFTEN]
    return all(any(d.clause == v.clause and d.observed in v.observed for d in real) for v in violations)


class Hunt(Campaign):
    """A campaign that ends when it has seen all that it looks for: most mutants die of the first few scripts."""

    def __init__(self, entry: Entry, broken: Subject, seed: int, wanted: set[str]) -> None:
        # As many scripts of what is dear as of a lock, since most of them are not played.
        super().__init__(entry, broken, replace(SMALL, scripts=SMALL.scripts * entry.spec.cost), seed)
        self.wanted = wanted

    @property
    def missing(self) -> set[str]:
        """The clauses that were not seen broken, or only as the real implementation breaks them."""
        seen = self.findings.violated.items()
        return self.wanted - {name for name, each in seen if not all_known(each, self.subject.start_method)}

    def play(self, todo: list[Script]) -> None:
        """Plays what leads to something that is missing, and what does not only if that was not enough."""
        ahead = {id(script): self.foreseen(script) for script in todo}
        self.runs.play(todo, lambda script: not ahead[id(script)] & self.missing or self._is_worn(script))
        rest = [script for script in todo if not ahead[id(script)] & self.wanted]
        self.runs.play(rest, lambda script: not self.missing or self._is_worn(script))

    def foreseen(self, script: Script) -> set[str]:
        """The clauses that a script leads to; each needs an object, and processes that have it."""
        return {f"{self.entry.spec.name}.{slug}" for slug in ("made", "inherited", *foresee(self.entry.spec, script))}


def asked_for(clauses: set[str], kinds: set[str]) -> set[str]:
    """The clauses of some kinds. Every script makes an object: who asks for that, too, is offered all of them."""
    some = {name for name in clauses if CLAUSES[name].kind in kinds}
    return some | {name.partition(".")[0] + ".made" for name in some if CLAUSES[name].kind == "operation"}


def survived(broken: Subject, clauses: set[str]) -> set[str]:
    """Those of the clauses that were not seen broken, in so many tries; one stage serves them all, while it lives."""
    left = clauses
    last: Hunt | None = None
    specs = sorted({name.partition(".")[0] for name in clauses})
    try:
        for spec, seed in itertools.product(specs, range(TRIES)):
            if mine := {name for name in left if name.startswith(f"{spec}.")}:
                hunt = Hunt(catalogue.entry(spec), broken, seed, mine)
                last, hunt.runs.stage = hunt, last.runs.stage if last else None
                others = [d.expectation for d in known(broken.start_method) if d.clause not in mine]
                for kinds in KINDS:
                    hunt.perform(asked_for(mine, kinds), others)
                left = left - mine | hunt.missing
    finally:
        if last:
            last.close()
    return left
