"""A campaign: all runs of one spec on one subject, within a budget."""

import time
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import chain
from typing import Any

from conformance.catalogue import Entry
from conformance.checking.expectation import Expectation
from conformance.checking.findings import Findings, Unknown
from conformance.checking.script import Script, script_of
from conformance.driver.confirmation import confirm
from conformance.driver.profiles import SAMPLE, Profile
from conformance.driver.runs import Runs
from conformance.driver.shortage import REFUSALS, Short, Shortage, explain_refusal
from conformance.driver.stages import Stages
from conformance.driver.tolerance import Tolerance
from conformance.driver.wear import TOO_MANY, find_worn
from conformance.generation.composition import Composed, foresee, one_for_each
from conformance.generation.strategies import Scripts, arguments, compose_many, draw_many
from conformance.subjects.applicability import applies
from conformance.subjects.subject import Subject
from conformance.vocabulary.spec import Clause, Scenario, Stream

SEARCHES = 30  # times that pinned scripts are played again to see a known deviation that no replay has shown
SEVERAL = 3  # times that a sparing campaign looks for scripts that put a clause to the test


class Campaign:
    """The runs that a profile asks for, of one spec on one subject."""

    def __init__(
        self,
        entry: Entry,
        subject: Subject,
        profile: Profile,
        seed: int,
        peers: Collection[str] = (),
        stages: Stages | None = None,
        tolerance: Tolerance | None = None,
    ) -> None:
        self.subject, self.profile = subject, profile
        self.seed = zlib.crc32(f"{seed} {entry.spec.name}".encode())  # the same for every start method
        self.runs = Runs(entry, subject, peers, stages, tolerance)
        self.entry = self.runs.entry  # reduced to what applies to the subject
        self.avoided: frozenset[str] = frozenset()
        self.sought: frozenset[str] = frozenset()
        self.races: frozenset[str] = frozenset()  # clauses that are known to fail now and then
        self.seconds = 0.0  # that its runs have taken so far
        self.tried: dict[str, list[dict[str, Any]]] = {}  # arguments, by scenario

    @property
    def findings(self) -> Findings:
        """What the runs have shown so far."""
        return self.runs.findings

    def run(self, clauses: Collection[str], known: Iterable[Expectation] = ()) -> Findings:
        """Runs what the clauses need, then ends or hands on the stage. Raises Unusable if the subject cannot start."""
        started = time.monotonic()
        try:
            found = self.perform(clauses, known)
            self.runs.leave()
        finally:
            self.close()
            self.seconds += time.monotonic() - started
        return found

    def begin(self, clauses: Collection[str], known: Iterable[Expectation] = ()) -> Findings:
        """Runs a sample, which ``run`` does not repeat. Raises Unusable if the subject cannot start."""
        whole, self.profile = self.profile, SAMPLE
        try:
            return self.run(clauses, known)
        finally:
            self.profile = whole

    def perform(self, clauses: Collection[str], known: Iterable[Expectation] = ()) -> Findings:
        """Runs what the clauses need, on the current stage, if there is one, as far as the machine allows it."""
        try:
            self._perform(clauses, known)
        except Short as short:
            self._give_up(clauses, short.shortage, str(short))
        except REFUSALS as error:  # of ours: the driver needs processes and space as well
            shortage = explain_refusal(str(error) or type(error).__name__)
            if shortage is None:
                raise
            self._give_up(clauses, shortage, str(error))
        return self.findings

    def _give_up(self, clauses: Iterable[str], shortage: Shortage, why: str) -> None:
        """Says of what was not put to the test that the machine was short of something."""
        spec, on = self.entry.spec, self.subject.interpreter
        for name in clauses:
            if applies(spec, spec.clauses[name], on) and not self.findings.tested(name):
                self.findings.add(Unknown(name, f"{shortage}: {why}", short=shortage.resource))

    def _perform(self, clauses: Collection[str], known: Iterable[Expectation]) -> None:
        """Runs what the clauses need.

        What is ``known`` to deviate is replayed first. Once it has been seen, it is not searched for: no scenario of
        its clause is run, and few scripts lead there. What has not been seen is searched for like anything else.
        """
        spec, on = self.entry.spec, self.subject.interpreter
        wanted = {name: spec.clauses[name] for name in clauses if applies(spec, spec.clauses[name], on)}
        mine = [each for each in known if each.clause in spec.clauses]
        for each in mine:
            parts = self.findings.expected.setdefault(each.clause, [])
            parts += [each.observed] if each.observed not in parts else []
        kinds = {clause.kind for clause in wanted.values()}
        self.sought = self._sought(wanted)
        self.races = frozenset(each.clause for each in mine if not each.steady)
        confirmed = self._confirm([each for each in mine if each.clause in wanted])
        self._avoid(each.clause for each in mine if each.steady and confirmed.get(each.clause, True))
        if kinds & {"operation", "object"}:
            self._play_scripts()
            self._search([each for each in mine if each.clause in wanted])
        for stream in spec.streams.values() if "law" in kinds and self.profile.streams else ():
            self.runs.stream(stream, self._programs(stream))
        for name, scenario in spec.scenarios.items():
            if name in wanted and not confirmed.get(name):
                self._scenario(scenario)
        if reason := self.runs.tolerance.exhausted:
            unseen = {each.clause for each in mine if not each.seen_in(self.findings)}
            for name in wanted:
                if name in unseen or not self.findings.tested(name):
                    self.findings.add(Unknown(name, reason, not_run=True))

    def close(self) -> str:
        """Ends every process of the subject; returns its last lines of output."""
        return self.runs.close()

    def play(self, todo: list[Script]) -> None:
        """Plays scripts, except those that would only show again what has already been seen."""
        self.runs.play(todo, self._is_worn)

    def _confirm(self, known: Iterable[Expectation]) -> dict[str, bool]:
        """Replays what is known; returns for each clause whether all of it was seen."""
        confirmed: dict[str, bool] = {}
        for each in known:
            seen = confirm(self.runs, each, self.profile.patience)
            confirmed[each.clause] = confirmed.get(each.clause, True) and seen
        return confirmed

    def _avoid(self, clauses: Iterable[str]) -> None:
        """From now on, few scripts lead to these clauses: a script ends where a clause is violated."""
        self.avoided |= {slug_of(name) for name in clauses}

    def _play_scripts(self) -> None:
        """Plays pinned and composed scripts; instead of worn ones, it plays others that lead elsewhere."""
        spec = self.entry.spec
        pinned = [Composed(script, foresee(spec, script)) for script in self._pinned()]
        count = self.runs.afford(self.profile.scripts)
        if self.profile.sparing:
            self._play_few(pinned, self._composed(count, self.seed))
            return
        some = [*pinned * self.runs.afford(self.profile.pinned), *self._composed(count, self.seed)]
        near = [each.script for each in some if not self.sought or self.sought & each.leads_to]
        self._play_or_replace(near, count)
        if self.sought and self._unmet(self.sought):  # other calls may yet lead there, by overlapping
            self._play_or_replace([each.script for each in some if not self.sought & each.leads_to], count)

    def _play_few(self, *some: Iterable[Composed]) -> None:
        """Plays one script for each clause that is sought, and others for clauses that were not put to the test."""
        sought, played = self.sought or self._slugs_of_calls(), list[Composed]()
        for _ in range(SEVERAL):
            others = (each for each in chain(*some) if each not in played)
            chosen = one_for_each(others, self._unmet(sought))
            self.play([each.script for each in chosen])
            played += chosen

    def _play_or_replace(self, todo: list[Script], count: int) -> None:
        before = self.findings.runs
        self.play(todo)
        left = min(count, len(todo) - (self.findings.runs - before))
        if left > 0 and (worn := self._worn()):
            self._avoid(worn)
            others = self._composed(left, self.seed + 1)
            self.play([each.script for each in others if not self.sought or self.sought & each.leads_to])

    def _pinned(self) -> list[Script]:
        return [script_of(pinned) for pinned in self.entry.spec.pinned]

    def _composed(self, count: int, seed: int) -> Scripts:
        return compose_many(self.entry.spec, self.subject.interpreter.version, self.avoided, count, seed)

    def _sought(self, wanted: Mapping[str, Clause]) -> frozenset[str]:
        """The slugs of the clauses that scripts must lead to; none if any script will do."""
        some = frozenset(slug_of(name) for name, clause in wanted.items() if clause.kind == "operation")
        any_will_do = any(clause.kind == "object" for clause in wanted.values()) or some == self._slugs_of_calls()
        return frozenset() if any_will_do else some

    def _slugs_of_calls(self) -> frozenset[str]:
        """The slugs of all clauses that calls put to the test."""
        spec, on = self.entry.spec, self.subject.interpreter
        stated = {name: clause for name, clause in spec.clauses.items() if clause.kind == "operation"}
        return frozenset(slug_of(name) for name, clause in stated.items() if applies(spec, clause, on))

    def _unmet(self, slugs: Iterable[str]) -> frozenset[str]:
        """The subset of these clauses that have not been put to the test."""
        names = {slug: f"{self.entry.spec.name}.{slug}" for slug in slugs}
        return frozenset(slug for slug, name in names.items() if not self.findings.tested(name))

    def _search(self, known: Iterable[Expectation]) -> None:
        """Plays pinned scripts again, within limits, for what should have shown by now."""
        due = [each for each in known if self.findings.replays[each.key] >= (each.tries if each.witness else 0)]
        for _ in range(SEARCHES if self.entry.spec.pinned else 0):
            if all(each.seen_in(self.findings) for each in due):
                return
            self.play(self._pinned() * 4)

    def _worn(self) -> frozenset[str]:
        return find_worn(self.runs.failures, self.findings.exercised, self.races)

    def _is_worn(self, script: Script) -> bool:
        """Whether the script leads to a clause whose violations have been seen often enough: it would show no other."""
        worn = self._worn()
        if not worn or self.runs.failures.total() >= TOO_MANY:
            return bool(worn)
        return any(f"{self.entry.spec.name}.{slug}" in worn for slug in foresee(self.entry.spec, script))

    def _programs(self, stream: Stream) -> list[dict[str, Any]]:
        return draw_many(arguments(stream.domains), self.runs.afford(self.profile.streams), self.seed)

    def _scenario(self, scenario: Scenario) -> None:
        """Runs a scenario with several arguments, until it fails."""
        tried = self.tried.setdefault(scenario.clause.name, [])
        for drawn in self._arguments(scenario):
            if drawn in tried or self.runs.tolerance.exhausted:
                continue
            found = self.runs.scenario(scenario, drawn)
            tried.append(drawn)
            if found is not None:
                return

    def _arguments(self, scenario: Scenario) -> Iterator[dict[str, Any]]:
        if not scenario.domains:  # true of most: Hypothesis would take longer than the scenario
            yield {}
            return
        yield from draw_many(arguments(scenario.domains), self.profile.scenarios, self.seed)


def slug_of(clause: str) -> str:
    """A clause without the name of its spec."""
    return clause.partition(".")[2]
