"""The Python stacks of processes that are no longer needed.

Every interpreter of a subject is started with PYTHONFAULTHANDLER, so that SIGABRT makes it print the stacks
of all its threads before it dies. This includes children, forkservers and managers, and nothing has to be
installed or registered in them. The signal is sent only once the verdict is settled and the subject is to be
ended anyway, and only to processes that have a handler for it. The others are read by py-spy, if it is on PATH.
"""

import json
import linecache
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import NamedTuple

from conformance.forensics import procfs
from conformance.forensics.process import Supervised, wait_for_end

PATIENCE = 1.0  # seconds for a process to print its stacks
SPYING = 3.0  # seconds for py-spy to read one process
SHOWN = 8  # frames of a thread
TEXT = 60  # characters of a line of code
OURS = ("conformance/stage/actor.py", "conformance/stage/stage.py", "conformance/stage/wire.py")
IDLE = "conformance/stage/wire.py"  # a thread that reads there waits for a command from the driver
MACHINERY = ("<frozen importlib", "<builtin>/frozen importlib", "<builtin>/app_main.py")  # imports, and PyPy's start
HEAD = re.compile(r"(?:Current thread|Thread) 0x[0-9a-f]+ ?(?:\[(.+)\] )?\(most recent call first\):|Stack \(most .*")
FRAME = re.compile(r'  File "(.*)", line (\d+) in (.*)')
PRIVATE = re.compile(r"^.*/(?:mpconform-\w+/code|lib(?:64)?/(?:python|pypy)3\.\d+t?(?:/site-packages)?)/")


class Frame(NamedTuple):
    """One frame of a stack, with its line of code if that is known: it names what the thread waits for."""

    path: str
    line: str
    function: str
    text: str = ""

    def __str__(self) -> str:
        return f"{self.path}:{self.line} in {self.function}" + (f":  {self.text}" if self.text else "")


class Stack(NamedTuple):
    """The frames of one thread, most recent call first; its name, if the interpreter reports it."""

    thread: str
    frames: tuple[Frame, ...]

    @property
    def idle(self) -> bool:
        """Whether the thread waits for the driver."""
        return bool(self.frames and self.frames[0].path == IDLE)

    @property
    def calls(self) -> bool:
        """Whether the harness is on the stack: the thread is in a call of a script, or in a scenario."""
        return any(frame.path in OURS for frame in self.frames)

    def lines(self) -> list[str]:
        """The frames in human-readable form, without those of the harness that led to them."""
        ours = (index for index, frame in enumerate(self.frames) if frame.path in OURS)
        frames = self.frames[: next(ours, len(self.frames))]
        frames = tuple(frame for frame in frames if not frame.path.startswith(MACHINERY))
        more = [f"... {len(frames) - SHOWN} more"] if len(frames) > SHOWN else []
        return [*map(str, frames[:SHOWN]), *more]


def last_stacks(supervised: Supervised, pids: Sequence[int]) -> dict[int, list[Stack]]:
    """The stacks of these processes, given parents first, if they can be read; most of the processes die of it.

    All are stopped first: otherwise the death of one would wake another, and change its stack. A resource tracker is
    not aborted, and goes on afterwards: it is to unlink what the others leave behind. It is absent from the result.
    """
    errors = procfs.target(supervised.pid, 2)
    trackers = [pid for pid in pids if procfs.is_tracker(pid)]
    others = [pid for pid in pids if pid not in trackers]
    telling = [pid for pid in others if procfs.catches(pid, signal.SIGABRT) and procfs.target(pid, 2) == errors]
    found = {pid: spied(pid) for pid in others if pid not in telling}
    for pid in pids:
        send(pid, signal.SIGSTOP)
    for pid in reversed(telling):  # the stage comes last: once it has died, its warden ends the rest
        found[pid] = abort_and_read_stacks(supervised, pid)
    for pid in trackers:
        send(pid, signal.SIGCONT)
    return found


def abort_and_read_stacks(supervised: Supervised, pid: int) -> list[Stack]:
    """Aborts a process and reads the stacks that it prints; the newest thread, which is printed first, comes last."""
    supervised.tail.settle(PATIENCE)
    before = supervised.tail.arrived
    leave_no_core(pid)
    send(pid, signal.SIGABRT)
    send(pid, signal.SIGCONT)
    wait_for_end(pid, PATIENCE)
    supervised.tail.settle(PATIENCE)
    return parsed(supervised.tail.since(before).splitlines())[::-1]


def spied(pid: int) -> list[Stack]:
    """The stacks that py-spy reads, oldest thread first; none if it is missing or fails."""
    program = shutil.which("py-spy")
    if program is None:
        return []
    command = [program, "dump", "--full-filenames", "--json", "--pid", str(pid)]
    try:
        done = subprocess.run(command, check=True, capture_output=True, timeout=SPYING, stdin=subprocess.DEVNULL)
        threads = json.loads(done.stdout)
        return [
            Stack(t["thread_name"] or "", tuple(frame(f["filename"], f["line"], f["name"]) for f in t["frames"]))
            for t in sorted(threads, key=lambda t: t.get("os_thread_id") or 0)
        ]
    except (OSError, subprocess.SubprocessError, ValueError, KeyError, TypeError, AttributeError):
        return []


def parsed(lines: Iterable[str]) -> list[Stack]:
    """Parses the stacks in a report of faulthandler."""
    found: list[tuple[str, list[Frame]]] = []
    inside = False
    for line in lines:
        if match := HEAD.match(line):
            found.append((match.group(1) or "", []))
            inside = True
        elif inside and (match := FRAME.match(line)):
            found[-1][1].append(frame(*match.groups()))
        else:
            inside = False
    return [Stack(thread, tuple(frames)) for thread, frames in found if frames]


def frame(path: str, line: object, function: str) -> Frame:
    """A frame whose path begins with the package."""
    text = linecache.getline(path, int(str(line))).strip() if os.path.isabs(path) else ""
    return Frame(PRIVATE.sub("", path), str(line), function, text if len(text) <= TEXT else f"{text[:TEXT]} ...")


def leave_no_core(pid: int) -> None:
    """Keeps an aborted process from dumping core: a limit of one byte is too small for files and for pipes."""
    if sys.platform == "linux":
        import resource

        with suppress(OSError, ValueError):
            hard = resource.prlimit(pid, resource.RLIMIT_CORE)[1]
            resource.prlimit(pid, resource.RLIMIT_CORE, (hard if hard in (0, 1) else 1, hard))


def send(pid: int, number: int) -> None:
    """Signals a process that may be gone."""
    with suppress(OSError):
        os.kill(pid, number)
