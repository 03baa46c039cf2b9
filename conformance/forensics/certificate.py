"""The hang certificate: evidence that nothing is left to wake a set of processes.

If every thread of every process sleeps in a system call without a timeout, and none of them
ran between the first look and the last, then at some instant all slept at once, and only
an outside process can wake one of them: a lock is never released, a byte never written.
Before an accusation, ``outside.py`` is asked whether there is one.

Bytes in transit over TCP wake a thread as well: while there are any, no certificate is issued.

A certificate cannot see a pending ``alarm()`` or ``setitimer()``, a ``timerfd``, or a
timeout set on the socket itself (``SO_RCVTIMEO``; Python's ``settimeout`` does not set one).
"""

import math
import threading
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from conformance.forensics import procfs
from conformance.forensics.outside import Check, Sleep, refuse_nothing

SAMPLES = 3
ASLEEP_FOR = 0.004  # seconds from the first sample to the last
FOR_CHILDREN = ("wait4", "waitid")
LONGEST_PAUSE = 0.05  # seconds between samples: the longest that a live process goes unnoticed


@dataclass(frozen=True)
class Sleeper:
    """A sleeping thread: its system call, and the kernel function it sleeps in, if that can be read."""

    tid: int
    call: str
    wchan: str

    def __str__(self) -> str:
        return f"thread {self.tid}: {self.call}" + (f" ({self.wchan})" if self.wchan else "")


@dataclass(frozen=True)
class Asleep:
    """A process in a certificate; one without threads has ended but was not reaped."""

    pid: int
    command: str
    threads: tuple[Sleeper, ...]

    def __str__(self) -> str:
        return f"process {self.pid}: {self.command}" + "".join(f"\n    {t}" for t in self.threads or ["ended"])


@dataclass(frozen=True)
class Certificate:
    """All of these processes slept for ``seconds``, in calls without a timeout if ``untimed``."""

    processes: tuple[Asleep, ...]
    seconds: float
    untimed: bool

    @property
    def summary(self) -> str:
        """The certificate in one sentence."""
        how = "in system calls without a timeout" if self.untimed else "without waking once"
        return f"Every thread of all {len(self.processes)} processes sleeps {how} (for {self.seconds * 1000:.1f} ms)."

    def describe(self) -> str:
        """The certificate as human-readable lines."""
        return "\n".join([self.summary, *map(str, self.processes)])


class Look(NamedTuple):
    """A thread that was seen asleep: its context switches and its call; neither for one that ticks."""

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
    check: Check = refuse_nothing,
) -> Certificate | None:
    """Returns a certificate that these processes sleep for good; None if one is alive, gone, or cannot be read.

    Looks three times in ``asleep_for`` seconds. With ``oversleep`` (seconds), the certificate is
    weaker: this looks at least five times in that time, and calls with a timeout count as well. It
    says that no thread woke, not that none will: a round may rest upon it, and nothing is accused.
    ``ticking`` holds the ids of threads that only have to be asleep, whatever their call and however
    often they woke, because all they do is look at a flag from time to time. An example is the main
    thread (whose id is that of the process) of the server of ``multiprocessing.managers``.
    ``check`` is asked last, when every look before has found the same: what it raises is raised.

    Read what has arrived from the processes first: a reply in transit is not seen here. Takes
    about the time asked for, and much less if a process is alive.
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
            return None  # checked before the last look: a thread asleep before and after this check slept during it
        if left == 0:
            check(pids, [Sleep(look.pid, look.call) for look in first if look.call is not None])
        if snapshot(pids, ticking, untimed=oversleep is None) != first:
            return None
    return certificate(pids, first or (), time.monotonic() - started, oversleep is None)


def somebody_is_hidden(seen: Snapshot) -> bool:
    """Whether a process waits for a child that cannot be seen: a machine that is out of descriptors hides some."""
    families = procfs.families()
    return any(look.call is not None and look.call.name in FOR_CHILDREN and look.pid not in families for look in seen)


def certify_below(
    pid: int,
    asleep_for: float = ASLEEP_FOR,
    *,
    oversleep: float | None = None,
    ticking: Collection[int] = (),
    check: Check = refuse_nothing,
) -> Certificate | None:
    """Returns a certificate for all descendants of a process; None if one came or went in the meantime."""
    before = procfs.descendants(pid)
    found = certify(before, asleep_for, oversleep=oversleep, ticking=ticking, check=check)
    return found if found and procfs.descendants(pid) == before else None


def pause_between_samples(seconds: float) -> None:
    """Waits for the next look; there is no event to wait for, since nothing announces that nothing happened."""
    threading.Event().wait(seconds)


def snapshot(pids: Sequence[int], ticking: Collection[int], untimed: bool) -> Snapshot | None:
    """How each thread sleeps; None as soon as one of them does not."""
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
    """How and where a thread sleeps; None if it does not, or, with ``untimed``, if its call has a timeout."""
    status = procfs.status(pid, tid)
    if status is None or status.state not in "SZ":
        return None
    if status.state == "Z":
        return Look(pid, tid, status, None)
    call = procfs.syscall(pid, tid)
    return None if untimed and not (call and call.untimed) else Look(pid, tid, status, call)


def certificate(pids: Sequence[int], seen: Snapshot, seconds: float, untimed: bool) -> Certificate:
    """The certificate for what every look has seen."""
    processes = []
    for pid in pids:
        threads = tuple(sleeper(look) for look in seen if look.pid == pid and not look.ended)
        processes.append(Asleep(pid, procfs.command_line(pid), threads))
    return Certificate(tuple(processes), seconds, untimed)


def sleeper(look: Look) -> Sleeper:
    """One thread in the certificate."""
    call = look.call.name if look.call else "ticking" if look.status is None else "an unreadable call"
    return Sleeper(look.tid, call, procfs.wchan(look.pid, look.tid))
