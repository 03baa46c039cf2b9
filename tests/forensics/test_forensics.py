"""What is told of subjects that hang, crash, are killed or flood, and that nothing is left of them."""

import os
import re
import signal
import sys
from dataclasses import replace

import pytest
from support.runs import TESTS
from support.waiting import until

from conformance import catalogue
from conformance.checking.script import Call, Script
from conformance.checking.worlds import World
from conformance.driver import dependence
from conformance.driver import stage as stages
from conformance.driver.campaign import Campaign, Profile
from conformance.driver.stage import printable
from conformance.forensics import endings, examination, procfs, stacks, waits
from conformance.forensics.process import TAIL, mark, start
from conformance.forensics.waits import Wait
from conformance.reporting import message
from conformance.subjects.subject import Subject, probe
from conformance.vocabulary.spec import Others

HERE = TESTS
SINGLE = Profile("a stream, a scenario", scripts=0, pinned=0, streams=1, scenarios=1)
PUTS = Script({}, ({0: (("put", ("a",), {}),)},))
PUT = catalogue.clauses()["queue.put.stores"]

pytestmark = pytest.mark.skipif(not procfs.available(), reason="needs procfs")


@pytest.fixture
def told(monkeypatch, tmp_path):
    """Puts into a queue of an implementation, or runs a scenario, and tells what a maintainer is told of the clause."""

    def tell(implementation, clause=PUT, start_method="fork"):
        monkeypatch.setenv("MPCONFORM_TEST", str(tmp_path))
        broken = replace(probe(sys.executable), implementation=implementation, path=(str(HERE),))
        subject, entry = Subject(broken, start_method), catalogue.entry("queue")
        campaign = Campaign(entry, subject, SINGLE, 0)
        if clause.kind in ("scenario", "law"):
            campaign.run([clause.name])
        else:
            campaign.play([PUTS])
            campaign.close()
        found = campaign.findings
        assert not procfs.marked(f"MPCONFORM_TEST={tmp_path}")
        if clause.name in found.violated:
            return message.violation(clause, subject, found.violated[clause.name][0], 1)
        return message.unknown(clause, subject, found.unknown[clause.name])

    return tell


@pytest.mark.parametrize("start_method", ["fork", "spawn", "forkserver"])
def test_message_of_a_deadlock_names_threads_and_stacks(told, start_method):
    text = told("mutants.failing:deadlocks", start_method=start_method)
    for part in (
        "Observed: put('a') does not return  (process 0, from 0.000 ms on)\n",
        "process 0 in put('a'): must finish (returns None)\n",
        "process 1 and process 2 are not in a call\n",
        ") waits for a lock or a signal inside its own process\n",
        "mutants/failing.py:32 in put:  lock.acquire()\n",
        "is idle: it waits for the driver's next command\n",
        "process 0 waits for something that only it could do itself\n",
    ):
        assert part in text
    assert ("the forkserver (pid" in text) == (start_method == "forkserver")
    assert ("the resource tracker (pid" in text) == (start_method != "fork")
    assert "Aborted" not in text


@pytest.mark.parametrize("start_method", ["fork", "spawn", "forkserver"])
@pytest.mark.parametrize(
    ("implementation", "seen", "more"),
    [
        ("mutants.failing:segfaults", "of SIGSEGV", "process 0 was killed by SIGSEGV\n"),
        ("mutants.failing:is_killed", "of SIGKILL", "or by the kernel when memory ran out\n"),
        ("support.faults:exits", "with exit status 3", "process 0 exited with status 3\n"),
    ],
)
def test_message_of_a_process_that_dies_has_its_signal_and_stack(told, implementation, seen, more, start_method):
    text = told(implementation, start_method=start_method)
    assert f"Observed: put('a') died {seen}  (process 0" in text
    assert more in text
    assert ("Segmentation fault\n" in text) == ("ctypes/__init__.py" in text) == ("SEGV" in seen)
    assert "leaked" not in text  # what a tracker says because the others were killed


def test_message_of_a_stage_that_is_killed_is_unknown(told):
    text = told("support.faults:kills_its_parent", catalogue.clauses()["queue.inherited"])
    assert "not known, because the stage failed: the stage was killed by SIGKILL" in text


def test_message_of_a_busy_subject_is_unknown_with_its_stack(told, monkeypatch):
    """Nothing can be proven, but what it is doing can be told."""
    monkeypatch.setattr(stages, "PATIENCE", 1.0)
    text = told("support.faults:is_busy")
    assert "not known, because put('a') by process 0 does not return\nHistory" in text
    assert ") runs\n" in text
    assert re.search(r"support/faults.py:[0-9]+ in put:  ", text)


