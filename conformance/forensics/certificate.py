"""The hang certificate: evidence that nobody is left to wake a set of processes.

If every thread of every process sleeps in a system call without a timeout, and none of them
ran between the first look and the last, then at some instant all slept at once, and only
somebody outside can wake one of them: a lock is never released, a byte never written.

Bytes on their way over TCP wake somebody, too: while there are any, there is no certificate.

What a certificate cannot see: a pending ``alarm()`` or ``setitimer()``, a ``timerfd``, a
timeout set on a socket itself (``SO_RCVTIMEO``; Python's ``settimeout`` is not one).
"""

import math
import threading
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from conformance.forensics import procfs

SAMPLES = 3
ASLEEP_FOR = 0.004  # seconds from the first sample to the last
FOR_CHILDREN = ("wait4", "waitid")
LONGEST_PAUSE = 0.05  # seconds between samples: who is alive is found so soon


@dataclass(frozen=True)
class Sleeper:
    """A sleeping thread: its system call, and the kernel's function if that can be read."""

    tid: int
    call: str
    wchan: str

    def __str__(self) -> str:
        return f"thread {self.tid}: {self.call}" + (f" ({self.wchan})" if self.wchan else "")


@dataclass(frozen=True)
class Asleep:
    """A process of a certificate; one without threads has ended and was not reaped."""

    pid: int
    command: str
    threads: tuple[Sleeper, ...]

    def __str__(self) -> str:
        return f"process {self.pid}: {self.command}" + "".join(f"\n    {t}" for t in self.threads or ["ended"])


@dataclass(frozen=True)
class Certificate:
    """All these processes slept for ``seconds``, in calls without a timeout if ``untimed``."""

    processes: tuple[Asleep, ...]
    seconds: float
    untimed: bool

    @property
    def summary(self) -> str:
        """The certificate in one sentence."""
        how = "in system calls without a timeout" if self.untimed else "without waking once"
        return f"Every thread of all {len(self.processes)} processes sleeps {how} (for {self.seconds * 1000:.1f} ms)."

    def describe(self) -> str:
        """The certificate for people, in lines."""
        return "\n".join([self.summary, *map(str, self.processes)])


class Look(NamedTuple):
    """How a thread was seen asleep: its context switches and its call; neither for one that ticks."""

    pid: int
    tid: int
    status: procfs.Status | None
    call: procfs.SystemCall | None

    @property
    def ended(self) -> bool:
        return self.status is not None and self.status.state == "Z"


Snapshot = tuple[Look, ...]


def certify(
    pids: Sequence[int],
    asleep_for: float = ASLEEP_FOR,
    *,
    oversleep: float | None = None,
    ticking: Collection[int] = (),
) -> Certificate | None:
    """A certificate that these processes sleep for good; None if one is alive, gone, or cannot be read.

    Looks three times in ``asleep_for`` seconds. With ``oversleep`` (seconds) the weaker form: looks
    at least five times in that time, and calls with a timeout count too; it says that nobody woke,
    not that nobody will, and is for calls that must finish sooner. ``ticking`` are ids of threads
    that only have to sleep, in whatever call and however often they woke, because all they do is
    to look at a flag from time to time: like the main thread (its id is the process's) of the server
    of ``multiprocessing.managers``.

    Read what has arrived from the processes first: a reply on its way is not seen here. Takes
    about the time asked for, and much less if somebody is alive.
    """
    samples = SAMPLES if oversleep is None else max(5, math.ceil(oversleep / LONGEST_PAUSE) + 1)
    pause = (asleep_for if oversleep is None else oversleep) / (samples - 1)
    started = time.monotonic()
    first = snapshot(pids, ticking, untimed=oversleep is None)
    for left in reversed(range(samples - 1)):
        if not first:
            return None
        pause_between_samples(pause)
        if left == 0 and (procfs.delivers(pids) or somebody_is_hidden(first)):
            return None  # before the last look: who sleeps in the looks around it was asleep then, too
        if snapshot(pids, ticking, untimed=oversleep is None) != first:
            return None
    return certificate(pids, first or (), time.monotonic() - started, oversleep is None)


def somebody_is_hidden(seen: Snapshot) -> bool:
    """Whether a process waits for a child that cannot be seen: a machine out of descriptors hides some."""
    families = procfs.families()
    return any(look.call is not None and look.call.name in FOR_CHILDREN and look.pid not in families for look in seen)


def certify_below(
    pid: int, asleep_for: float = ASLEEP_FOR, *, oversleep: float | None = None, ticking: Collection[int] = ()
) -> Certificate | None:
    """A certificate for all descendants of a process, none of which came or went meanwhile."""
    before = procfs.descendants(pid)
    found = certify(before, asleep_for, oversleep=oversleep, ticking=ticking)
    return found if found and procfs.descendants(pid) == before else None


def pause_between_samples(seconds: float) -> None:
    """Waits for the next look: nobody can announce that nothing happened."""
    threading.Event().wait(seconds)


def snapshot(pids: Sequence[int], ticking: Collection[int], untimed: bool) -> Snapshot | None:
    """How all threads sleep; None as soon as one of them does not."""
    seen: list[Look] = []
    for pid in pids:
        threads = procfs.threads(pid)
        for tid in threads:
            look = asleep(pid, tid, untimed and tid not in ticking)
            if look is None:
                return None
            if tid in ticking and not look.ended:
                look = Look(pid, tid, None, None)
            seen.append(look)
        if not threads:
            return None
    return tuple(seen)


def asleep(pid: int, tid: int, untimed: bool) -> Look | None:
    """How and where a thread sleeps; None if it does not, or in a call with a timeout if that counts."""
    status = procfs.status(pid, tid)
    if status is None or status.state not in "SZ":
        return None
    if status.state == "Z":
        return Look(pid, tid, status, None)
    call = procfs.syscall(pid, tid)
    return None if untimed and not (call and call.untimed) else Look(pid, tid, status, call)


def certificate(pids: Sequence[int], seen: Snapshot, seconds: float, untimed: bool) -> Certificate:
    """The certificate for what was seen the same each time."""
    processes = []
    for pid in pids:
        threads = tuple(sleeper(look) for look in seen if look.pid == pid and not look.ended)
        processes.append(Asleep(pid, procfs.command_line(pid), threads))
    return Certificate(tuple(processes), seconds, untimed)


def sleeper(look: Look) -> Sleeper:
    """One thread of the certificate."""
    call = look.call.name if look.call else "ticking" if look.status is None else "an unreadable call"
    return Sleeper(look.tid, call, procfs.wchan(look.pid, look.tid))
