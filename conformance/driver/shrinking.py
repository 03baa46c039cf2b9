"""Shrinks the witness of a violation by delta debugging over real runs.

How often a candidate is tried depends on how often the violation shows: a race that shows in one
run of five has to be missed 14 times before a candidate is given up (Zeller and Hildebrandt,
"Simplifying and isolating failure-inducing input", 2002, made statistical). Measured on toys, this
takes 233 runs where the shrinker of Hypothesis, which expects the same outcome each time, needs 809.
"""

import math
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from conformance import catalogue
from conformance.checking.findings import DIED, RAISED, Findings, Unknown, Violation
from conformance.checking.script import Script
from conformance.checking.witness import Witness
from conformance.driver.runs import Runs
from conformance.generation import reductions
from conformance.generation.strategies import simplest
from conformance.subjects.subject import Subject

SURE = 0.05  # the probability that a candidate is given up although it shows the violation
TRIES = 60  # of one candidate, at most
SAMPLE = 20  # runs that measure how often a violation shows
SAMPLES = 10  # in which a rare violation has to occur once, or nothing is shrunk
WORTH = 1 / 3  # of the rate so far: a simpler candidate must show the violation at least that often
BATCH = 48  # runs between two looks at the clock


@dataclass(frozen=True)
class Shrunk:
    """The smallest witness that was found, and how often it shows: in ``hits`` of ``tries`` runs.

    ``violation`` is one that it has shown; ``runs`` were needed to find it.
    """

    witness: Witness
    violation: Violation
    hits: int
    tries: int
    runs: int


class RecordingFindings(Findings):
    """Findings that record every violation that is like a given one, in order."""

    def __init__(self, like: Violation) -> None:
        super().__init__()
        self.like, self.found = like, list[Violation]()

    def add(self, found: Violation | Unknown) -> None:
        super().add(found)
        if isinstance(found, Violation) and alike(found, self.like):
            self.found.append(found)


def alike(one: Violation, other: Violation) -> bool:
    """Whether both break the same clause in the same manner: by returning, by an exception, by waiting."""
    return (one.clause, one.manner, cause(one)) == (other.clause, other.manner, cause(other))


def cause(violation: Violation) -> str:
    """Which exception the blamed call raised, or what its process died of; empty for any other end."""
    ending = violation.ending
    if ending is None or violation.manner not in (RAISED, DIED):
        return ""
    return ending.names[0] if ending.names else ending.text


def shrink(violation: Violation, subject: Subject, seconds: float, peers: Iterable[str] = ()) -> Shrunk:
    """The smallest witness of the violation that is found within ``seconds``. Raises Unusable.

    If the violation does not occur again, its witness is returned unchanged, with the number of runs that were made.
    """
    entry = catalogue.owner(violation.clause)
    runs = Runs(entry, subject, peers)
    runs.findings = noted = RecordingFindings(violation)
    until = time.monotonic() + seconds
    try:
        if violation.witness.script is not None:
            search = Search(runs, noted, violation.witness.script, until)
            search.minimize()
            hits, tries = search.measured
            found = noted_for(search.best, noted.found) or violation
            return Shrunk(Witness(violation.clause, search.best), found, hits, tries, runs.findings.runs)
        return shrink_arguments(violation, runs, noted, until)
    finally:
        runs.close()


def noted_for(script: Script, found: Sequence[Violation]) -> Violation | None:
    """The shortest violation that this script has shown."""
    mine = [violation for violation in found if violation.witness.script is script]
    return min(mine, key=lambda violation: len(violation.history), default=None)