def test_message_cuts_a_flood_to_its_last_lines(told):
    text = told("support.faults:floods_and_hangs")
    assert "put('a') does not return" in text
    assert re.search(r"support/faults.py:[0-9]+ in put:  ", text)
    assert text.count(r"a line of the flood, \x1b[31mred\x1b[0m") == stages.LAST_WORDS


def test_message_of_a_process_that_dies_in_a_stream_has_its_signal(told):
    stuck = catalogue.clauses()[f"queue.{next(iter(catalogue.entry('queue').spec.streams.values())).stuck}"]
    text = told("support.faults:dies_in_a_crowd", stuck)
    assert re.search(r"Observed: process [0-9] died of SIGSEGV\n", text)
    assert "    Fatal Python error: Segmentation fault\n" in text


def test_message_of_a_scenario_that_hangs_says_who_waits_for_whom(told):
    text = told("support.faults:loses", catalogue.clauses()["queue.close.flushes"])
    assert "Observed: does not come to an end\n" in text
    assert ") waits to read from a pipe into which child 1 of the stage and the stage can write\n" in text
    assert "in close_flushes\n" in text
    assert "child 1 of the stage and the stage wait for each other, and nothing else can free them\n" in text


# the processes of a stage, examined

CIRCLE = """
import os
def waits(): os.waitpid(child, 0)
def reads(): os.read(reader, 1)
reader, writer = os.pipe()
child = os.fork()
if child == 0: reads()
print("ready", flush=True)
waits()
"""
THREADS = """
import threading
def first(): threading.Event().wait()
for _ in range(2): threading.Thread(target=first, name="named", daemon=True).start()
print("ready", flush=True)
threading.Event().wait()
"""
HANDLED = """
import os, signal
if os.fork() == 0:
    signal.signal(signal.SIGABRT, signal.SIG_DFL)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    print("ready", flush=True)
    signal.pause()
os.wait()
"""
DEAD = """
import os, signal
child = os.fork()
if child == 0: os.kill(os.getpid(), signal.SIGTERM)
os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
print("ready", flush=True)
signal.pause()
"""


@pytest.fixture
def examined(tmp_path, monkeypatch):
    """Runs a script as a stage, and tells what is found when it sleeps."""
    directory = tmp_path / "run"

    def examine(script):
        directory.mkdir()
        environment = {**os.environ, "PYTHONFAULTHANDLER": "1"}
        with start([sys.executable, "-c", script], environment, directory) as supervised:
            until(lambda: "ready" in supervised.stderr_tail(), "the script to be ready")
            until(lambda: all(asleep(pid) for pid in supervised.processes()), "all processes to sleep")
            return examination.examine(supervised, {supervised.processes()[0]: "the stage"})

    yield examine
    assert not procfs.marked(mark(directory))
    assert not list(tmp_path.rglob("core*"))


def asleep(pid):
    return all(status and status.state in "SZ" for tid in procfs.threads(pid) if (status := procfs.status(pid, tid),))


def test_examine_names_processes_that_wait_for_each_other(examined):
    text = examined(CIRCLE)
    assert ") waits for the end of child 1 of the stage\n        <string>:3 in waits\n" in text
    assert "waits to read from a pipe into which child 1 of the stage and the stage can write\n" in text
    assert "        <string>:4 in reads\n" in text
    assert text.endswith("child 1 of the stage and the stage wait for each other, and nothing else can free them")


def test_examine_shows_every_thread(examined):
    text = examined(THREADS)
    assert text.count("    3 threads: each waits for a lock or a signal inside its own process\n") == 1
    assert text.count("in first\n") == 1  # those two have the same stack
    assert "<string>:6 in <module>" in text


def test_examine_does_not_abort_a_process_without_a_handler(examined, monkeypatch):
    monkeypatch.setenv("PATH", "")
    text = examined(HANDLED)
    assert "child 1 of the stage (pid" in text
    assert f") waits in pause()\n        {examination.BARE}\n" in text
    assert "<string>:8 in <module>" in text


def test_examine_reports_the_signal_of_a_child_that_has_ended(examined):
    assert "child 1 of the stage (pid" in (text := examined(DEAD))
    assert ") was killed by SIGTERM\n" in text


@pytest.mark.parametrize("script", ["raise SystemExit(0)", "import os; os.kill(os.getpid(), 9)"])
def test_examine_tolerates_a_stage_that_is_gone(tmp_path, script):
    directory = tmp_path / "run"
    directory.mkdir()
    with start([sys.executable, "-c", script], os.environ, directory) as supervised:
        supervised.wait(10)
        assert examination.examine(supervised, {}) == ""


