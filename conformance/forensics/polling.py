"""Hangs beside threads that poll: evidence that nothing runs except threads that look at something again and again.

A thread that wakes from time to time only to look, such as the supervisor of a pool, hides a hang from the
certificate of sound sleep. Watched for long enough, it can be distinguished from a thread that works: whatever it
does each time wakes no other thread, starts and ends no thread and no process, and it goes back to sleep in the
same call, from the same depth of its stack. Nor is it woken before its time: threads that wake each other go on,
although each of them has a timeout. Load can only weaken the evidence: a thread that waits for a processor does not
count as asleep.

What this cannot see is a poller that acts after more than ``WATCHED`` seconds. A poller that late has kept
every process waiting with nothing to do. One that has not woken ``WAKES`` times by then is watched for longer, at most
``LONGEST`` times as long: one that sleeps for so long that it takes more proves nothing.
"""

import time
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from conformance.forensics import procfs
from conformance.forensics.certificate import (
    Asleep,
    Certificate,
    Look,
    Sleeper,
    pause_between_samples,
    somebody_is_hidden,
)
from conformance.forensics.outside import Check, Sleep, refuse_nothing
from conformance.forensics.timeouts import end_of_sleep

WATCHED = 15.0  # seconds, at least; the pool of billiard lets 10 pass before it reports that a worker was lost
LONGEST = 3  # times the above, at most, for pollers that sleep for long
PAUSE = 0.05  # seconds between looks
WAKES = 6  # how often a poller must have woken: a few long sleeps in a row may as well be a few steps that are slow
EARLY = 0.01  # seconds before its time, at which a poller that wakes was woken by another thread
AWAKE = 0.1  # the share of looks in which a poller may be awake
ENOUGH = 20  # looks after which this share means something

Thread = tuple[int, int]  # ids of the process and of the thread


@dataclass(frozen=True)
class Polling(Certificate):
    """All threads of these processes slept for ``seconds``, except some that woke only to sleep again."""

    @property
    def summary(self) -> str:
        """The certificate in one sentence."""
        return (
            f"For {self.seconds:.1f} s, no thread in any of {len(self.processes)} processes has run, "
            "except threads that poll: they wake from a timeout, wake no other thread, and sleep again."
        )


class Watch:
    """What was seen of the threads of some processes: those that slept for good at first, and the others."""

    def __init__(self, seen: dict[Thread, Look]) -> None:
        self.first = self.last = seen
        self.sound = {thread: look for thread, look in seen.items() if sleeps_for_good(look)}
        self.pollers = seen.keys() - self.sound.keys()
        self.looks, self.asleep, self.calls = 0, Counter[Thread](), dict[Thread, tuple[str, int]]()
        self.ends: dict[Thread, float | None] = {}  # when the sleeps that were seen last end by themselves
        self.time: float | None = None  # of the last look

    def sees(self, seen: dict[Thread, Look]) -> bool:
        """Whether all may still be hanging, as far as this look shows."""
        before, self.looks, self.last = self.last, self.looks + 1, seen
        if seen.keys() != self.first.keys() or any(seen[thread] != look for thread, look in self.sound.items()):
            return False
        if any(self._was_woken(before[thread], seen[thread]) for thread in self.pollers):
            return False
        self.time = time.monotonic()
        for thread in self.pollers:
            call = seen[thread].call
            if call is not None and not call.untimed:
                where = call.name, call.stack
                self.asleep[thread] += self.calls.setdefault(thread, where) == where
        return self.looks < ENOUGH or all(self.asleep[t] >= self.looks * (1 - AWAKE) for t in self.pollers)

    def _was_woken(self, before: Look, look: Look) -> bool:
        """Whether a poller woke before its time; notes when its new sleep ends."""
        thread = look.pid, look.tid
        anew = switches(look) != switches(before)
        early = anew and (end := self.ends.get(thread)) is not None and time.monotonic() < end - EARLY
        if anew or thread not in self.ends:
            timed = look.call is not None and not look.call.untimed
            self.ends[thread] = end_of_sleep(look.pid, look.call, self.time) if timed and look.call else None
        return early

    def woken(self) -> int:
        """How often the poller has polled that has done so least."""
        return min((switches(self.last[t]) - switches(self.first[t]) for t in self.pollers), default=WAKES)

    def sleeps(self) -> list[Sleep]:
        """What the threads wait on: those that poll may look at anything when they wake."""
        return [
            Sleep(look.pid, look.call if thread in self.sound else None)
            for thread, look in self.first.items()
            if not look.ended
        ]


