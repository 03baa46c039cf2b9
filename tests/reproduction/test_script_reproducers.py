"""Reproducers of violations that scripts have found: plain scripts that fail on the broken, and pass on the real."""

import ast
import inspect
import os
import subprocess
import sys
from dataclasses import replace

import pytest
from support import hunting
from support.runs import TESTS

from conformance import catalogue
from conformance.checking.findings import HUNG, RETURNED, Violation
from conformance.checking.script import Call, Script
from conformance.checking.witness import Witness
from conformance.driver.campaign import Campaign
from conformance.driver.shrinking import shrink
from conformance.reproduction import frame
from conformance.reproduction.body import HANGS, WRONG, Body, ImportPath, Promise
from conformance.reproduction.from_history.script import bodies
from conformance.reproduction.measure import measure
from conformance.reproduction.reproducer import reproduce
from conformance.reproduction.source import write_call, write_constructor
from conformance.subjects.subject import Subject, probe
from conformance.vocabulary.outcomes import raised, returned
from conformance.vocabulary.values import Blob

REAL = ImportPath("multiprocessing")
OLDEST = (3, 8)
MS = 1_000_000  # ns


def a_call(actor, text, observed=None, at=None, until=None):
    """A call given as source, such as ``put(1, False)``; times are milliseconds, by default after the call before."""
    node = ast.parse(text, mode="eval").body
    args = tuple(ast.literal_eval(arg) for arg in node.args)
    kwargs = {keyword.arg: ast.literal_eval(keyword.value) for keyword in node.keywords}
    return actor, node.func.id, args, kwargs, observed, at, until


def violation(clause, make, *calls):
    """A violation with this history; each actor has a round for each call."""
    history, rounds = [], []
    for number, (actor, op, args, kwargs, observed, at, until) in enumerate(calls):
        start = number * 10 if at is None else at
        end = None if observed is None else (start + 5 if until is None else until) * MS
        history.append(Call(number, actor, op, args, kwargs, start * MS, end, observed))
        rounds.append({actor: ((op, args, kwargs),)})
    outcome = str(calls[-1][4]) if calls[-1][4] else "does not return"
    manner = calls[-1][4].kind if calls[-1][4] else HUNG
    return Violation(Witness(clause, Script(make, tuple(rounds))), "", outcome, history=tuple(history), manner=manner)


def checks(found, implementation=REAL):
    """The checks that are offered for a violation."""
    return [body.check for body in bodies(catalogue.owner(found.clause), found, implementation)]


def sources(found):
    """The functions and checks that are offered for a violation."""
    return [f"{body.definitions}\n{body.check}" for body in bodies(catalogue.owner(found.clause), found, REAL)]


def main_parts(found):
    """What the main process does in the checks that are offered for a violation."""
    for source in sources(found):
        tree = ast.parse(source)
        functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
        yield ast.unparse(next(functions[name] for name in ("attempt", "race", "check") if name in functions))


def script(found, implementation, number=0):
    """One of the scripts that are offered for a violation."""
    entry = catalogue.owner(found.clause)
    body = list(bodies(entry, found, implementation))[number]
    clause = entry.spec.clauses[found.clause]
    shows = HANGS if found.manner == HUNG else WRONG
    promise = Promise(clause.name, clause.statement, clause.documents, "", found.observed, "a subject", "fork", shows)
    return frame.standalone(body, promise, implementation)


def status(source, directory, method="fork", python=sys.executable):
    """The exit status of a script, and what it says."""
    path = directory / "reproducer.py"
    path.write_text(source)
    environment = {**os.environ, "PYTHONPATH": str(TESTS)}
    done = subprocess.run([python, path, method], env=environment, capture_output=True, text=True, timeout=100)
    return done.returncode, done.stderr


def check(text):
    return inspect.cleandoc(text) + "\n"


NONE, TRUE, FALSE = returned(None), returned(True), returned(False)
FULL_AND_PUT = violation(
    "queue.put.full", {"maxsize": 1}, a_call(0, "put('a')", NONE), a_call(2, "put('b', False)", NONE)
)


def test_bodies_make_calls_in_a_row_in_one_process():
    assert checks(FULL_AND_PUT)[0] == check(
        """
        def check(mp):
            queue = mp.Queue(maxsize=1)
            queue.put("a")
            try:
                result = queue.put("b", False)
            except Full:
                pass
            else:
                raise AssertionError(f"queue.put('b', False) returned {result!r}")
        """
    )


def test_script_fails_on_the_broken_and_passes_on_the_real(tmp_path):
    broken, said = status(script(FULL_AND_PUT, ImportPath("mutants.queues.queues:capacity_plus_one")), tmp_path)
    assert (broken, "queue.put('b', False) returned None" in said) == (1, True), said
    assert status(script(FULL_AND_PUT, REAL), tmp_path) == (0, "")


