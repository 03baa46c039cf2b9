"""Runs scripts, streams and scenarios of one spec on one subject, and notes what they show."""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from conformance.catalogue import Entry
from conformance.checking.findings import DIED, HUNG, OWN, Findings, Unknown, Violation
from conformance.checking.script import Script
from conformance.checking.witness import Witness
from conformance.driver import streams
from conformance.driver.crew import Crew, Hung, StageExited, Unfinished, Uninherited, Unmade, Unresponsive
from conformance.driver.play import Found, Play
from conformance.driver.stage import StageProcess
from conformance.driver.stages import Stages
from conformance.driver.tolerance import Tolerance
from conformance.generation.reductions import without_long_timeouts
from conformance.subjects.applicability import applicable
from conformance.subjects.subject import Subject
from conformance.vocabulary.spec import Scenario, Stream

ENDLESS = "does not come to an end"
STOCK = 200  # objects of one crew, at most
SPARE = 56  # descriptors that a process needs for other things than objects
COST_OF_UNKNOWN = 8  # failures
FORKSERVER_LIMIT = 256  # descriptors that forkserver passes to a child


def stock_size(start_method: str) -> int:
    """How many objects a crew gets; an object has two descriptors, or fewer."""
    try:
        import resource

        limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    except ImportError:  # Windows counts otherwise
        limit = 512
    limit = min(limit, FORKSERVER_LIMIT) if start_method == "forkserver" else limit
    return max(1, min(STOCK, (limit - SPARE) // 2)) if limit > 0 else STOCK


def alone(script: Script) -> Script:
    """The script without its calls; itself, if it has none: who asked for it knows it again."""
    return Script(script.make, ()) if script.rounds else script


class Runs:
    """The runs of one spec on one subject. The stage is replaced whenever the subject fails.

    It comes from ``stages``, and goes back there by ``leave``. ``failures`` counts what went wrong, by clause:
    an unknown costs patience, and counts as several.
    """

    def __init__(
        self,
        entry: Entry,
        subject: Subject,
        peers: Iterable[str] = (),
        stages: Stages | None = None,
        tolerance: Tolerance | None = None,
    ) -> None:
        self.entry, self.subject, self.peers = applicable(entry, subject.interpreter), subject, tuple(peers)
        self.stages, self.tolerance = stages, tolerance or Tolerance(math.inf)
        self.on_news: Callable[[Violation], None] = lambda violation: None  # is told at once of what is not expected
        self.stage: StageProcess | None = None
        self.findings = Findings()
        self.failures: Counter[str] = Counter()

    def open(self) -> StageProcess:
        """The stage, started if there is none. Raises Unusable if the subject cannot start."""
        if self.stage is None:
            self.stage = (self.stages or Stages()).take(self.subject, self.peers)
        self.stage.provide(self.entry.modules)
        return self.stage

    def leave(self) -> None:
        """Hands the stage on, or ends it if nobody may use it any more."""
        if self.stages is not None and self.stage is not None:
            self.stages.give(self.stage)
            self.stage = None
        self.close()

    def close(self) -> str:
        """Ends every process of the subject; returns its last words."""
        stage, self.stage = self.stage, None
        return stage.close() if stage else ""

    def afford(self, count: int) -> int:
        """How many scripts or objects there are of what costs more than a lock."""
        return max(1, count // self.entry.spec.cost) if count else 0

    def play(self, todo: list[Script], worn: Callable[[Script], bool] = lambda script: False) -> None:
        """Plays the scripts that are not worn, a stock at a time; what was not played goes to the next crew."""
        stock = self.afford(stock_size(self.subject.start_method))
        while todo := [script for script in todo if not self.tolerance.exhausted and not worn(script)]:
            batch, todo = todo[:stock], todo[stock:]
            try:
                crew = Crew(self.open(), self.entry, [script.make for script in batch], self.entry.spec.actors)
            except Unmade as unmade:
                todo = self._unmade(unmade, batch) + todo
            except (Uninherited, Hung, Unresponsive, StageExited) as failed:
                self._uninherited(failed, alone(batch[0]))
                return
            else:
                todo = self._perform(crew, batch, worn) + todo

    def stream(self, stream: Stream, programs: Sequence[Mapping[str, Any]]) -> None:
        """Plays long programs, and holds their histories against the laws until one is broken."""
        if self.tolerance.exhausted:
            return
        actors = max(len(stream.program(**program)) for program in programs)
        script = Script(stream.make, ())
        try:
            crew = Crew(self.open(), self.entry, [stream.make] * len(programs), actors)
        except Unmade as unmade:
            self._unmade(unmade, [script] * len(programs))
        except (Uninherited, Hung, Unresponsive, StageExited) as failed:
            self._uninherited(failed, script)
        else:
            self._perform_stream(crew, stream, programs)

    def _perform_stream(self, crew: Crew, stream: Stream, programs: Sequence[Mapping[str, Any]]) -> None:
        try:
            for item, program in enumerate(programs):
                found = streams.run_stream(crew, item, stream, dict(program))
                self.findings.runs += 1
                self._note(stream.laws, found)
                if found:
                    crew.stranded = self.entry.spec.threads
                    break
        except (StageExited, Unresponsive) as failed:
            self._broken(failed)
        else:
            self._dismiss(crew)

    def scenario(self, scenario: Scenario, arguments: Mapping[str, Any]) -> Violation | Unknown | None:
        """Runs a scenario once; after a failure that is news the stage is a new one."""
        if self.tolerance.exhausted:
            return None
        found = self._perform_scenario(scenario, dict(arguments))
        self.findings.runs += 1
        if found is not None:
            self._failed(found)
            self._end_unless_known(found)
        return found

    def _end_unless_known(self, found: Violation | Unknown) -> None:
        """Ends the stage after a failure, which may have left anything behind; a known deviation is seen not to."""
        known = isinstance(found, Violation) and self.findings.is_expected(found)
        if not (known and self.stage and self.stage.is_tidy()):
            self.close()

    def _unmade(self, unmade: Unmade, batch: Sequence[Script]) -> list[Script]:
        """Notes what cannot be made, and goes on with what can."""
        recipe = batch[unmade.recipe].make
        made = f"{self.entry.spec.state.__name__}({', '.join(f'{k}={v!r}' for k, v in recipe.items())})"
        clause, script = self._clause("made"), alone(batch[unmade.recipe])
        broken = partial(Violation, Witness(clause, script, "", recipe), f"{made} makes an object", str(unmade))
        self._failed(Unknown(clause, str(unmade)) if unmade.manner == OWN else broken(manner=unmade.manner))
        if unmade.manner == HUNG:
            self.close()
        return [script for script in batch if script.make != recipe]

    def _uninherited(self, failed: Exception, script: Script) -> None:
        """Notes that actors cannot be started with the objects: nothing else can be shown."""
        clause = self._clause("inherited")
        evidence = self.close()
        if isinstance(failed, Unresponsive):
            making = isinstance(failed, Unfinished)
            reason = failed.why or ("the constructor does not return" if making else "the actors do not start")
            self._failed(Unknown(self._clause("made") if making else clause, reason, str(failed)))
            return
        if isinstance(failed, Uninherited) and failed.manner == OWN:
            self._failed(Unknown(clause, str(failed), evidence))
            return
        promised = "processes start with the object among the arguments of Process()"
        observed = str(failed) or "the stage ended"
        broken = partial(Violation, Witness(clause, script), promised, observed, evidence=evidence)
        if isinstance(failed, StageExited):
            self._failed(broken(manner=DIED, stage_end=failed.how))
        else:
            self._failed(broken(manner=failed.manner if isinstance(failed, Uninherited) else HUNG))

    def _perform(self, crew: Crew, batch: Sequence[Script], worn: Callable[[Script], bool]) -> list[Script]:
        """Plays a batch; returns the scripts left over when the crew could not go on."""
        for item, script in enumerate(batch):
            if self.tolerance.exhausted or worn(script):
                continue
            try:
                reusable = self._judge(crew, item, script)
            except (StageExited, Unresponsive) as failed:
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
            self._failed(self._without_long_timeouts(script, found.verdict))
            return crew.complete and not play.left_waiting
        finally:
            self._credit(play.exercised.items())
        self._credit([("made", 1), ("inherited", 1)])
        return not play.left_waiting

    def _without_long_timeouts(self, script: Script, verdict: Violation | Unknown) -> Violation | Unknown:
        """The verdict; if there is none, the violation that the script shows without its long timeouts.

        A call that rightly waits with a timeout may end the wait of one that hangs: beside it, nothing is proven.
        """
        patient = without_long_timeouts(self.entry.spec, script)
        if not isinstance(verdict, Unknown) or patient == script:
            return verdict
        self.close()
        try:
            Play(Crew(self.open(), self.entry, [patient.make], self.entry.spec.actors), 0, patient).run()
        except Found as found:
            return found.verdict if isinstance(found.verdict, Violation) else verdict
        except (Unmade, Uninherited, Hung, Unresponsive, StageExited):
            return verdict
        finally:
            self.close()
        return verdict

    def _failed(self, verdict: Violation | Unknown) -> None:
        self.findings.add(verdict)
        if isinstance(verdict, Unknown):
            self.tolerance.unknown.append(verdict)
        elif not self.findings.is_expected(verdict):
            self.on_news(verdict)
        self.failures[verdict.clause] += COST_OF_UNKNOWN if isinstance(verdict, Unknown) else 1

    def _credit(self, counts: Iterable[tuple[str, int]]) -> None:
        for slug, count in counts:
            name = self._clause(slug)
            if name in self.entry.spec.clauses:
                self.findings.exercised[name] += count

    def _broken(self, failed: Exception) -> None:
        evidence = self.close()
        self._failed(Unknown(self._clause("inherited"), f"the stage failed: {failed}", evidence))

    def _dismiss(self, crew: Crew) -> None:
        if self.stage is None or crew.stranded:
            crew.hang_up()
            self.close()
            return
        try:
            crew.dismiss()
        except (Hung, Unresponsive, StageExited):
            self.close()

    def _note(self, laws: Iterable[str], found: Sequence[Violation | Unknown]) -> None:
        for verdict in found:
            self._failed(verdict)
        self._credit((slug, 1) for slug in laws if not found)

    def _perform_scenario(self, scenario: Scenario, drawn: dict[str, Any]) -> Violation | Unknown | None:
        clause, entry = scenario.clause, self.entry
        broken = partial(Violation, Witness(clause.name, arguments=drawn), clause.statement)
        modules = list(dict.fromkeys([entry.module, scenario.module]))
        before = self.open().printed
        try:
            answer = self.open().ask("scenario", modules, entry.spec.name, clause.name, drawn)
        except Hung as asleep:
            return broken(ENDLESS, evidence=str(asleep), manner=HUNG)
        except StageExited as ended:
            self.stage = None
            return broken(f"the process ended: {ended}", manner=DIED, stage_end=ended.how)
        except Unresponsive as silent:
            return Unknown(clause.name, silent.why or ENDLESS, str(silent))
        if "passed" in answer:
            self.findings.exercised[clause.name] += 1
            return None
        if "unproven" in answer:
            self.findings.unproven[clause.name] = answer["unproven"]
            return None
        evidence = "\n".join([answer["trace"].rstrip(), *self.open().said_since(before)])
        if answer.get("own"):
            return Unknown(clause.name, answer["own"], evidence)
        told = answer.get("compared")
        compared = (str(told[0]), str(told[1]), str(told[2])) if told else None
        return broken(answer["observed"], evidence=evidence, manner=answer["failed"], compared=compared)

    def _clause(self, slug: str) -> str:
        return f"{self.entry.spec.name}.{slug}"
