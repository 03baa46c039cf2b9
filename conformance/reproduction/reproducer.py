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
from conformance.reproduction.observation import in_words, symptom
from conformance.subjects.subject import Interpreter, Subject
from conformance.vocabulary.capabilities import MODULES
from conformance.vocabulary.spec import Clause

UNTELLABLE = "no check could tell from its calls' outcomes that they break the promise"
TIMES = 10  # runs that tell how often a bug shows, if there is time for them
TRIES = (1, 4, 15)  # of each script until one shows: once all of them, then again, and once more
AT_LEAST = 3  # scripts after the first that are tried even if there is no time
A_RUN = 12.0  # seconds that a single run gets: those who wait for a process that hangs take ten


@dataclass(frozen=True)
class Reproducer:
    """A script that shows a violation without this tool, the same as a test case, and how often it shows it."""

    source: str
    unittest_source: str
    rate: Frequency


def bodies(entry: Entry, violation: Violation, implementation: ImportPath) -> Iterator[Body]:
    """What may show the violation again, the simplest first. Raises NoReproducer, with the reason in words."""
    clause, arguments = entry.spec.clauses[violation.clause], violation.witness.arguments
    if entry.spec.name == claims.SPEC:
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
    """The simplest of them. Raises NoReproducer."""
    for body in bodies(entry, violation, implementation):
        return body
    raise NoReproducer(UNTELLABLE)


def written_for(interpreter: Interpreter) -> ImportPath:
    """How a script imports the subject's implementation. Raises NoReproducer if its adapter makes a module of it."""
    if not interpreter.adapter:
        return ImportPath(interpreter.implementation)
    declared = run_path(interpreter.adapter)["implementation"]
    if declared.bind:
        raise NoReproducer(f"the adapter of {interpreter.implementation} binds it to a start method by code of its own")
    address = declared.context or declared.package
    if declared.submodules and ":" in address:
        raise NoReproducer(f"{interpreter.implementation} is a part of a package, and its submodules are elsewhere")
    return ImportPath(address, declared.submodules, not declared.submodule, declared.program)


def promise_of(entry: Entry, violation: Violation, subject: Subject) -> Promise:
    """The violation in words."""
    clause, interpreter = entry.spec.clauses[violation.clause], subject.interpreter
    version = f"{interpreter.name} {'.'.join(map(str, interpreter.version))}"
    plain = interpreter.implementation == "multiprocessing"
    return Promise(
        clause.name,
        title_of(clause),
        clause.statement,
        link(clause),
        in_words(violation),
        version if plain else f"{interpreter.implementation.replace(':', '.')} and {version}",
        subject.start_method,
        symptom(violation),
        () if plain else interpreter.start_methods,
        interpreter.path,
    )


def title_of(clause: Clause) -> str:
    """What makes the promise: a class and its method where the manual names one, or else a chapter of the manual.

    The primitives of synchronization are documented by those of threading, whose names are the same.
    """
    page, _, section = clause.documents.partition("#")
    if section:
        return f"multiprocessing ({section.replace('-', ' ')})"
    return page.replace("threading.", "multiprocessing.", 1)


def reproduce(entry: Entry, subject: Subject, violation: Violation, seconds: float, times: int = TIMES) -> Reproducer:
    """The simplest reproducer that shows the violation, run for about ``seconds``; a few are run at least once.

    If none shows it, the simplest one. Raises NoReproducer, with the reason in words, if there can be none.
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
    """Each body with its number, and how often it is to be tried; they are found once, since that takes long."""
    known: list[Body] = []
    for number, body in enumerate(found):
        known.append(body)
        yield TRIES[0], number, body
    for tries in TRIES[1:]:
        for number, body in enumerate(known):
            yield tries, number, body


def run_repeatedly(source: str, subject: Subject, times: int, until: float) -> Frequency:
    """How often a script shows its bug, when it is run until this moment, and at least once."""
    return measure(source, subject.interpreter, subject.start_method, times, max(A_RUN, until - monotonic()))


def complete(source: str, implementation: ImportPath) -> str:
    """The script, if it defines whatever it uses, and finds it without the adapter. Raises NoReproducer."""
    if missing := undefined(source):
        raise NoReproducer(f"the script would lack {', '.join(sorted(missing))}")
    package = re.escape(implementation.modules)
    submodule = rf"\b{package}\.({'|'.join(MODULES)})\b|^from {package} import "
    if not implementation.has_submodules and re.search(submodule, source, re.MULTILINE):
        raise NoReproducer(f"the adapter finds submodules of {implementation.name} in a way of its own")
    return source
