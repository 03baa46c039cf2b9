"""Starts a stage under a warden, and makes sure that it is gone afterwards."""

import os
import secrets
import select
import shutil
import signal
import string
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO

from conformance.forensics import procfs

WARDEN = Path(__file__).with_name("warden.py")
TAIL = 1 << 16  # bytes of the stage's output that are kept
KILLING_PATIENCE = 2.0  # seconds for killed processes to go
LETTERS = string.ascii_letters + string.digits


class Tail:
    """The last bytes that arrived from a pipe, which is drained so that a subject that floods it never blocks."""

    def __init__(self, pipe: IO[bytes]) -> None:
        self._pipe, self._kept, self.arrived = pipe, bytearray(), 0
        self.identity = f"pipe:[{os.fstat(pipe.fileno()).st_ino}]"
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._drain, args=(pipe,), name="stage output", daemon=True)
        self._thread.start()

    def _drain(self, pipe: IO[bytes]) -> None:
        with pipe:
            while select.select([pipe], [], []) and self._take():
                pass

    def _take(self) -> bool:
        """Takes what is in the pipe; returns whether more may come."""
        with self._lock:  # so that a thread that finds the pipe empty under the lock has seen everything
            chunk = os.read(self._pipe.fileno(), TAIL)
            self.arrived += len(chunk)
            self._kept += chunk
            del self._kept[:-TAIL]
        return bool(chunk)

    def settle(self, patience: float) -> None:
        """Waits up to ``patience`` seconds until the pipe is empty."""
        deadline = time.monotonic() + patience
        while self._thread.is_alive() and time.monotonic() < deadline:
            with self._lock:
                if self._pipe.closed or not select.select([self._pipe], [], [], 0)[0]:
                    return
            self._thread.join(0.001)

    def since(self, position: int) -> str:
        """What has arrived after the first ``position`` bytes, if it is still kept."""
        with self._lock:
            return self._kept[max(len(self._kept) - (self.arrived - position), 0) :].decode(errors="backslashreplace")

    def text(self, patience: float = 0.0) -> str:
        """What is kept, waiting up to ``patience`` seconds for the end of the pipe."""
        self._thread.join(patience)
        with self._lock:
            return self._kept.decode(errors="backslashreplace")


class Supervised:
    """A stage with its warden. The stage's processes are the descendants of ``pid``."""

    def __init__(self, warden: "subprocess.Popen[bytes]", directory: Path) -> None:
        assert warden.stdin
        assert warden.stderr
        self.pid, self.directory = warden.pid, directory
        self._warden, self._life_line, self.tail = warden, warden.stdin, Tail(warden.stderr)

    def release(self) -> None:
        """Lets the stage start."""
        with suppress(BrokenPipeError):  # exited() reports how the warden ended
            self._life_line.write(b"\n")

    def stderr_tail(self) -> str:
        """The last 64 KiB that the stage and its descendants printed; complete once the stage has exited."""
        return self.tail.text(0.0 if self.exited() is None else 1.0)

    def exited(self) -> int | None:
        """The stage's exit status once everything is cleaned up, 128 + n for signal n; None before.

        A negative number means that the warden itself was killed: ``close`` cleans up then.
        """
        return self._warden.poll()

    def wait(self, seconds: float) -> int | None:
        """The exit status, as from ``exited``, once the stage has ended; None if it still runs after ``seconds``."""
        wait_for_exit(self._warden, seconds)
        return self.exited()

    def processes(self) -> tuple[int, ...]:
        """The stage and all its descendants, without the warden; none without procfs."""
        return procfs.descendants(self.pid) if self.exited() is None else ()

    def close(self, deadline: float = 10.0) -> None:
        """Ends the stage and all its descendants, and removes the directory of the run.

        Leaves this to the warden, and takes over if the warden is gone or takes longer than
        ``deadline`` seconds. Closing again does nothing.
        """
        self._life_line.close()
        wait_for_exit(self._warden, deadline)
        if self.exited() is None or self.directory.exists():
            self._clean_up()

    def _clean_up(self) -> None:
        """Does the work of a warden that failed."""
        below = self.processes()
        if self.exited() is None:
            self._warden.kill()
            wait_for_exit(self._warden, KILLING_PATIENCE)
        kill_all(below, mark(self.directory))
        for _ in range(2):  # a process that was just killed may have added a file
            shutil.rmtree(self.directory, ignore_errors=True)

    def __enter__(self) -> "Supervised":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def start(
    command: Sequence[str],
    environment: Mapping[str, str],
    directory: Path,
    pass_fds: Sequence[int] = (),
    held: bool = False,
) -> Supervised:
    """Starts a stage under a warden, in its own session, with this environment and nothing else.

    If it is ``held``, only the warden runs until ``release``, so that the directory can be made and filled first:
    whatever happens to the driver in the meantime, the directory is removed.

    ``directory`` belongs to the run and is removed at the end with everything in it. The stage
    creates its temporary files there (TMPDIR), which also marks its processes. Keep the path short:
    the address of a socket in it may have at most 107 bytes. Raises OSError if the driver cannot start
    processes; a command that cannot be started exits with 127, and ``stderr_tail`` says why.
    """
    name, _, value = mark(directory).partition("=")
    warden = subprocess.Popen(
        [sys.executable, "-I", "-S", str(WARDEN), str(directory), "--", *command],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env={**environment, name: value},
        pass_fds=tuple(pass_fds),
        bufsize=0,
        start_new_session=True,
    )
    try:
        supervised = Supervised(warden, directory)
    except BaseException:  # no thread, for instance, can be started
        warden.stdin.close()  # type: ignore[union-attr]
        wait_for_exit(warden, KILLING_PATIENCE)
        warden.stderr.close()  # type: ignore[union-attr]
        raise
    if not held:
        supervised.release()
    return supervised


def name_directory(base: str) -> Path:
    """A directory for a run that does not exist yet, and whose name cannot be guessed.

    It is created once the warden has started: created earlier, it would remain if the driver were killed in between.
    Its name is a word, by which stacks are freed of it.
    """
    return Path(base, "mpconform-" + "".join(secrets.choice(LETTERS) for _ in range(8)))


def mark(directory: Path) -> str:
    """The environment entry that identifies the processes of a run, even as orphans."""
    return f"TMPDIR={directory.absolute()}"


def wait_for_exit(process: "subprocess.Popen[bytes]", seconds: float) -> None:
    """Waits for a process to end, or for the deadline; wakes at once, whereas Popen.wait() with a timeout polls."""
    if process.poll() is None and wait_for_end(process.pid, seconds):
        seconds = 0.0
    with suppress(subprocess.TimeoutExpired):
        process.wait(seconds)


def wait_for_end(pid: int, seconds: float) -> bool:
    """Waits for any process to end, or for the deadline; returns False if this system does not support it."""
    if sys.platform != "linux":
        return False
    with suppress(ProcessLookupError):
        descriptor = os.pidfd_open(pid)
        end = select.poll()
        end.register(descriptor, select.POLLIN)
        end.poll(seconds * 1000)
        os.close(descriptor)
    return True


def kill_all(pids: Sequence[int], marking: str) -> None:
    """Kills these processes, and then the marked ones until none is left."""
    deadline = time.monotonic() + KILLING_PATIENCE
    remaining = {*pids, *procfs.marked(marking)}
    while remaining and time.monotonic() < deadline:
        for pid in remaining:
            with suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        remaining = {*procfs.marked(marking)}
