"""Confirms known violations by a replay of their witness, so that they need not be searched for again."""

import time
from dataclasses import dataclass, field

from conformance.checking.findings import Findings
from conformance.checking.witness import Witness
from conformance.driver.replay import batches
from conformance.driver.runs import Runs
from conformance.subjects.applicability import lacking


@dataclass(frozen=True)
class Expectation:
    """A violation that a subject is known to show; ``observed`` is part of what is observed.

    If ``tries`` replays of the ``witness`` do not show it, that is news; if it is ``steady``, every replay shows it.
    """

    clause: str
    observed: str = ""
    witness: Witness | None = field(default=None, hash=False)
    tries: int = 1
    steady: bool = True

    @property
    def key(self) -> tuple[str, str]:
        """The key by which findings count its replays."""
        return self.clause, self.observed

    def seen_in(self, findings: Findings) -> bool:
        """Whether what is known has been observed."""
        return any(self.observed in kind.observed for kind in findings.violated.get(self.clause, ()))


def confirm(runs: Runs, expectation: Expectation, seconds: float) -> bool:
    """Replays the witness until it shows what is expected, or often enough; returns whether it did.

    A race gets ``seconds``; a steady violation gets all its tries, since one may fail for another reason.

    Raises Unusable if the subject cannot start.
    """
    if expectation.seen_in(runs.findings):
        return True
    if expectation.witness is None or lacking(runs.entry.spec, expectation.witness.script):
        return False
    runs.open()  # before the clock starts: starting takes longer than many a replay
    until, key, findings = time.monotonic() + seconds, expectation.key, runs.findings
    before = findings.replays[key]
    for tries in batches(runs, expectation.witness, expectation.tries):
        findings.replays[key], findings.hits[key] = before + tries, findings.sightings[key]
        if expectation.seen_in(findings) or (not expectation.steady and time.monotonic() > until):
            break
    return expectation.seen_in(runs.findings)