def certify(pids: Sequence[int], seconds: float = WATCHED, check: Check = refuse_nothing) -> Polling | None:
    """Returns a certificate for these processes; None as soon as a thread is seen to be alive.

    Watches them for ``seconds`` at least, and until each poller has woken six times, which may take thrice as long.
    ``check`` is asked at the end: what it raises is raised.
    """
    watch, started = Watch(dict(looks(pids))), time.monotonic()
    while watch.sees(dict(looks(pids))):
        lasted = time.monotonic() - started
        if lasted >= seconds and watch.woken() >= WAKES:
            check(pids, watch.sleeps())
            proven = undisturbed(pids, watch) and watch.sees(dict(looks(pids)))
            return Polling(processes_of(pids, watch), lasted, untimed=False) if proven else None
        if lasted >= seconds * (LONGEST if watch.woken() >= WAKES / LONGEST else 1):
            return None
        pause_between_samples(PAUSE)
    return None


def certify_below(pid: int, seconds: float = WATCHED, check: Check = refuse_nothing) -> Polling | None:
    """Returns a certificate for all descendants of a process; None if one came or went in the meantime."""
    before = procfs.descendants(pid)
    found = certify(before, seconds, check)
    return found if found and procfs.descendants(pid) == before else None


def naps(pids: Sequence[int], ticking: Collection[int] = (), since: float | None = None) -> dict[Look, float | None]:
    """The threads in a timed sleep, and when they end by themselves; none if a thread is awake.

    What counts from the start of a sleep is taken to have begun at ``since``, by the monotonic clock.
    """
    seen = [look for thread, look in looks(pids) if thread[1] not in ticking and not look.ended]
    if any(look.call is None for look in seen):
        return {}
    return {
        look: end_of_sleep(look.pid, look.call, since)
        for look in seen
        if look.call is not None and not look.call.untimed
    }


def describe_naps(found: Mapping[Look, float | None], roles: Mapping[int, str]) -> str:
    """Which threads are in a timed sleep, as words; empty if there are none."""
    calls = {roles.get(look.pid, f"process {look.pid}"): look.call.name for look in found if look.call is not None}
    return " and ".join(f"a thread of {role} is in a timed sleep, {call}()" for role, call in calls.items())


def looks(pids: Sequence[int]) -> Iterator[tuple[Thread, Look]]:
    """What every thread is doing now; one that is awake has no call."""
    for pid in pids:
        for tid in procfs.threads(pid):
            status = procfs.status(pid, tid)
            resting = status is not None and status.state == "S"
            yield (pid, tid), Look(pid, tid, status, procfs.syscall(pid, tid) if resting else None)


def sleeps_for_good(look: Look) -> bool:
    """Whether the thread has ended, or sleeps until another thread wakes it."""
    return look.ended or (look.call is not None and look.call.untimed)


def switches(look: Look) -> int:
    """How often the thread has gone to sleep of its own accord."""
    return look.status.voluntary if look.status else 0


def undisturbed(pids: Sequence[int], watch: Watch) -> bool:
    """Whether nothing is in transit that would wake a thread, and no thread waits for a process that cannot be seen."""
    return not procfs.delivers(pids) and not somebody_is_hidden(tuple(watch.first.values()))


def processes_of(pids: Sequence[int], watch: Watch) -> tuple[Asleep, ...]:
    """The processes in a certificate."""
    threads = {pid: [look for look in watch.first.values() if look.pid == pid and not look.ended] for pid in pids}
    return tuple(
        Asleep(pid, procfs.command_line(pid), tuple(sleeper(look, watch) for look in threads[pid])) for pid in pids
    )


def sleeper(look: Look, watch: Watch) -> Sleeper:
    """One thread in the certificate."""
    thread = look.pid, look.tid
    if thread in watch.sound:
        return Sleeper(look.tid, look.call.name if look.call else "", procfs.wchan(*thread))
    woken = switches(watch.last[thread]) - switches(watch.first[thread])
    return Sleeper(look.tid, f"polls, {watch.calls[thread][0]} {woken} times", "")
