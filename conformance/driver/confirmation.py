"""Confirms known violations by a replay of their witness, so that they need not be searched for again."""

import time

from conformance.checking.expectation import Expectation
from conformance.driver.replay import batches
from conformance.driver.runs import Runs
from conformance.subjects.applicability import lacking


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
