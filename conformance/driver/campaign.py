"""A campaign: every kind of run of one spec on one subject, within a budget."""

import zlib
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from conformance.catalogue import Entry
from conformance.checking.verdict import Findings, Unknown, Violation
from conformance.driver import streams
from conformance.driver.applicability import applicable, applies
from conformance.driver.composition import foresee
from conformance.driver.crew import Asleep, Crew, Ended, Silent, Uninherited, Unmade
from conformance.driver.play import Found, Play
from conformance.driver.stage import Stage
from conformance.driver.strategies import arguments, draw_many, scripts
from conformance.driver.subject import Subject
from conformance.script import Script
from conformance.spec import Scenario, Stream

CONFIRMATIONS = 30  # times that pinned scripts are played again to see a known deviation
STOCK = 200  # objects of one crew, at most
SPARE = 56  # descriptors that a process needs for other things than objects
FORKSERVER_LIMIT = 256  # descriptors that forkserver passes to a child
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


def stock_size(start_method: str) -> int:
    """How many objects a crew gets; an object has two descriptors, or fewer."""
    try:
        import resource

        limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    except ImportError:  # Windows counts otherwise
        limit = 512
    limit = min(limit, FORKSERVER_LIMIT) if start_method == "forkserver" else limit
    return max(1, min(STOCK, (limit - SPARE) // 2)) if limit > 0 else STOCK


class Campaign:
    """The runs of one spec on one subject. The stage is replaced whenever the subject fails."""

    def __init__(
        self, entry: Entry, subject: Subject, profile: Profile, seed: int, peers: Collection[str] = ()
    ) -> None:
        self.entry, self.subject = applicable(entry, subject.interpreter), subject
        self.profile, self.peers = profile, peers
        self.seed = zlib.crc32(f"{seed} {entry.spec.name}".encode())  # the same for every start method
        self.stage: Stage | None = None
        self.findings = Findings()
        self.deviant: Collection[str] = ()
        self.avoided: frozenset[str] = frozenset()
        self.failures: Counter[str] = Counter()  # by clause

    def run(self, clauses: Collection[str], deviant: Collection[str] = (), avoided: Iterable[str] = ()) -> Findings:
        """Runs what the clauses need, and ends the stage. Raises Unusable if the subject cannot start."""
        try:
            return self.perform(clauses, deviant, avoided)
        finally:
            self.close()

    def perform(self, clauses: Collection[str], deviant: Collection[str] = (), avoided: Iterable[str] = ()) -> Findings:
        """Runs what the clauses need, on the stage that there is, if there is one.

        Pinned scripts are played again, within limits, until every deviant clause was seen violated.
        Few of the other scripts lead to clauses that are ``avoided``: their end would come there.
        """
        self.deviant = deviant
        self.avoided = frozenset(name.partition(".")[2] for name in avoided if name in self.entry.spec.clauses)
        spec = self.entry.spec
        wanted = [spec.clauses[c] for c in clauses if applies(spec, spec.clauses[c], self.subject.interpreter)]
        kinds = {clause.kind for clause in wanted}
        if kinds & {"operation", "object"}:
            self.play(self._scripts())
            self._confirm([c.name for c in wanted if c.name in deviant and c.kind == "operation"])
        for stream in spec.streams.values() if "law" in kinds else ():
            self._stream(stream)
        for scenario in spec.scenarios:
            if scenario.clause in wanted:
                self._scenario(scenario)
        return self.findings

    def _open(self) -> Stage:
        if self.stage is None:
            self.stage = Stage(self.subject, self.peers)
        return self.stage

    def close(self) -> str:
        stage, self.stage = self.stage, None
        return stage.close() if stage else ""

    def _scripts(self) -> list[Script]:
        spec, version = self.entry.spec, self.subject.interpreter.version
        pinned = [Script(make, rounds) for make, rounds in spec.pinned] * self._afford(self.profile.pinned)
        return pinned + draw_many(scripts(spec, version, self.avoided), self._afford(self.profile.scripts), self.seed)

    def _afford(self, count: int) -> int:
        """How many scripts or objects there are of what costs more than a lock."""
        return max(1, count // self.entry.spec.cost) if count else 0

    def _confirm(self, deviant: Collection[str]) -> None:
        for _ in range(CONFIRMATIONS):
            if all(name in self.findings.violated for name in deviant):
                return
            self.play([Script(make, rounds) for make, rounds in self.entry.spec.pinned] * 4)

    def play(self, todo: list[Script]) -> None:
        """Plays the scripts, a stock at a time; what was not played goes to the next crew."""
        stock = self._afford(stock_size(self.subject.start_method))
        while todo := [script for script in todo if not self._worn(script)]:
            batch, todo = todo[:stock], todo[stock:]
            try:
                crew = Crew(self._open(), self.entry, [script.make for script in batch], self.entry.spec.actors)
            except Unmade as unmade:
                todo = self._unmade(unmade, batch) + todo
            except (Uninherited, Asleep, Silent, Ended) as failed:
                self._uninherited(failed)
                return
            else:
                todo = self._perform(crew, batch) + todo

    def _worn(self, script: Script) -> bool:
        """Whether the script leads to a clause that is known to be broken: it would show nothing else."""
        worn = {name for name, failures in self.failures.items() if failures >= ENOUGH}
        if not worn or self.failures.total() >= MORE_THAN_ENOUGH:
            return bool(worn)
        return any(self._clause(name) in worn for name in foresee(self.entry.spec, script))

    def _unmade(self, unmade: Unmade, batch: Sequence[Script]) -> list[Script]:
        """Notes what cannot be made, and goes on with what can."""
        recipe = batch[unmade.recipe].make
        made = f"{self.entry.spec.state.__name__}({', '.join(f'{k}={v!r}' for k, v in recipe.items())})"
        clause = self._clause("made")
        self.findings.add(Violation(clause, f"{made} makes an object", str(unmade), arguments=recipe))
        if "does not return" in str(unmade):
            self.close()
        return [script for script in batch if script.make != recipe]

    def _uninherited(self, failed: Exception) -> None:
        """Notes that actors cannot be started with the objects: nothing else can be shown."""
        clause = self._clause("inherited")
        evidence = self.close()
        if isinstance(failed, Silent):
            self.findings.add(Unknown(clause, "the actors do not start", str(failed)))
            return
        promised = "processes start with the object among the arguments of Process()"
        self.findings.add(Violation(clause, promised, str(failed) or "the stage ended", evidence=evidence))

    def _perform(self, crew: Crew, batch: Sequence[Script]) -> list[Script]:
        """Plays a batch; returns the scripts left over when the crew could not go on."""
        for item, script in enumerate(batch):
            try:
                reusable = self._judge(crew, item, script)
            except (Ended, Silent) as failed:
                self._broken(failed)
                return list(batch[item + 1 :])
            if not reusable:
                crew.stranded = self.entry.spec.threads  # a thread cannot be killed
                self._dismiss(crew)
                return list(batch[item + 1 :])
            crew.drop(item)
        self._dismiss(crew)
        return []

    def _judge(self, crew: Crew, item: int, script: Script) -> bool:
        """Plays one script; tells whether the crew can go on."""
        play = Play(crew, item, script)
        self.findings.runs += 1
        try:
            play.run()
        except Found as found:
            self._failed(found.verdict)
            return crew.complete and not play.left_waiting
        finally:
            self._credit(play.exercised.items())
        self._credit([("made", 1), ("inherited", 1)])
        return not play.left_waiting

    def _failed(self, verdict: Violation | Unknown) -> None:
        """Notes a failure; one that nothing explains cost patience, and counts twice."""
        self.findings.add(verdict)
        if verdict.clause not in self.deviant:
            self.failures[verdict.clause] += 2 if isinstance(verdict, Unknown) else 1

    def _credit(self, counts: Iterable[tuple[str, int]]) -> None:
        for slug, count in counts:
            name = self._clause(slug)
            if name in self.entry.spec.clauses:
                self.findings.exercised[name] += count

    def _broken(self, failed: Exception) -> None:
        evidence = self.close()
        self.findings.add(Unknown(self._clause("inherited"), f"the stage failed: {failed}", evidence))

    def _dismiss(self, crew: Crew) -> None:
        if self.stage is None or crew.stranded:
            crew.hang_up()
            self.close()
            return
        try:
            crew.dismiss()
        except (Asleep, Silent, Ended):
            self.close()

    def _stream(self, stream: Stream) -> None:
        """Plays long programs, and holds their histories against the laws until one is broken."""
        programs = draw_many(arguments(stream.domains), self._afford(self.profile.streams), self.seed)
        actors = max(len(stream.program(**program)) for program in programs)
        try:
            crew = Crew(self._open(), self.entry, [stream.make] * len(programs), actors)
            for item, program in enumerate(programs):
                found = streams.run(crew, item, stream, program)
                self.findings.runs += 1
                self._note(stream.laws, found)
                if found:
                    crew.stranded = self.entry.spec.threads
                    break
        except (Unmade, Uninherited, Silent, Ended) as failed:
            self._uninherited(failed)
        else:
            self._dismiss(crew)

    def _note(self, laws: Iterable[str], found: Sequence[Violation | Unknown]) -> None:
        for verdict in found:
            self.findings.add(verdict)
        self._credit((slug, 1) for slug in laws if not found)

    def _scenario(self, scenario: Scenario) -> None:
        """Runs a scenario with several arguments, and on a new stage after a failure."""
        for drawn in self._arguments(scenario):
            found = self._perform_scenario(scenario, drawn)
            self.findings.runs += 1
            if found is None:
                self.findings.exercised[scenario.clause.name] += 1
            else:
                self.findings.add(found)
                self.close()
                return

    def _arguments(self, scenario: Scenario) -> Iterator[dict[str, Any]]:
        seen = []
        for drawn in draw_many(arguments(scenario.domains), self.profile.scenarios, self.seed):
            if drawn not in seen:
                seen.append(drawn)
                yield drawn

    def _perform_scenario(self, scenario: Scenario, drawn: dict[str, Any]) -> Violation | Unknown | None:
        clause, entry = scenario.clause, self.entry
        try:
            answer = self._open().ask("scenario", entry.module, entry.spec.name, clause.name, drawn)
        except Asleep as asleep:
            return Violation(
                clause.name, clause.statement, "does not come to an end", evidence=str(asleep), arguments=drawn
            )
        except Ended as ended:
            self.stage = None
            return Violation(clause.name, clause.statement, f"the process ended: {ended}", arguments=drawn)
        except Silent as silent:
            return Unknown(clause.name, "does not come to an end", str(silent))
        if "passed" in answer:
            return None
        return Violation(clause.name, clause.statement, answer["observed"], evidence=answer["trace"], arguments=drawn)

    def _clause(self, slug: str) -> str:
        return f"{self.entry.spec.name}.{slug}"
