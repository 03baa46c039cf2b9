"""Nothing is left behind, however a run ends."""

import os
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path

import pytest
from support.runs import TESTS

from conformance import catalogue
from conformance.driver.campaign import Campaign, Profile
from conformance.forensics import procfs
from conformance.subjects.subject import Subject, probe

HERE = TESTS
PATIENCE = 30.0  # seconds until everything must be gone
SHM = Path("/dev/shm")

pytestmark = pytest.mark.skipif(not procfs.available(), reason="looks for processes through procfs")


def heed_ctrl_c():
    """In what a shell runs in the background, the signal would be ignored."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Run:
    """``mpconform run`` in a session of its own, recognised by a mark in its environment."""

    def __init__(self, *options: str) -> None:
        self.mark, self.temporary = f"MPCONFORM_TEST={uuid.uuid4().hex}", Path(tempfile.mkdtemp(prefix="left-"))
        self.known = set(os.listdir(SHM)) if SHM.is_dir() else set()
        name, value = self.mark.split("=")
        environment = {**os.environ, name: value, "TMPDIR": str(self.temporary)}
        command = [sys.executable, "-m", "conformance", "run", *options]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "stdin": subprocess.DEVNULL}
        self.process = subprocess.Popen(
            command,
            env=environment,
            cwd=HERE.parent,
            text=True,
            start_new_session=True,
            preexec_fn=heed_ctrl_c,
            **pipes,
        )

    def wait(self, seconds: float) -> None:
        """Lets the run go on for a while, or until it ends."""
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return

    def left(self) -> list[str]:
        """What is left: processes and temporary files."""
        processes = [procfs.command_line(pid) for pid in procfs.marked(self.mark)]
        return [p for p in processes if p] + [str(path) for path in self.temporary.iterdir()]

    def check(self) -> None:
        """Waits until nothing is left; semaphores of this run or of others at the time vanish too."""
        shared = set(os.listdir(SHM))
        deadline = time.monotonic() + PATIENCE
        pause = 0.01
        while time.monotonic() < deadline:
            if not self.left() and not shared & set(os.listdir(SHM)) - self.known:
                self.temporary.rmdir()
                return
            self.wait_for_the_rest(pause)
        raise AssertionError((self.left(), shared & set(os.listdir(SHM)) - self.known))

    @staticmethod
    def wait_for_the_rest(pause: float) -> None:
        time.sleep(pause)


SOME = ("--clause", "queue.*", "--clause", "event.*", "--clause", "lock.*")


def test_run_leaves_nothing_after_a_normal_end():
    """With workers, and by every start method."""
    run = Run("--clause", "simplequeue.*", "--profile", "sample")
    output, _ = run.process.communicate()
    assert run.process.returncode == 0, output
    run.check()


@pytest.mark.parametrize("seconds", [0.1, 0.6, 1.2, 2.0, 3.5])
def test_run_leaves_nothing_after_ctrl_c(seconds):
    run = Run(*SOME)
    run.wait(seconds)
    os.killpg(run.process.pid, signal.SIGINT)
    output, _ = run.process.communicate(timeout=PATIENCE)
    assert run.process.returncode in (130, -signal.SIGINT), output
    run.check()


@pytest.mark.parametrize("seconds", [1.2, 2.5])
def test_run_leaves_nothing_after_the_driver_is_killed(seconds):
    run = Run(*SOME, "-n", "0")
    run.wait(seconds)
    run.process.kill()
    run.process.communicate()
    run.check()


# Slow: each clause is tried until it is worn, and a flood is only given up when patience ends.
FAILING = ["segfaults", *(pytest.param(how, marks=pytest.mark.slow) for how in ("deadlocks", "is_killed", "floods"))]


@pytest.mark.parametrize("how", FAILING)
def test_run_leaves_nothing_of_a_subject_that_fails(how):
    mutant = ["--implementation", f"mutants.failing:{how}", "--implementation-path", str(HERE)]
    # Without reproducers, each of which would wait ten seconds for what hangs.
    run = Run(
        *mutant, "--clause", "queue.[pg][ue]t.*", "--start-method", "fork", "--shrink", "0", "--profile", "sample"
    )
    output, _ = run.process.communicate()
    assert run.process.returncode == 1, output
    run.check()


@pytest.mark.skipif(not SHM.is_dir(), reason="shared memory is elsewhere")
def test_run_leaves_no_blocks_that_only_the_tracker_of_a_hanging_subject_knew():
    """Stacks are read by aborting processes; a tracker that was aborted, too, left the blocks that it knew of."""
    mutant = "mutants.memory.shared_memory:released_only_without_error"
    path = ("--implementation", mutant, "--implementation-path", str(HERE), "--start-method", "fork", "--shrink", "0")
    run = Run(*path, "--clause", "sharedmemory.manager.with")
    output, _ = run.process.communicate()
    assert "does not come to an end" in output
    run.check()


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
        Run.wait_for_the_rest(0.01)  # a thread may still be about to close the pipe that it has read to its end
    assert descriptors() <= before
