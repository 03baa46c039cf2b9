"""From a violation to a reproducer: the script, the test case, and how often the script shows the bug."""

from dataclasses import dataclass

from conformance.catalogue import Entry
from conformance.checking.verdict import Violation
from conformance.documentation.manual import link
from conformance.driver.subject import Subject
from conformance.reproduction import frame, objects, scenario, stream
from conformance.reproduction.body import Body, Implementation, Promise
from conformance.reproduction.measure import Rate, measure
from conformance.reproduction.modules import undefined
from conformance.reproduction.observation import in_words, symptom
from conformance.reproduction.slicing import NoReproducer

TIMES = 10  # runs that tell how often a bug shows, if there is time for them


@dataclass(frozen=True)
class Reproducer:
    """A script that shows a violation without this tool, the same as a test case, and how often it shows it."""

    source: str
    unittest_source: str
    rate: Rate


def body_of(entry: Entry, violation: Violation, implementation: Implementation) -> Body:
    """What shows the violation. Raises NoReproducer, with the reason, where nothing can be written down."""
    clause = entry.spec.clauses[violation.clause]
    if clause.kind == "operation":
        raise NoReproducer("it is a history of calls")
    kinds = {"scenario": scenario.body, "law": stream.body, "object": objects.body}
    return kinds[clause.kind](entry, clause, violation.arguments, implementation)


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
    """A reproducer of a violation, which has been run for ``seconds`` at most, and at least once.

    Raises NoReproducer, with the reason in words, if there can be none.
    """
    implementation = Implementation(subject.interpreter.implementation)
    body, promise = body_of(entry, violation, implementation), promise_of(entry, violation, subject)
    source = frame.standalone(body, promise, implementation)
    if missing := undefined(source):
        raise NoReproducer(f"the script would lack {', '.join(sorted(missing))}")
    rate = measure(source, subject.interpreter, subject.start_method, times, seconds)
    return Reproducer(source, frame.unittest_case(body, promise, implementation), rate)
