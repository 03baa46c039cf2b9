"""Nothing is left behind, however a run ends."""

import os
import signal
import sys
import time

import pytest
from support.leftovers import SHM, SOME, MarkedRun
from support.runs import TESTS

from conformance import catalogue
from conformance.driver.campaign import Campaign, Profile
from conformance.forensics import procfs
from conformance.subjects.subject import Subject, probe

PATIENCE = 30.0  # seconds until everything must be gone

pytestmark = pytest.mark.skipif(not procfs.available(), reason="looks for processes through procfs")


def test_run_leaves_nothing_after_a_normal_end():
    """With workers, and by every start method."""
    run = MarkedRun("--clause", "simplequeue.*", "--profile", "sample")
    output, _ = run.process.communicate()
    assert run.process.returncode == 0, output
    run.await_nothing_left(PATIENCE)


@pytest.mark.parametrize("seconds", [0.1, 0.6, 1.2, 2.0, 3.5])
def test_run_leaves_nothing_after_ctrl_c(seconds):
    run = MarkedRun(*SOME)
    run.wait(seconds)
    run.end(signal.SIGINT)
    output, _ = run.process.communicate(timeout=PATIENCE)
    started = "init_import_site" not in output  # else Ctrl-C has come before Python could heed it, and it exits with 1
    assert run.process.returncode in (130, -signal.SIGINT) or not started, output
    run.await_nothing_left(PATIENCE)


@pytest.mark.parametrize(
    ("number", "seconds", "workers"),
    [(signal.SIGKILL, 1.2, "0"), (signal.SIGKILL, 2.5, "2"), (signal.SIGTERM, 1.7, "2"), (signal.SIGHUP, 2.2, "2")],
)
def test_run_leaves_nothing_after_a_signal(number, seconds, workers):
    """``benchmarks/endings.py`` tries a hundred other moments."""
    run = MarkedRun(*SOME, "-n", workers)
    run.wait(seconds)
    run.end(number)
    run.process.communicate(timeout=PATIENCE)
    assert run.process.returncode in (128 + number, -number)
    run.await_nothing_left(PATIENCE)


# Slow: each clause is tried until it is worn, and a flood is only given up when patience ends.
FAILING = ["segfaults", *(pytest.param(how, marks=pytest.mark.slow) for how in ("deadlocks", "is_killed", "floods"))]


@pytest.mark.parametrize("how", FAILING)
def test_run_leaves_nothing_of_a_subject_that_fails(how):
    mutant = ["--implementation", f"mutants.failing:{how}", "--implementation-path", str(TESTS)]
    # Without reproducers, each of which would wait ten seconds for what hangs.
    run = MarkedRun(
        *mutant, "--clause", "queue.[pg][ue]t.*", "--start-method", "fork", "--shrink", "0", "--profile", "sample"
    )
    output, _ = run.process.communicate()
    assert run.process.returncode == 1, output
    run.await_nothing_left(PATIENCE)


@pytest.mark.skipif(not SHM.is_dir(), reason="shared memory is elsewhere")
def test_run_leaves_no_blocks_that_only_the_tracker_of_a_hanging_subject_knew():
    """Stacks are read by aborting processes; a tracker that was aborted, too, left the blocks that it knew of."""
    mutant = "mutants.memory.shared_memory:released_only_without_error"
    path = ("--implementation", mutant, "--implementation-path", str(TESTS), "--start-method", "fork", "--shrink", "0")
    run = MarkedRun(*path, "--clause", "sharedmemory.manager.with")
    output, _ = run.process.communicate()
    assert "does not come to an end" in output
    run.await_nothing_left(PATIENCE)


def descriptors() -> set[str]:
    """What this process has open: no two pipes or sockets are called the same."""
    links = (f"/proc/self/fd/{each}" for each in os.listdir("/proc/self/fd"))
    return {os.readlink(link) for link in links if os.path.lexists(link)}


def test_campaign_leaves_no_file_descriptor_open():
    subject = Subject(probe(sys.executable), "fork")
    entry = catalogue.entry("queue")
    small = Profile("small", scripts=20, pinned=1, streams=1, scenarios=1)
    Campaign(entry, subject, small, 0).run(entry.spec.clauses)
    before = descriptors()
    Campaign(entry, subject, small, 1).run(entry.spec.clauses)
    deadline = time.monotonic() + PATIENCE
    while descriptors() - before and time.monotonic() < deadline:
        time.sleep(0.01)  # a thread may still be about to close the pipe that it has read to its end
    assert descriptors() <= before
