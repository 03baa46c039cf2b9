"""Runs of the command that are ended from outside, and what is left of them."""

import os
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path

from conformance.forensics import procfs
from support.runs import TOP

SHM = Path("/dev/shm")
LOOK = 0.01  # seconds from one look to the next
SOME = ("--clause", "queue.*", "--clause", "event.*", "--clause", "lock.*")


class MarkedRun:
    """``mpconform run`` in a session of its own, recognized by a mark in its environment."""

    def __init__(self, *options: str) -> None:
        self.mark, self.temporary = f"MPCONFORM_TEST={uuid.uuid4().hex}", Path(tempfile.mkdtemp(prefix="left-"))
        self.known = shared_names()
        name, value = self.mark.split("=")
        environment = {**os.environ, name: value, "TMPDIR": str(self.temporary)}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "conformance", "run", *options],
            env=environment,
            cwd=TOP,
            text=True,
            start_new_session=True,
            preexec_fn=heed_ctrl_c,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )

    def wait(self, seconds: float) -> None:
        """Lets the run go on for a while, or until it ends."""
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return

    def end(self, number: signal.Signals) -> None:
        """Sends a signal as its usual sender does: Ctrl-C, or a terminal that closes, reaches the whole group."""
        if number in (signal.SIGINT, signal.SIGHUP):
            os.killpg(self.process.pid, number)
        else:
            self.process.send_signal(number)

    def left(self) -> list[str]:
        """What is left: processes, temporary files, and names in shared memory that this run or others have made."""
        processes = [procfs.command_line(pid) for pid in procfs.marked(self.mark)]
        files = [str(path) for path in self.temporary.iterdir()]
        return [*filter(None, processes), *files, *sorted(self.shared & shared_names())]

    def await_nothing_left(self, patience: float) -> float:
        """Waits until nothing is left, and returns how many seconds that took. Fails after ``patience`` seconds."""
        self.shared = shared_names() - self.known
        began = time.monotonic()
        while left := self.left():
            assert time.monotonic() < began + patience, f"left after {patience} s: {left}"
            time.sleep(LOOK)
        self.temporary.rmdir()
        return time.monotonic() - began


def heed_ctrl_c() -> None:
    """In what a shell runs in the background, the signal would be ignored."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def shared_names() -> set[str]:
    """The names of shared memory and semaphores, of any process."""
    return set(os.listdir(SHM)) if SHM.is_dir() else set()
