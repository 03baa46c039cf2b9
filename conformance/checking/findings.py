"""What a run shows about clauses: exercised, violated, or not known."""

from collections import Counter
from dataclasses import dataclass, field

from conformance.checking.script import Call
from conformance.checking.witness import Witness
from conformance.vocabulary.outcomes import Observed

RETURNED, RAISED, HUNG, DIED, ASSERTION = "returned", "raised", "hung", "died", "assertion"
"""How a violation shows: what a call did, or what became of the process, or that something is not as promised."""

OWN = "own"
"""How it shows that the harness has failed, and not the subject."""

KINDS = 8  # outcomes of one clause that are told apart


@dataclass(frozen=True)
class Violation:
    """The proof that a subject breaks a clause.

    ``witness`` tells what to run again. ``promised`` and ``observed`` are sentences; ``permitted`` are the
    outcomes of other clauses in the same state. ``history`` holds the calls; ``evidence`` is a certificate, a
    traceback or the last lines of standard error. ``outcome`` is how the call ended, without its arguments, and
    ``call`` the id of the call that is blamed. ``manner`` is RETURNED, RAISED, HUNG, DIED or ASSERTION.
    A scenario's comparison is ``compared``: its source, and the texts of its left and right value. ``stage_end``
    tells in words how the stage ended, if it was the stage that died: ``was killed by SIGSEGV``.
    """

    witness: Witness
    promised: str
    observed: str
    permitted: tuple[str, ...] = ()
    state: str = ""
    history: tuple[Call, ...] = ()
    evidence: str = ""
    outcome: str = ""
    call: int | None = None
    manner: str = ""
    compared: tuple[str, str, str] | None = None
    stage_end: str = ""

    @property
    def clause(self) -> str:
        """The name of the clause."""
        return self.witness.clause

    @property
    def ending(self) -> Observed | None:
        """How the call that is blamed ended; None if it did not, or no call is blamed."""
        return next((call.observed for call in self.history if call.id == self.call), None)

    @property
    def kind(self) -> str:
        """What tells this violation from others of the same clause: how the call ended."""
        return self.outcome or self.observed


@dataclass(frozen=True)
class Unknown:
    """A run that proves nothing, and why; ``evidence`` holds the stacks of all processes."""

    clause: str
    reason: str
    evidence: str = ""
    history: tuple[Call, ...] = ()


@dataclass
class Findings:
    """What the runs of one subject have shown so far, by clause.

    ``unproven`` says why a scenario could show nothing. ``replays`` counts those of the witness of a known deviation,
    by its clause and what was to be observed, and ``hits`` those that showed it; ``sightings`` counts every violation
    that shows it. ``expected`` are parts of what is observed of it.
    """

    exercised: Counter[str] = field(default_factory=Counter)
    kinds: dict[str, dict[str, Violation]] = field(default_factory=dict)
    times: Counter[str] = field(default_factory=Counter)
    unknown: dict[str, Unknown] = field(default_factory=dict)
    unproven: dict[str, str] = field(default_factory=dict)
    runs: int = 0
    replays: Counter[tuple[str, str]] = field(default_factory=Counter)
    hits: Counter[tuple[str, str]] = field(default_factory=Counter)
    sightings: Counter[tuple[str, str]] = field(default_factory=Counter)
    expected: dict[str, list[str]] = field(default_factory=dict)

    def add(self, found: Violation | Unknown) -> None:
        """Keeps, for each clause and outcome, the violation with the shortest history, and counts all."""
        if isinstance(found, Unknown):
            self.unknown.setdefault(found.clause, found)
            return
        self.times[found.clause] += 1
        parts = self.expected.get(found.clause, ())
        self.sightings.update((found.clause, part) for part in parts if part in found.observed)
        kinds = self.kinds.setdefault(found.clause, {})
        known = kinds.get(found.kind)
        # What is known must not crowd out what is new.
        alike = sum(self.is_expected(each) == self.is_expected(found) for each in kinds.values())
        if (known is None and alike < KINDS) or (known and len(found.history) < len(known.history)):
            kinds[found.kind] = found

    def tested(self, clause: str) -> bool:
        """Whether a clause was put to the test, whatever came of it."""
        return bool(self.exercised[clause] or self.times[clause] or clause in self.unknown)

    def is_expected(self, violation: Violation) -> bool:
        """Whether it is a known deviation."""
        return any(part in violation.observed for part in self.expected.get(violation.clause, ()))

    @property
    def violated(self) -> dict[str, tuple[Violation, ...]]:
        """The violations of each clause, those with the shortest histories first."""
        return {
            name: tuple(sorted(kinds.values(), key=lambda violation: len(violation.history)))
            for name, kinds in self.kinds.items()
        }
