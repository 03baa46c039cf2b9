"""No script accuses an implementation that keeps its promise, and none fails by an error of its own."""

import re
import sys
from dataclasses import replace

import pytest
from support import honesty
from support.runs import TESTS

from conformance import catalogue
from conformance.checking.findings import HUNG, Violation
from conformance.checking.script import Call, Script
from conformance.checking.witness import Witness
from conformance.reproduction import frame
from conformance.reproduction.body import HANGS, Body, ImportPath, Promise
from conformance.reproduction.from_history import race, racing, rounds, script
from conformance.reproduction.measure import FAILED, INAPPLICABLE, KEEPS, SHOWS, measure
from conformance.reproduction.reproducer import promise_of
from conformance.subjects.subject import Subject, probe
from conformance.vocabulary.outcomes import raised, returned

HERE = probe(sys.executable)
PLAIN = ImportPath("multiprocessing")
NONE, TRUE = returned(None), returned(True)
MS = 1_000_000  # ns
PROMISE = Promise(
    "a.b", "multiprocessing.Lock", "It is so.", "https://docs.python.org/3/", "It is not.", "CPython", "fork"
)


def history(clause, make, *calls):
    """A violation whose calls are given as actor, operation, arguments, start and end in ms, and what was observed.

    Calls that overlap are of one round.
    """
    made, begun, over = [], [], -1
    for number, (actor, op, args, start, end, observed) in enumerate(calls):
        made.append(Call(number, actor, op, args, {}, start * MS, end and end * MS, observed))
        begun += [{}] if start > over else []
        begun[-1][actor] = ((op, args, {}),)
        over = max(over, end or start)
    open_ = any(call.end is None for call in made)
    manner = HUNG if open_ else made[-1].observed.kind
    witness = Witness(clause, Script(make, tuple(begun)))
    return Violation(witness, "", "something else", history=tuple(made), manner=manner, call=len(made) - 1)


ONCE = (False,)
TWO_PUT = [(0, "put", ("a",), 0, 1, NONE), (0, "put", ("b",), 2, 3, NONE)]
TAKEN = 1, "get", (), 4, 9, returned("a")
RACES = {
    "semaphore": history(
        "semaphore.acquire.busy", {"value": 1}, (1, "acquire", ONCE, 1, 9, TRUE), (2, "acquire", ONCE, 2, 8, TRUE)
    ),
    "put": history(
        "queue.put_nowait.full",
        {"maxsize": 1},
        (1, "put_nowait", (1,), 1, 9, NONE),
        (2, "put_nowait", (2,), 2, 8, NONE),
    ),
    "get": history("simplequeue.get.takes", {}, *TWO_PUT, TAKEN, (2, "get", (), 5, 8, raised(EOFError()))),
    "hang": history("queue.get.takes", {"maxsize": 0}, *TWO_PUT, TAKEN, (2, "get", (), 5, None, None)),
}


BROKEN = {
    "semaphore": "support.races:two_take_one",
    "put": "support.races:two_fill_one_slot",
    "get": "support.unlocked:Queues",
    "hang": "support.unlocked:Queues",
}


def is_race(body):
    return "def race(mp)" in body.definitions


def written(found, implementation, start_method="fork"):
    """The source of the race that is offered for a violation."""
    entry = catalogue.owner(found.clause)
    (body,) = [body for body in script.bodies(entry, found, implementation) if is_race(body)]
    return frame.standalone(body, promise_of(entry, found, Subject(HERE, start_method)), implementation)


@pytest.fixture
def briefly(monkeypatch):
    """Races that are over soon: what they must not do does not depend on how long they are."""
    monkeypatch.setattr(racing, "SECONDS", 0.2)
    monkeypatch.setattr(racing, "MANY_OBJECTS", 50)
    monkeypatch.setattr(rounds, "SECONDS", 1)


@pytest.mark.parametrize("name", RACES)
def test_a_race_shows_the_broken(name, monkeypatch):
    monkeypatch.setattr(racing, "MANY_OBJECTS", 50)
    broken = replace(HERE, implementation=BROKEN[name], path=(str(TESTS),))
    rate = measure(written(RACES[name], ImportPath(BROKEN[name])), broken, "fork", 1, 60)
    assert rate.shown, rate.output
    assert re.search(r"\(shown in \d+ of \d+ rounds\)", rate.output)


@pytest.mark.parametrize("name", RACES)
def test_a_race_does_not_accuse_the_real_one(name, briefly):
    found = RACES[name]
    assert list(honesty.accused(written(found, PLAIN), found.clause, "fork", 1)) == []