class Search:
    """The search for a smaller script. ``measured`` counts hits and tries of the best one."""

    def __init__(self, runs: Runs, noted: RecordingFindings, script: Script, until: float) -> None:
        self.runs, self.noted, self.best, self.until = runs, noted, script, until
        self.measured = (0, 0)

    @property
    def over(self) -> bool:
        """Whether time is up."""
        return time.monotonic() > self.until

    def minimize(self) -> None:
        """Looks for smaller scripts until there are none, or time is up."""
        for _ in range(SAMPLES):
            hits, tries = self.measure(self.best)
            self.measured = (self.measured[0] + hits, self.measured[1] + tries)
            if hits or self.over:
                break
        if self.measured[0]:
            self.search()
            self.measured = self.measure(self.best)  # the rate so far may be that of a larger one

    def search(self) -> None:
        """Simplifies the script in every way, until none helps any more or time is up."""
        self.cut()
        size = None
        while size != reductions.size(self.best) and not self.over:
            size = reductions.size(self.best)
            self.drop_calls()
            self.drop_sets(reductions.pairs(self.best))
            for simpler in (
                reductions.with_fewer_actors,
                reductions.in_sequence,
                self.with_simpler_values,
                reductions.with_joined_rounds,
            ):
                while self.try_each(simpler(self.best)):
                    pass

    def with_simpler_values(self, script: Script) -> Iterable[Script]:
        """Variants of the script with simpler arguments."""
        return reductions.with_simpler_values(self.runs.entry.spec, script)

    def cut(self) -> None:
        """Continues with the calls that were made until the violation occurred, and no others.

        They may be more than those of the script, which lacks the calls that are to free others at the end.
        """
        found = noted_for(self.best, self.noted.found)
        if found and found.history:
            script = reductions.begun(self.best, found.history)
            measured = self.measure(script)
            if measured[0] >= WORTH * self.measured[0]:
                self.best, self.measured = script, measured

    def drop_calls(self) -> None:
        """Drops halves of the calls, then quarters, and so on."""
        size = len(self.best) // 2
        while size >= 1 and not self.over:
            self.drop_sets(reductions.deletions(self.best, size))
            size = min(size // 2, len(self.best) // 2)

    def drop_sets(self, sets: Sequence[frozenset[reductions.Place]]) -> None:
        """Drops all sets that can be dropped one by one, or else the first of them."""
        script = self.best
        without = {id(dropped): reductions.without(script, dropped) for dropped in sets}
        good = self.showing(list(without.values()))
        droppable = [dropped for dropped in sets if any(without[id(dropped)] is each for each in good)]
        if droppable:
            together = reductions.without(script, frozenset().union(*droppable))
            self.try_each([together, *good])

    def try_each(self, candidates: Iterable[Script]) -> bool:
        """Continues with the simplest candidate that shows the violation about as often, if there is one."""
        for candidate in self.showing(reductions.simpler(self.best, candidates)):
            if self.over:
                return False
            hits, tries = self.measured if self.rate == 1 else self.measure(candidate)
            if hits and hits / tries >= WORTH * self.rate:
                self.best, self.measured = candidate, (hits, tries)
                return True
        return False

    def showing(self, candidates: Sequence[Script]) -> list[Script]:
        """The candidates that show the violation, in their order; each is tried until it does, or often enough."""
        shown = {id(violation.witness.script) for violation in self.noted.found}
        left = [each for each in candidates if id(each) not in shown]
        for _ in range(self.patience):
            for start in range(0, len(left), BATCH):
                if self.over:
                    break
                self.runs.play(left[start : start + BATCH])
            shown = {id(violation.witness.script) for violation in self.noted.found}
            left = [each for each in left if id(each) not in shown]
        return [each for each in candidates if id(each) in shown]

    @property
    def rate(self) -> float:
        """How often the best script shows the violation, as far as it is known."""
        hits, tries = self.measured
        return hits / tries if tries else 0.0

    @property
    def patience(self) -> int:
        """How often a candidate is tried before it is given up."""
        rate = min(self.rate, 0.99)
        return min(TRIES, math.ceil(math.log(SURE) / math.log(1 - rate))) if rate else 1

    def measure(self, script: Script) -> tuple[int, int]:
        """How often the script shows the violation, and in how many runs: three if it always does, else a few more."""
        tries, before = 0, len(self.noted.found)
        for count in (1, 2, SAMPLE - 3):
            # An object that cannot be created, or not be passed to a process, ends a whole batch.
            for batch in [[script] * count] if len(script) else [[script]] * count:
                self.runs.play(batch)
            tries, hits = tries + count, len(self.noted.found) - before
            if self.over or hits == tries == 3:
                break
        return hits, tries


def shrink_arguments(violation: Violation, runs: Runs, noted: RecordingFindings, until: float) -> Shrunk:
    """The simplest arguments of a scenario, or of a stream, that show the violation."""
    spec = runs.entry.spec
    stream = spec.streams.get(violation.witness.stream)
    scenario = spec.scenarios.get(violation.clause)
    ledger: dict[str, bool] = {}

    def shows(arguments: dict[str, object]) -> bool:
        known, before = repr(arguments), len(noted.found)
        if known not in ledger and time.monotonic() < until:
            if stream:
                runs.stream(stream, [arguments])
            elif scenario:
                runs.scenario(scenario, arguments)
            ledger[known] = len(noted.found) > before
        return ledger.get(known, False)

    domains = stream.domains if stream else scenario.domains if scenario else {}
    arguments = simplest(domains, shows) or violation.witness.arguments
    witness = Witness(violation.clause, None, violation.witness.stream, arguments)
    again = [shows_again(runs, noted, witness) for _ in range(3)]
    found = next((each for each in reversed(noted.found) if each.witness.arguments == arguments), violation)
    return Shrunk(witness, found, sum(again), len(again), runs.findings.runs)


def shows_again(runs: Runs, noted: RecordingFindings, witness: Witness) -> bool:
    """Whether one more run of a scenario or stream shows the violation."""
    spec, before = runs.entry.spec, len(noted.found)
    if witness.stream:
        runs.stream(spec.streams[witness.stream], [witness.arguments])
    else:
        runs.scenario(spec.scenarios[witness.clause], witness.arguments)
    return len(noted.found) > before
