"""Whether a machine that was short of something explains what seems to be a violation.

What the machine refuses is not the subject's fault: then a clause is unknown. What tells of a refusal, an errno, a
message or a signal, is only a reason to measure. The subject stays to blame where the machine has enough for what
the specs need, and where its own processes hold what is missing.
"""

import errno
import mmap
import os
import re
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from conformance.forensics import limits
from conformance.forensics.limits import ADDRESSES, BLOCKS, DESCRIPTORS, FILES, MEMORY, PROCESSES, SECONDS, SIZE
from conformance.subjects.subject import Unusable

MIB = 1 << 20
# What specs need at most, with a margin: 36 threads, stocks of 200 objects, 1 GiB of addresses with those of arenas.
ENOUGH = {
    PROCESSES: 64,
    DESCRIPTORS: 512,
    ADDRESSES: 2048 * MIB,
    MEMORY: 256 * MIB,
    BLOCKS: 32 * MIB,
    FILES: 64 * MIB,
    SIZE: 1024 * MIB,
    SECONDS: 600,
}
GREEDY = {PROCESSES: 64, DESCRIPTORS: 100, MEMORY: 1024 * MIB, BLOCKS: 16 * MIB}  # what no spec makes a subject hold
SIGNS = (
    (r"can't start new thread", (PROCESSES, ADDRESSES, MEMORY)),
    ("EAGAIN", (PROCESSES, ADDRESSES, MEMORY)),
    ("ENOMEM", (ADDRESSES, MEMORY, PROCESSES)),
    (r"\bMemoryError\b|[Oo]ut of memory", (ADDRESSES, MEMORY)),
    ("EMFILE", (DESCRIPTORS,)),
    ("ENFILE", (DESCRIPTORS,)),
    ("ENOSPC", (BLOCKS, FILES)),
    ("EDQUOT", (BLOCKS, FILES)),
    ("EFBIG", (SIZE,)),
    (r"\bSIGBUS\b|\bBus error\b|exitcode.*-7\b", (BLOCKS, FILES, MEMORY)),
    (r"\bSIGXFSZ\b|exitcode.*-25\b", (SIZE,)),
    (r"\bSIGXCPU\b|exitcode.*-24\b", (SECONDS,)),
    (r"\bSIGSEGV\b|\bSIGABRT\b|exitcode.*-(6|11)\b", (ADDRESSES,)),
    (r"\bSIGKILL\b|exitcode.*-9\b", (SECONDS,)),
)
REFUSALS = (OSError, RuntimeError, MemoryError)  # what Python raises when the machine refuses something
KILLED = re.compile(r"\bSIGKILL\b|exitcode.*-9\b")


@dataclass(frozen=True)
class Shortage:
    """What the machine was short of, and how that is known."""

    resource: str
    reason: str

    def __str__(self) -> str:
        return f"the machine was short of {self.resource} ({self.reason})"


class Short(Unusable):
    """A subject cannot start because the machine was short of something."""

    def __init__(self, message: str, shortage: Shortage) -> None:
        super().__init__(message)
        self.shortage = shortage


def explain_refusal(
    said: str, running: Callable[[], Sequence[int]] = tuple, inherited: int = 0, kills: int | None = None
) -> Shortage | None:
    """What the machine was short of when something was ``said``; None if it had enough, or the subject took it all.

    Args:
        said: All that was observed of the failure, with tracebacks and last words.
        running: Returns the processes of the subject that still run.
        inherited: The number of descriptors that the stage had from the start.
        kills: How many processes had been killed for want of memory before.
    """
    if kills is not None and KILLED.search(said) and limits.out_of_memory_kills() > kills:
        return Shortage(MEMORY, "the kernel has killed a process for want of it")
    for resource in dict.fromkeys(each for pattern, meant in patterns() if pattern.search(said) for each in meant):
        own = limits.held(resource, running(), inherited)
        if own < GREEDY.get(resource, float("inf")):
            tight = limits.tightest(resource, own, tempfile.gettempdir())
            if tight.left < ENOUGH[resource]:
                return Shortage(resource, f"{tight.name} leaves {amount(resource, tight.left)}")
    return refused(running, inherited)


def patterns() -> Iterator[tuple[re.Pattern[str], tuple[str, ...]]]:
    """What tells of refusals, and which resources each may be about."""
    for sign, resources in SIGNS:
        number = getattr(errno, sign, None)
        known = rf"\[Errno {number}\]|Error\({number},|{re.escape(os.strerror(number))}" if number else sign
        yield re.compile(known), resources


def amount(resource: str, left: float) -> str:
    """How much is left, in words."""
    left = max(left, 0)
    if resource in (PROCESSES, DESCRIPTORS):
        return f"{left:.0f}"
    return f"{left:.0f} s" if resource == SECONDS else f"{left / MIB:.1f} MiB"


def refused(running: Callable[[], Sequence[int]], inherited: int) -> Shortage | None:
    """What the machine refuses the driver, too, at this moment, unless the subject's processes hold it all."""
    for resource, take in CONTROLS.items():
        try:
            take()
        except REFUSALS as error:
            if limits.held(resource, running(), inherited) < GREEDY.get(resource, float("inf")):
                return Shortage(resource, f"the driver is refused it as well: {error or type(error).__name__}")
    return None


def take_thread() -> None:
    """Starts a thread, which ends at once."""
    thread = threading.Thread(target=int, daemon=True)
    thread.start()
    thread.join()


def take_descriptors() -> None:
    """Opens two descriptors."""
    for descriptor in os.pipe():
        os.close(descriptor)


def take_memory() -> None:
    """Maps memory, and gives it back."""
    mmap.mmap(-1, MIB * 16).close()


def take_space(directory: str) -> None:
    """Fills a file without a name."""
    if os.path.isdir(directory):
        with tempfile.TemporaryFile(dir=directory) as file:
            file.write(bytes(MIB))


CONTROLS: dict[str, Callable[[], object]] = {
    PROCESSES: take_thread,
    DESCRIPTORS: take_descriptors,
    MEMORY: take_memory,
    BLOCKS: partial(take_space, limits.SHARED_MEMORY),
    FILES: lambda: take_space(tempfile.gettempdir()),
}