def test_bodies_make_a_call_that_should_wait_in_another_process():
    found = violation("lock.acquire.waits", {}, a_call(0, "acquire()", TRUE), a_call(1, "acquire()", TRUE))
    assert checks(found)[0] == check(
        """
        def check(mp):
            lock = mp.Lock()
            lock.acquire()
            process = mp.Process(target=acquire, args=(lock,), daemon=True)
            process.start()
            process.join(1)
            assert process.exitcode is None, "lock.acquire() did not wait"
        """
    )


def test_bodies_leave_a_call_that_does_not_return_to_the_watchdog():
    found = violation("lock.acquire.busy", {}, a_call(0, "acquire()", TRUE), a_call(1, "acquire(False)"))
    assert checks(found)[0].splitlines()[1:] == [
        "    lock = mp.Lock()",
        "    lock.acquire()",
        "    lock.acquire(False)",
    ]


def test_bodies_leave_out_calls_that_make_no_difference():
    calls = [
        a_call(0, "full()", FALSE),
        a_call(1, "empty()", TRUE),
        a_call(1, "full()", FALSE),
        a_call(0, "put('a')", NONE),
        a_call(1, "full()", FALSE),
    ]
    assert checks(violation("queue.full.tells", {"maxsize": 1}, *calls))[0] == check(
        """
        def check(mp):
            queue = mp.Queue(maxsize=1)
            queue.put("a")
            result = queue.full()
            assert result is True, f"queue.full() returned {result!r}"
        """
    )


def test_bodies_keep_the_owner_of_a_lock():
    """A recursive lock that lets in another process, which no script of one process can show."""
    found = violation("rlock.acquire.busy", {}, a_call(0, "acquire()", TRUE), a_call(1, "acquire(False)", TRUE))
    assert all("mp.Process" in offered for offered in sources(found))


def test_bodies_offer_nothing_for_what_is_permitted():
    found = violation("queue.get.takes", {"maxsize": 0}, a_call(0, "put('a')", NONE), a_call(1, "get()", returned("a")))
    assert checks(found) == []


def test_bodies_tolerate_an_exception_that_is_permitted_in_passing():
    """The object that was put may not have arrived; then nothing is known of the queue."""
    empty = raised(__import__("queue").Empty())
    calls = [a_call(0, "put('a')", NONE), a_call(0, "get_nowait()", empty), a_call(0, "full()", FALSE)]
    found = violation("queue.full.tells", {"maxsize": 1}, *calls)
    offered = [body.definitions + body.check for body in bodies(catalogue.owner(found.clause), found, REAL)]
    assert all("except Empty" in each or "suppress(Empty)" in each for each in offered if "get_nowait()" in each)


def test_bodies_measure_giving_up_early():
    found = violation(
        "lock.acquire.expires", {}, a_call(0, "acquire()", TRUE), a_call(0, "acquire(timeout=0.012)", FALSE, 10, 14)
    )
    assert "assert waited > 0.499" in checks(found)[0]


def test_bodies_run_a_race_on_many_objects_and_compare_what_processes_saw():
    calls = [a_call(0, "acquire()", TRUE), a_call(1, "release()", NONE, 10, 20), a_call(2, "release()", NONE, 11, 19)]
    last = sources(violation("lock.release.unlocked", {}, *calls))[-1]
    assert 'if first == "returned None" and second == "returned None":' in last


def test_bodies_inline_or_include_a_function_of_the_spec():
    entry = catalogue.entry("value")
    assert write_call(entry.spec, Call(0, 0, "set", (7,), {}, 0), "value").text == "value.value = 7"
    assert write_constructor(entry.spec, {"number": 2, "given": True}).text == 'mp.Value("i", 2, lock=mp.RLock())'
    counted = violation("value.increment.adds", {"number": 0}, a_call(0, "increment()", returned(2)))
    (body, *_) = bodies(entry, counted, REAL)
    assert "def count_up(v):" in body.definitions
    assert "result = count_up(value)" in body.check


@pytest.mark.parametrize("entry", [e for e in catalogue.entries() if e.spec.operations], ids=lambda e: e.spec.name)
def test_write_call_suits_the_oldest_version_for_every_operation(entry):
    for operation in entry.spec.operations.values():
        named = {name: domain.values[0] if domain.values else 1 for name, domain in operation.domains.items()}
        text = write_call(entry.spec, Call(0, 0, operation.name, (), named, 0), "it").text
        ast.parse(text, feature_version=OLDEST)