# the pieces


def test_circle_finds_those_who_wait_for_each_other():
    a, b, c, anybody = (Wait("", frozenset(whom)) for whom in ("b", "a", "ab", ""))
    assert waits.circle({"a": [a], "b": [b], "c": [c]}) == ["a", "b"]  # nobody waits for c
    assert waits.circle({"a": [a], "b": [Wait("")], "c": [c]}) == []
    assert waits.circle({"a": [a], "b": [b, Wait("")], "c": [c]}) == []
    assert waits.circle({"a": [Wait("", frozenset("a"))]}) == ["a"]
    assert waits.circle({"a": [anybody], "b": []}) == []


def test_describe_says_whom_an_open_call_waits_for():
    """Each holds what the other waits for, as far as an RLock's relation knows: only its owner can release it."""
    spec = catalogue.entry("rlock").spec
    owned = next(move.state for move in spec.operations["acquire"].moves(spec.state(), 0, (), {}, Others()))
    waiting = [Call(1, 1, "acquire", (), {}, 0), Call(2, 2, "acquire", (), {}, 0)]
    first, *_ = dependence.describe(spec, [World(owned)], waiting, 1)
    assert first == "process 1 in acquire(): may wait until release() is called by process 0"
    held = [Call(3, 0, "acquire", (), {}, 0), *waiting]
    assert dependence.describe(spec, [World(owned)], held, 1)[0] == "process 0 in acquire(): must finish (returns True)"


@pytest.mark.parametrize(
    ("status", "words", "cause"),
    [
        (0, "exited with status 0", "with exit status 0"),
        (3, "exited with status 3", "with exit status 3"),
        (-signal.SIGSEGV, "was killed by SIGSEGV", "of SIGSEGV"),
        (-64, "was killed by SIGRTMAX", "of SIGRTMAX"),
        (-99, "was killed by signal 99", "of signal 99"),
    ],
)
def test_endings_describe_exit_statuses(status, words, cause):
    assert endings.words(status) == words
    assert endings.cause(status) == cause
    assert endings.shell_words(status if status >= 0 else 128 - status) == words


REPORT = """warning before
Fatal Python error: Aborted

Thread 0x00007fab0485d6c0 [Thread-1 (f)] (most recent call first):
  File "/usr/lib/python3.14/threading.py", line 302 in wait
  File "/tmp/mpconform-a_b1/code/specs/queues/queues.py", line 9 in body
  File "/tmp/mpconform-a_b1/code/conformance/stage/actor.py", line 57 in method
  File "/usr/lib/python3.14/multiprocessing/process.py", line 108 in run

Current thread 0x00007fab0503ab80 (most recent call first):
  File "/tmp/mpconform-a_b1/code/conformance/stage/wire.py", line 53 in _read

Current thread's C stack trace (most recent call first):
  Binary file "python3.14", at _Py_DumpStack+0x4a [0x49b2f9]
"""
PYPY = """Fatal Python error: Aborted

Stack (most recent call first, approximate line numbers):
  File "<string>", line 1 in <module>
"""


def test_stacks_parses_reports_of_faulthandler():
    thread, current = stacks.parsed(REPORT.splitlines())
    assert thread.thread == "Thread-1 (f)"
    assert thread.lines() == ["threading.py:302 in wait", "specs/queues/queues.py:9 in body"]
    assert current.idle
    assert not thread.idle
    assert [stack.lines() for stack in stacks.parsed(PYPY.splitlines())] == [["<string>:1 in <module>"]]
    assert stacks.parsed(["nothing"]) == []


def test_printable_escapes_and_cuts_lines_for_a_terminal():
    assert printable("plain \u00e9") == "plain \u00e9"
    assert printable("\x1b[31m\x00") == r"\x1b[31m\x00"
    assert printable("x" * 1000 + "end").endswith("xend")
    assert len(printable("x" * TAIL)) < 1000


def test_spied_tolerates_nonsense_of_py_spy(tmp_path, monkeypatch):
    for script in ("exit 3", "echo nonsense", "echo '[{}]'", "echo 7"):
        program = tmp_path / "py-spy"
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
        assert stacks.spied(os.getpid()) == []


def test_spied_reads_the_stacks_of_py_spy(tmp_path, monkeypatch):
    program = tmp_path / "py-spy"
    frames = '[{"name": "f", "filename": "/usr/lib/python3.13/a.py", "line": 7}]'
    program.write_text(f'#!/bin/sh\necho \'[{{"thread_name": null, "frames": {frames}}}]\'\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    assert [stack.lines() for stack in stacks.spied(os.getpid())] == [["a.py:7 in f"]]
