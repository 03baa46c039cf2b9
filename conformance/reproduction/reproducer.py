"""From a violation to a reproducer: the script, the test case, and how often the script shows the bug."""

from collections.abc import Iterator
from dataclasses import dataclass
from time import monotonic

from conformance.catalogue import Entry
from conformance.checking.verdict import Violation
from conformance.documentation.manual import link
from conformance.driver.subject import Subject
from conformance.reproduction import frame, objects, scenario, script, stream
from conformance.reproduction.body import Body, Implementation, Promise
from conformance.reproduction.measure import Rate, measure
from conformance.reproduction.modules import undefined
from conformance.reproduction.observation import in_words, symptom
from conformance.reproduction.slicing import NoReproducer

TIMES = 10  # runs that tell how often a bug shows, if there is time for them
TRIES = (1, 4)  # of each script until one shows: once all of them, then again
AT_LEAST = 3  # scripts after the first that are tried even if there is no time
A_RUN = 12.0  # seconds that a single run gets: those who wait for a process that hangs take ten


@dataclass(frozen=True)
class Reproducer:
    """A script that shows a violation without this tool, the same as a test case, and how often it shows it."""

    source: str
    unittest_source: str
    rate: Rate


def bodies_of(entry: Entry, violation: Violation, implementation: Implementation) -> Iterator[Body]:
    """What may show the violation, the simplest first. Raises NoReproducer, with the reason, if nothing can."""
    clause = entry.spec.clauses[violation.clause]
    if clause.kind == "operation":
        found = list(script.bodies(entry, violation, implementation))
        if not found:
            raise NoReproducer("no calls that a script can make in a known order are its proof")
        return iter(found)
    kinds = {"scenario": scenario.body, "law": stream.body, "object": objects.body}
    return iter([kinds[clause.kind](entry, clause, violation.arguments, implementation)])


def promise_of(entry: Entry, violation: Violation, subject: Subject) -> Promise:
    """The violation in words."""
    clause, interpreter = entry.spec.clauses[violation.clause], subject.interpreter
    version = f"{interpreter.name} {'.'.join(map(str, interpreter.version))}"
    plain = interpreter.implementation == "multiprocessing"
    return Promise(
        clause.name,
        clause.statement,
        clause.documents,
        link(clause),
        in_words(violation),
        version if plain else f"{interpreter.implementation.replace(':', '.')} and {version}",
        subject.start_method,
        symptom(violation),
    )


def reproduce(entry: Entry, subject: Subject, violation: Violation, seconds: float, times: int = TIMES) -> Reproducer:
    """A reproducer of a violation: the simplest that has shown it, or the simplest of all if none has.

    They are run for ``seconds`` at most, or a little longer. Raises NoReproducer, with the reason in words, if
    there can be none.
    """
    implementation, until = Implementation(subject.interpreter.implementation), monotonic() + seconds
    promise, first = promise_of(entry, violation, subject), None
    for tries in TRIES:
        for number, body in enumerate(bodies_of(entry, violation, implementation)):
            source = complete(frame.standalone(body, promise, implementation))
            rate = run(source, subject, tries, until)
            if rate.shown and monotonic() < until:
                rate = rate.with_more(run(source, subject, times - tries, until))
            found = Reproducer(source, frame.unittest_case(body, promise, implementation), rate)
            first = first or found
            if rate.shown:
                return found
            if monotonic() > until and number >= AT_LEAST:
                return first
        if monotonic() > until:
            break
    assert first is not None
    return first


def run(source: str, subject: Subject, times: int, until: float) -> Rate:
    """How often a script shows its bug, when it is run until this moment, and at least once."""
    return measure(source, subject.interpreter, subject.start_method, times, max(A_RUN, until - monotonic()))


def complete(source: str) -> str:
    """The script, if it defines whatever it uses. Raises NoReproducer."""
    if missing := undefined(source):
        raise NoReproducer(f"the script would lack {', '.join(sorted(missing))}")
    return source
