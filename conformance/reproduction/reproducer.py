"""From a violation to a reproducer: the script, the test case, and how often the script shows the bug."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from runpy import run_path
from time import monotonic

from conformance.catalogue import Entry
from conformance.checking.findings import Violation
from conformance.documentation.manual import link
from conformance.reproduction import frame
from conformance.reproduction.body import Body, ImportPath, NoReproducer, Promise
from conformance.reproduction.from_history import script
from conformance.reproduction.from_spec import claims, objects, scenario, stream
from conformance.reproduction.measure import Frequency, measure
from conformance.reproduction.names import undefined
from conformance.reproduction.observation import in_words, raised_in, symptom
from conformance.subjects.subject import Interpreter, Subject
from conformance.vocabulary.capabilities import MODULES
from conformance.vocabulary.spec import Clause

UNTELLABLE = "no check can tell from the outcomes of its calls that they break the promise"
TIMES = 10  # runs to measure how often a bug occurs, if there is time for them
TRIES = (1, 4, 15)  # runs of each script in the first, second and third pass, until one shows the bug
AT_LEAST = 3  # scripts after the first that are tried even if there is no time left
A_RUN = 12.0  # seconds that a single run gets: one that waits for a process that hangs takes ten


@dataclass(frozen=True)
class Reproducer:
    """A script that shows a violation without this tool, a test case that does, and how often the script shows it."""

    source: str
    unittest_source: str
    rate: Frequency


def bodies(entry: Entry, violation: Violation, implementation: ImportPath) -> Iterator[Body]:
    """Bodies that may show the violation again, the simplest first. Raises NoReproducer, with the reason."""
    clause, arguments = entry.spec.clauses[violation.clause], violation.witness.arguments
    if entry.spec.claims:
        yield claims.body(clause, implementation)
    elif clause.kind == "operation":
        yield from script.bodies(entry, violation, implementation)
    elif clause.kind == "scenario":
        yield scenario.body(entry, clause, arguments, implementation)
    elif clause.kind == "law":
        yield stream.body(entry, clause, arguments, implementation, symptom(violation))
    else:
        recipe = violation.witness.script.make if violation.witness.script is not None else arguments
        yield objects.body(entry, clause, recipe, implementation)


def body_of(entry: Entry, violation: Violation, implementation: ImportPath) -> Body:
    """The simplest body that may show the violation again. Raises NoReproducer."""
    for body in bodies(entry, violation, implementation):
        return body
    raise NoReproducer(UNTELLABLE)


def written_for(interpreter: Interpreter) -> ImportPath:
    """How a script imports the subject's implementation. Raises NoReproducer if its adapter makes a module of it."""
    if not interpreter.adapter:
        return ImportPath(interpreter.implementation)
    declared = run_path(interpreter.adapter)["implementation"]
    if declared.bind:
        raise NoReproducer(f"the adapter of {interpreter.implementation} binds it to a start method with its own code")
    address = declared.context or declared.package
    if declared.submodules and ":" in address:
        raise NoReproducer(f"{interpreter.implementation} is part of a package, and its submodules are elsewhere")
    return ImportPath(address, declared.submodules, not declared.submodule, declared.program)


def promise_of(entry: Entry, violation: Violation, subject: Subject) -> Promise:
    """The violation as text."""
    clause, interpreter = entry.spec.clauses[violation.clause], subject.interpreter
    plain = interpreter.implementation == "multiprocessing"
    return Promise(
        clause.name,
        title_of(clause),
        clause.statement,
        link(clause),
        in_words(violation),
        checked(interpreter),
        subject.start_method,
        symptom(violation),
        () if plain else interpreter.start_methods,
        interpreter.path,
        clause.since,
        clause.until,
        raised_in(violation),
    )


def checked(interpreter: Interpreter) -> str:
    """What has shown the violation: the package with its release, and the interpreter."""
    version = f"{interpreter.name} {'.'.join(map(str, interpreter.version))}"
    name = interpreter.implementation.replace(":", ".")
    called = "" if name == interpreter.package else f" ({name})"
    return f"{interpreter.packaged}{called} on {version}"


def title_of(clause: Clause) -> str:
    """What makes the promise: a class and its method if the manual names one, or else a chapter of the manual.

    The primitives of synchronization are documented by those of threading, whose names are the same.
    """
    page, _, section = clause.documents.partition("#")
    if section:
        return f"multiprocessing ({section.replace('-', ' ')})"
    return page.replace("threading.", "multiprocessing.", 1)


def reproduce(entry: Entry, subject: Subject, violation: Violation, seconds: float, times: int = TIMES) -> Reproducer:
    """Finds the simplest reproducer that shows the violation.

    Runs candidates for about ``seconds``, and a few of them at least once. Returns the simplest one if none shows it.
    Raises NoReproducer, with the reason, if there can be none.
    """
    implementation = written_for(subject.interpreter)
    promise, until = promise_of(entry, violation, subject), monotonic() + seconds
    first: Reproducer | None = None
    for tries, number, body in attempts(bodies(entry, violation, implementation)):
        source = complete(frame.standalone(body, promise, implementation), implementation)
        rate = run_repeatedly(source, subject, min(tries, times), until)
        if rate.shown and times > tries and monotonic() < until:
            rate = rate.with_more(run_repeatedly(source, subject, times - tries, until))
        found = Reproducer(source, frame.unittest_case(body, promise, implementation), rate)
        if rate.shown:
            return found
        if number == 0:
            first = replace(found, rate=first.rate.with_more(rate)) if first else found
        if monotonic() > until and (number >= AT_LEAST or tries > TRIES[0]):
            break
    if first is None:
        raise NoReproducer(UNTELLABLE)
    return first


def attempts(found: Iterable[Body]) -> Iterator[tuple[int, int, Body]]:
    """How often to try each body, its number, and the body; they are searched for only once, since that is slow."""
    known: list[Body] = []
    for number, body in enumerate(found):
        known.append(body)
        yield TRIES[0], number, body
    for tries in TRIES[1:]:
        for number, body in enumerate(known):
            yield tries, number, body


def run_repeatedly(source: str, subject: Subject, times: int, until: float) -> Frequency:
    """How often a script shows its bug when it is run until the moment ``until``, and at least once."""
    return measure(source, subject.interpreter, subject.start_method, times, max(A_RUN, until - monotonic()))


def complete(source: str, implementation: ImportPath) -> str:
    """Returns the script if it defines everything that it uses, and needs no adapter. Raises NoReproducer otherwise."""
    if missing := undefined(source):
        raise NoReproducer(f"the script would lack {', '.join(sorted(missing))}")
    package = re.escape(implementation.modules)
    submodule = rf"\b{package}\.({'|'.join(MODULES)})\b|^from {package} import "
    if not implementation.has_submodules and re.search(submodule, source, re.MULTILINE):
        raise NoReproducer(f"the adapter finds the submodules of {implementation.name} with its own code")
    return source
