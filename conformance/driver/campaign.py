"""A campaign: every kind of run of one spec on one subject, within a budget."""

import zlib
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from conformance.catalogue import Entry
from conformance.checking.verdict import Findings
from conformance.driver.applicability import applies
from conformance.driver.composition import foresee
from conformance.driver.confirmation import Expectation, confirm
from conformance.driver.runs import Runs
from conformance.driver.strategies import arguments, draw_many, scripts
from conformance.driver.subject import Subject
from conformance.script import Script
from conformance.spec import Scenario, Stream

SEARCHES = 30  # times that pinned scripts are played again to see a known deviation that no replay has shown
ENOUGH = 4  # failures of a clause that is broken more often than not, after which no script leads to it any more
PLENTY = 16  # failures of any clause, after which no script leads to it any more
TOO_MANY = 160  # failures of all clauses, after which no script is played any more


@dataclass(frozen=True)
class Profile:
    """How much is run: scripts of each spec, replays of pinned ones, streams, and scenarios.

    ``patience`` is how many seconds a known deviation is replayed, if it does not show.
    """

    name: str
    scripts: int
    pinned: int
    streams: int
    scenarios: int
    patience: float = 1.0


QUICK = Profile("quick", scripts=240, pinned=8, streams=6, scenarios=3)
THOROUGH = Profile("thorough", scripts=1200, pinned=40, streams=24, scenarios=9, patience=20.0)
PROFILES = {profile.name: profile for profile in (QUICK, THOROUGH)}


class Campaign:
    """The runs of one spec on one subject that a profile asks for."""

    def __init__(
        self, entry: Entry, subject: Subject, profile: Profile, seed: int, peers: Collection[str] = ()
    ) -> None:
        self.subject, self.profile = subject, profile
        self.seed = zlib.crc32(f"{seed} {entry.spec.name}".encode())  # the same for every start method
        self.runs = Runs(entry, subject, peers)
        self.entry = self.runs.entry  # with what applies to the subject
        self.avoided: frozenset[str] = frozenset()
        self.races: frozenset[str] = frozenset()  # clauses that are known to be broken now and then

    @property
    def findings(self) -> Findings:
        """What the runs have shown so far."""
        return self.runs.findings

    def run(self, clauses: Collection[str], known: Iterable[Expectation] = ()) -> Findings:
        """Runs what the clauses need, and ends the stage. Raises Unusable if the subject cannot start."""
        try:
            return self.perform(clauses, known)
        finally:
            self.close()

    def perform(self, clauses: Collection[str], known: Iterable[Expectation] = ()) -> Findings:
        """Runs what the clauses need, on the stage that there is, if there is one.

        What is ``known`` to deviate is replayed first. Once it was seen, it is not searched for: no scenario of its
        clause is run, and few scripts lead there. What was not seen is searched for like anything else.
        """
        spec, on = self.entry.spec, self.subject.interpreter
        wanted = {name: spec.clauses[name] for name in clauses if applies(spec, spec.clauses[name], on)}
        mine = [each for each in known if each.clause in spec.clauses]
        for each in mine:
            self.findings.expected.setdefault(each.clause, []).append(each.observed)
        kinds = {clause.kind for clause in wanted.values()}
        self.races = frozenset(each.clause for each in mine if not each.steady)
        confirmed = self._confirm([each for each in mine if each.clause in wanted])
        self._avoid(each.clause for each in mine if each.steady and confirmed.get(each.clause, True))
        if kinds & {"operation", "object"}:
            self._play_scripts()
            self._search([each for each in mine if each.clause in wanted])
        for stream in spec.streams.values() if "law" in kinds else ():
            self.runs.stream(stream, self._programs(stream))
        for scenario in spec.scenarios:
            if scenario.clause.name in wanted and not confirmed.get(scenario.clause.name):
                self._scenario(scenario)
        return self.findings

    def close(self) -> str:
        """Ends every process of the subject; returns its last words."""
        return self.runs.close()

    def play(self, todo: list[Script]) -> None:
        """Plays scripts, but none that would only show again what has been seen."""
        self.runs.play(todo, self._is_worn)

    def _confirm(self, known: Iterable[Expectation]) -> dict[str, bool]:
        """Replays what is known, and tells for each clause whether all of it was seen."""
        confirmed: dict[str, bool] = {}
        for each in known:
            seen = confirm(self.runs, each, self.profile.patience)
            confirmed[each.clause] = confirmed.get(each.clause, True) and seen
        return confirmed

    def _avoid(self, clauses: Iterable[str]) -> None:
        """From now on few scripts lead to these clauses: their end would come there."""
        self.avoided |= {name.partition(".")[2] for name in clauses}

    def _play_scripts(self) -> None:
        """Plays pinned and composed scripts; in the place of those that were worn, others that lead elsewhere."""
        pinned = [Script(make, rounds) for make, rounds in self.entry.spec.pinned]
        count, before = self.runs.afford(self.profile.scripts), self.findings.runs
        todo = pinned * self.runs.afford(self.profile.pinned) + self._composed(count, self.seed)
        self.play(todo)
        left = min(count, len(todo) - (self.findings.runs - before))
        if left > 0 and (worn := self._worn()):
            self._avoid(worn)
            self.play(self._composed(left, self.seed + 1))

    def _composed(self, count: int, seed: int) -> list[Script]:
        spec, version = self.entry.spec, self.subject.interpreter.version
        return draw_many(scripts(spec, version, self.avoided), count, seed)

    def _search(self, known: Iterable[Expectation]) -> None:
        """Plays pinned scripts again, within limits, for what should have shown by now."""
        due = [each for each in known if self.findings.replays[each.key] >= (each.tries if each.witness else 0)]
        for _ in range(SEARCHES if self.entry.spec.pinned else 0):
            if all(each.seen_in(self.findings) for each in due):
                return
            self.play([Script(make, rounds) for make, rounds in self.entry.spec.pinned] * 4)

    def _worn(self) -> frozenset[str]:
        """The clauses that have been seen broken often enough."""
        exercised = self.findings.exercised
        return frozenset(
            name
            for name, count in self.runs.failures.items()
            if name not in self.races and (count >= PLENTY or count >= max(ENOUGH, exercised[name] + 1))
        )

    def _is_worn(self, script: Script) -> bool:
        """Whether the script leads to a clause that has been seen broken often enough: it would show nothing else."""
        worn = self._worn()
        if not worn or self.runs.failures.total() >= TOO_MANY:
            return bool(worn)
        return any(f"{self.entry.spec.name}.{slug}" in worn for slug in foresee(self.entry.spec, script))

    def _programs(self, stream: Stream) -> list[dict[str, Any]]:
        return draw_many(arguments(stream.domains), self.runs.afford(self.profile.streams), self.seed)

    def _scenario(self, scenario: Scenario) -> None:
        """Runs a scenario with several arguments, until it fails."""
        for drawn in self._arguments(scenario):
            if self.runs.scenario(scenario, drawn) is not None:
                return

    def _arguments(self, scenario: Scenario) -> Iterator[dict[str, Any]]:
        seen = []
        for drawn in draw_many(arguments(scenario.domains), self.profile.scenarios, self.seed):
            if drawn not in seen:
                seen.append(drawn)
                yield drawn