@pytest.mark.exhaustive
@pytest.mark.parametrize("start_method", ["fork", "spawn", "forkserver"])
@pytest.mark.parametrize("name", RACES)
def test_a_race_never_accuses_the_real_one(name, start_method):
    found = RACES[name]
    assert list(honesty.accused(written(found, PLAIN, start_method), found.clause, start_method, 20)) == []


def test_who_may_rightly_wait_beside_the_call_to_blame_is_not_waited_for(monkeypatch, briefly):
    """put() must return; one of two calls of get() waits forever. A race that joined all processes would hang."""
    monkeypatch.setattr(race.Selection, "reduced", lambda self, program: program)
    calls = (1, "get", (), 1, 8, returned("a")), (2, "get", (), 2, None, None), (0, "put", ("a",), 3, None, None)
    found = history("queue.put.stores", {"maxsize": 0}, *calls)
    source = written(found, PLAIN)
    assert "# the others may rightly wait" in source
    assert measure(source, HERE, "fork", 1, 60).statuses == {KEEPS: 1}
    monkeypatch.setitem(frame.PATIENCE, HANGS, 2)
    broken = written(found, PLAIN).replace('queue.put("a")', "time.sleep(1000)")
    assert measure(broken, HERE, "fork", 1, 60).statuses == {SHOWS: 1}


@pytest.mark.parametrize("start_method", ["fork", "spawn"])
def test_waiters_that_are_cleared_at_once_are_seen_to_return(start_method):
    """A deviation of CPython (gh-95826): it shows, although processes take longer to start than any pause."""
    calls = (1, "wait", (), 0, 40, returned(False)), (2, "wait", (), 1, 39, returned(False))
    found = history("event.wait.waits", {}, *calls, (0, "set", (), 10, 15, NONE), (0, "clear", (), 20, 25, NONE))
    entry = catalogue.owner(found.clause)
    body = next(body for body in script.bodies(entry, found, PLAIN) if "attempt" in body.check)
    source = frame.standalone(body, promise_of(entry, found, Subject(HERE, start_method)), PLAIN)
    rate = measure(source, HERE, start_method, 1, 60)
    assert rate.statuses == {SHOWS: 1}, rate.output
    assert "(shown in 1 of " in rate.output


def test_what_is_slow_is_not_accused_of_waiting_forever(monkeypatch):
    """It works all the time, which takes longer than a check that sleeps gets."""
    monkeypatch.setitem(frame.PATIENCE, HANGS, 1)
    check = "def check(mp):\n    end = time.monotonic() + 3\n    while time.monotonic() < end:\n        pass"
    promise = replace(PROMISE, shows=HANGS)
    source = frame.standalone(Body("", check, ("import time",)), promise, PLAIN)
    assert measure(source, HERE, "fork", 1, 60).statuses == {KEEPS: 1}


@pytest.mark.parametrize(("since", "until"), [((3, 99), None), ((3, 8), (3, 9))])
def test_a_version_that_promises_nothing_is_told_in_one_line(since, until):
    promise = replace(PROMISE, since=since, until=until)
    source = frame.standalone(Body("", "def check(mp):\n    assert False", (), False), promise, PLAIN)
    rate = measure(source, HERE, "fork", 1, 60)
    assert rate.statuses == {INAPPLICABLE: 1}
    assert rate.output.startswith("does not apply here: it is promised ")
    assert len(rate.output.splitlines()) == 1


def test_a_package_that_is_not_there_shows_nothing():
    missing = ImportPath("nosuchpackage.processes")
    source = frame.standalone(Body("", "def check(mp):\n    assert False", (), False), PROMISE, missing)
    assert measure(source, HERE, "fork", 1, 60).statuses == {INAPPLICABLE: 1}


@pytest.mark.parametrize(
    ("raised_", "raises", "status"),
    [
        ("", "OSError(22, 'no')", FAILED),
        ("OSError", "OSError(22, 'no')", SHOWS),
        ("OSError", "OSError(24, 'too many open files')", FAILED),
        ("TypeError", "OSError(22, 'no')", FAILED),
        ("TypeError", "TypeError()", SHOWS),
        ("TypeError", "AssertionError()", SHOWS),
    ],
)
def test_an_exception_that_was_not_observed_is_trouble_of_the_script(raised_, raises, status):
    body = Body("", f"def check(mp):\n    raise {raises}", (), False)
    source = frame.standalone(body, replace(PROMISE, raised=raised_), PLAIN)
    assert measure(source, HERE, "fork", 1, 60).statuses == {status: 1}
