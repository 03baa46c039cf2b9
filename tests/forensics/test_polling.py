"""Hangs beside threads that poll are certified; whoever does something, however slowly, never is."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from conformance.forensics import polling, procfs

pytestmark = pytest.mark.skipif(not procfs.available(), reason="needs procfs")

WATCHED = 2.5  # seconds: several rounds of what is below
TRIES = 5  # a machine under load leaves a poller waiting for a processor
POLLER = """
import threading, time
def poll():
    while True: time.sleep(0.2)
threading.Thread(target=poll, daemon=True).start()
"""
HANGS = POLLER + "lock = threading.Lock(); lock.acquire(); say(); lock.acquire()"
ALIVE = {
    "the poller wakes another thread": """
import threading, time
event = threading.Event()
def poll():
    while not time.sleep(0.2): event.set()
threading.Thread(target=poll, daemon=True).start()
say()
while event.wait(): event.clear()
""",
    "another thread computes": POLLER + "say()\nwhile True: pass",
    "the poller is busy half the time": """
import time
say()
while not time.sleep(0.1):
    end = time.monotonic() + 0.1
    while time.monotonic() < end: pass
""",
    "a thread sleeps for long": POLLER + "say(); time.sleep(60)",
    "two threads with timeouts wake each other": """
import threading
mine, other, never = threading.Lock(), threading.Lock(), threading.Lock()
for lock in (mine, other, never): lock.acquire()
def hand_over(take, give):
    while True: take.acquire(timeout=60), never.acquire(timeout=0.2), give.release()
threading.Thread(target=hand_over, args=(mine, other), daemon=True).start()
mine.release()
say()
hand_over(other, mine)
""",
    "the poller sleeps at different depths": """
import time
def nap(depth): time.sleep(0.1) if depth == 0 else list(map(nap, [depth - 1]))
say()
while True:
    for depth in range(4): nap(depth)
""",
    "the poller waits in different ways": """
import select, time
say()
while True: time.sleep(0.2), select.select([], [], [], 0.2)
""",
    "the poller starts processes": """
import subprocess, sys, time
say()
while not time.sleep(0.2): subprocess.run([sys.executable, "-c", "import time; time.sleep(0.1)"])
""",
    "the poller starts threads": """
import threading, time
say()
while not time.sleep(0.2): threading.Thread(target=time.sleep, args=(0.1,)).start()
""",
}


@pytest.fixture
def run() -> Iterator[object]:
    """Starts a script that says when it is ready, and ends it with all its children."""
    started = []

    def start(script: str) -> "subprocess.Popen[str]":
        source = f"def say(): print('ready', flush=True)\n{script}"
        process = subprocess.Popen(
            [sys.executable, "-c", source], stdout=subprocess.PIPE, text=True, start_new_session=True
        )
        started.append(process)
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        return process

    yield start
    for process in started:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def test_polling_certifies_a_deadlock_beside_a_thread_that_polls(run) -> None:
    process = run(HANGS)
    found = next(filter(None, (polling.certify([process.pid], WATCHED) for _ in range(TRIES))))
    assert found.seconds >= WATCHED
    sound, poller = found.processes[0].threads
    assert sound.call == "futex"
    assert poller.call.startswith("polls, clock_nanosleep ")
    assert f"process {process.pid}: {sys.executable}" in found.describe()


@pytest.mark.parametrize("script", ALIVE.values(), ids=ALIVE)
def test_polling_never_certifies_a_process_that_does_something(run, script: str) -> None:
    process = run(script)
    assert polling.certify([process.pid], WATCHED) is None


def test_polling_does_not_certify_a_stopped_process(run) -> None:
    process = run(HANGS)
    os.kill(process.pid, signal.SIGSTOP)
    assert polling.certify([process.pid], WATCHED) is None


def test_polling_does_not_certify_processes_that_come_or_go(run, monkeypatch: pytest.MonkeyPatch) -> None:
    process = run(HANGS)
    families = iter([(process.pid,), (process.pid, os.getpid())])
    monkeypatch.setattr(procfs, "descendants", lambda pid: next(families))
    assert polling.certify_below(0, WATCHED) is None
