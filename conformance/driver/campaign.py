"""A campaign: every kind of run of one spec on one subject, within a budget."""

import zlib
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from conformance.catalogue import Entry
from conformance.checking.verdict import Findings
from conformance.driver.composition import foresee
from conformance.driver.runs import Runs
from conformance.driver.strategies import arguments, draw_many, scripts
from conformance.driver.subject import Subject
from conformance.script import Script
from conformance.spec import Scenario, Stream

CONFIRMATIONS = 30  # times that pinned scripts are played again to see a known deviation
ENOUGH = 4  # failures of one clause, after which scripts that lead to it are not played any more
MORE_THAN_ENOUGH = 40  # failures of all clauses, after which no script is played any more


@dataclass(frozen=True)
class Profile:
    """How much is run: scripts of each spec, replays of pinned ones, streams, and scenarios."""

    name: str
    scripts: int
    pinned: int
    streams: int
    scenarios: int


QUICK = Profile("quick", scripts=240, pinned=8, streams=6, scenarios=3)
THOROUGH = Profile("thorough", scripts=4000, pinned=200, streams=60, scenarios=12)
PROFILES = {profile.name: profile for profile in (QUICK, THOROUGH)}


class Campaign:
    """The runs of one spec on one subject that a profile asks for."""

    def __init__(
        self, entry: Entry, subject: Subject, profile: Profile, seed: int, peers: Collection[str] = ()
    ) -> None:
        self.entry, self.subject, self.profile = entry, subject, profile
        self.seed = zlib.crc32(f"{seed} {entry.spec.name}".encode())  # the same for every start method
        self.runs = Runs(entry, subject, peers)
        self.deviant: Collection[str] = ()
        self.avoided: frozenset[str] = frozenset()

    @property
    def findings(self) -> Findings:
        """What the runs have shown so far."""
        return self.runs.findings

    def run(self, clauses: Collection[str], deviant: Collection[str] = (), avoided: Iterable[str] = ()) -> Findings:
        """Runs what the clauses need. Raises Unusable if the subject cannot start.

        Pinned scripts are played again, within limits, until every deviant clause was seen violated.
        Few of the other scripts lead to clauses that are ``avoided``: their end would come there.
        """
        version, self.deviant = self.subject.interpreter.version, deviant
        self.avoided = frozenset(name.partition(".")[2] for name in avoided if name in self.entry.spec.clauses)
        wanted = [self.entry.spec.clauses[c] for c in clauses]
        kinds = {clause.kind for clause in wanted if clause.promised_by(version)}
        try:
            if kinds & {"operation", "object"}:
                self.play(self._scripts())
                self._confirm([c.name for c in wanted if c.name in deviant and c.kind == "operation"])
            for stream in self.entry.spec.streams.values() if "law" in kinds else ():
                self.runs.stream(stream, self._programs(stream))
            for scenario in self.entry.spec.scenarios:
                if scenario.clause in wanted and scenario.clause.promised_by(version):
                    self._scenario(scenario)
        finally:
            self.close()
        return self.findings

    def close(self) -> str:
        """Ends every process of the subject; returns its last words."""
        return self.runs.close()

    def play(self, todo: list[Script]) -> None:
        """Plays scripts, but none that would only show again what is known."""
        self.runs.play(todo, self._worn)

    def _scripts(self) -> list[Script]:
        spec, version = self.entry.spec, self.subject.interpreter.version
        pinned = [Script(make, rounds) for make, rounds in spec.pinned] * self.runs.afford(self.profile.pinned)
        count = self.runs.afford(self.profile.scripts)
        return pinned + draw_many(scripts(spec, version, self.avoided), count, self.seed)

    def _confirm(self, deviant: Collection[str]) -> None:
        for _ in range(CONFIRMATIONS):
            if all(name in self.findings.violated for name in deviant):
                return
            self.play([Script(make, rounds) for make, rounds in self.entry.spec.pinned] * 4)

    def _worn(self, script: Script) -> bool:
        """Whether the script leads to a clause that is known to be broken: it would show nothing else."""
        news = {name: count for name, count in self.runs.failures.items() if name not in self.deviant}
        worn = {name for name, count in news.items() if count >= ENOUGH}
        if not worn or sum(news.values()) >= MORE_THAN_ENOUGH:
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