def test_reproduce_keeps_the_simplest_that_works_and_measures_it():
    real = probe(sys.executable)
    subject = Subject(
        replace(real, implementation="mutants.queues.queues:capacity_plus_one", path=(str(TESTS),)), "fork"
    )
    found = reproduce(catalogue.entry("queue"), subject, FULL_AND_PUT, seconds=60, times=3)
    assert (str(found.rate), found.source.count("Process(")) == ("shows in 3 of 3 runs", 0)


def test_bodies_change_nothing_that_a_forked_process_would_inherit():
    """A queue that was closed by its parent is closed in a forked process, too, whatever the relation says."""
    done = [a_call(0, "put(1)", NONE), a_call(0, "close()", NONE), a_call(0, "join_thread()", NONE)]
    offered = list(main_parts(violation("queue.empty.false", {"maxsize": 0}, *done, a_call(1, "empty()", TRUE))))
    assert offered
    assert all(each.index("close()") > each.index(".start()") for each in offered if "  queue.close()" in each)


OPERATIONS = {name for name, clause in catalogue.clauses().items() if clause.kind == "operation"}
ELUSIVE = {"mutants.queues.simple:unlocked_reader"}  # a race of a few microseconds


def found_in(address, mutant):
    """A violation of a clause that the mutant names, which the real implementation does not show as well."""
    broken = hunting.subject(address, mutant)
    known = {deviation.clause for deviation in hunting.known(broken.start_method)}
    wanted = set(mutant.breaks) & OPERATIONS & hunting.promised() - known
    for seed in range(hunting.TRIES):
        for spec in sorted({clause.partition(".")[0] for clause in wanted}):
            mine = {clause for clause in wanted if clause.startswith(spec + ".")}
            found = Campaign(catalogue.entry(spec), broken, hunting.SMALL, seed).run(mine).violated
            for clause in sorted(mine & set(found)):
                return broken, found[clause][0]
    return broken, None


@pytest.mark.exhaustive
@pytest.mark.parametrize("address", [a for a, m in hunting.MUTANTS.items() if set(m.breaks) & OPERATIONS])
def test_reproducer_of_a_mutant_fails_on_it_and_passes_on_the_real(address, tmp_path):
    broken, found = found_in(address, hunting.MUTANTS[address])
    if found is None or address in ELUSIVE:
        pytest.skip("nothing that the real implementation does not show as well, or a race that hardly ever shows")
    shrunk = shrink(found, broken, seconds=10)
    reproducer = reproduce(catalogue.owner(found.clause), broken, shrunk.violation, seconds=30)
    assert reproducer.rate.shown, reproducer.source
    real = replace(broken, interpreter=probe(sys.executable))
    source = reproducer.source.replace(ImportPath(address).imported, REAL.imported)
    again = measure(source, real.interpreter, real.start_method, 1, 60)
    assert again.statuses == {0: 1}, again.output


LARGE = Blob(100_000, 7)


def test_bodies_wait_for_no_child_that_may_rightly_stay():
    """Who has put more than a pipe takes does not end before somebody gets it."""
    history = (
        Call(0, 1, "put", (LARGE,), {}, 0, 5 * MS, returned(None)),
        Call(1, 0, "put", (1,), {}, 10 * MS, None, None),
    )
    rounds = ({1: (("put", (LARGE,), {}),)}, {0: (("put", (1,), {}),)})
    found = Violation(
        Witness("queue.put.stores", Script({}, rounds)), "", "does not return", history=history, manner=HUNG
    )
    assert not [source for source in sources(found) if "mp.Process" in source and "12501" in source]
    assert checks(found)


def test_script_ends_though_it_leaves_a_queue_full():
    check = "def check(mp):\n    mp.Queue().put(bytes(1_000_000))"
    promise = Promise("a.b", "It is so.", "multiprocessing.Queue", "https://docs.python.org", "no", "CPython", "fork")
    written = frame.standalone(Body("", check, ()), promise, REAL)
    assert measure(written, probe(sys.executable), "fork", 1, 60).statuses == {0: 1}


def test_bodies_contain_no_values_that_cannot_be_written_down():
    """Shown in part, it is no source: a script with it would not even be Python."""
    found = violation(
        "connection.recv_bytes.receives", {}, (0, "send_bytes", (bytes(300), 10), {}, returned(None), None, None)
    )
    got = Call(1, 1, "recv_bytes", (), {}, 20 * MS, 25 * MS, returned(b"wrong"))
    rounds = (*found.witness.script.rounds, {1: (("recv_bytes", (), {}),)})
    found = Violation(
        Witness(found.clause, Script({}, rounds)), "", "wrong", history=(*found.history, got), manner=RETURNED
    )
    for check in checks(found):
        ast.parse(check)
