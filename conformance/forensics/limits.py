"""What the machine leaves to a subject: every limit on processes, descriptors, memory and space that can be measured.

A limit is measured without what the subject itself has taken, since others must not be blamed for that. What this
system does not tell, or does not limit, is infinite.
"""

import math
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from conformance.forensics import procfs

PROCESSES, DESCRIPTORS, ADDRESSES, MEMORY = "processes", "descriptors", "address space", "memory"
BLOCKS, FILES, SIZE, SECONDS = "space in /dev/shm", "space for temporary files", "file size", "processor time"
RESOURCES = (PROCESSES, DESCRIPTORS, ADDRESSES, MEMORY, BLOCKS, FILES, SIZE, SECONDS)
ROOT, SHARED_MEMORY = Path("/"), "/dev/shm"
UNLIMITED = 1 << 60  # what version 1 of cgroups says instead of "max" is larger
KIB = 1024
EVERYBODY = "4294967295"  # user ids that the first namespace maps, to themselves


class Limit(NamedTuple):
    """How much is ``left`` to the subject, in units or bytes, and by which limit."""

    left: float
    name: str


def tightest(resource: str, own: float, temporary: str) -> Limit:
    """The limit that leaves least of a resource to a subject, whose ``own`` processes hold some of it already."""
    found = list(limits(resource, temporary))
    return min((Limit(left + own, name) for left, name in found), default=Limit(math.inf, ""))


def limits(resource: str, temporary: str) -> Iterator[Limit]:
    """The limits on a resource, and what each leaves."""
    if resource == PROCESSES:
        yield from process_limits()
    elif resource == MEMORY:
        yield from memory_limits()
    elif resource == DESCRIPTORS:
        yield Limit(soft("NOFILE"), "RLIMIT_NOFILE")
        used, _, most = [*numbers("proc/sys/fs/file-nr"), 0, 0, 0][:3]
        yield Limit(most - used if most else math.inf, "fs.file-max")
    elif resource in (BLOCKS, FILES):
        place = SHARED_MEMORY if resource == BLOCKS else temporary
        yield Limit(free(place), f"the file system of {place}")
    else:
        for name in {ADDRESSES: ("AS", "DATA"), SIZE: ("FSIZE",), SECONDS: ("CPU",)}[resource]:
            yield Limit(soft(name), f"RLIMIT_{name}")


def soft(name: str) -> float:
    """A limit of this process, which the subject's processes inherit."""
    try:
        import resource

        limit = resource.getrlimit(getattr(resource, f"RLIMIT_{name}"))[0]
    except (ImportError, AttributeError):
        return math.inf
    return math.inf if limit == resource.RLIM_INFINITY else limit


def process_limits() -> Iterator[Limit]:
    """The limits on processes, threads among them."""
    if not is_exempt():
        yield Limit(soft("NPROC") - used_by(os.geteuid()), "RLIMIT_NPROC")
    for directory in cgroups("pids"):
        most, now = numbers(directory / "pids.max"), numbers(directory / "pids.current")
        if most and now:
            yield Limit(most[0] - now[0], "pids.max of a cgroup")
    load = re.search(r"/(\d+)", text("proc/loadavg"))
    for name in ("threads-max", "pid_max"):
        most = numbers(f"proc/sys/kernel/{name}")
        if most and load:
            yield Limit(most[0] - int(load[1]), f"kernel.{name}")


def is_exempt() -> bool:
    """Whether RLIMIT_NPROC does not bind this user: the real root, rather than that of a user namespace."""
    mapped = text("proc/self/uid_map").split()
    return os.geteuid() == 0 and mapped in ([], ["0", "0", EVERYBODY])


def used_by(user: int) -> int:
    """The threads of a user that can be seen."""
    return sum(map(count_threads, (pid for pid in procfs.processes() if owner(pid) == user)))


def owner(pid: int) -> int | None:
    """The user of a process; None if it is gone."""
    try:
        return os.stat(f"{procfs.PROC}/{pid}").st_uid
    except OSError:
        return None


def count_threads(pid: int) -> int:
    """The threads of a process; a zombie counts as well."""
    fields = procfs.read_file(f"{procfs.PROC}/{pid}/stat").rpartition(b")")[2].split()
    return max(int(fields[17]), 1) if len(fields) > 17 else 0


def memory_limits() -> Iterator[Limit]:
    """The limits on memory, without what the kernel would give back."""
    for directory in cgroups("memory"):
        for most, now in (("memory.max", "memory.current"), ("memory.limit_in_bytes", "memory.usage_in_bytes")):
            limit, used = numbers(directory / most), numbers(directory / now)
            if limit and used and limit[0] < UNLIMITED:
                yield Limit(limit[0] - used[0] + reclaimable(directory), f"{most} of a cgroup")
    meminfo = dict(re.findall(r"(\w+): +(\d+) kB", text("proc/meminfo")))
    if "MemAvailable" in meminfo:
        yield Limit((int(meminfo["MemAvailable"]) + int(meminfo.get("SwapFree", 0))) * KIB, "the memory of the machine")


def reclaimable(directory: Path) -> int:
    """The bytes of a cgroup that hold copies of files."""
    found: dict[str, str] = dict(re.findall(r"^(\w+) (\d+)$", text(directory / "memory.stat"), re.MULTILINE))
    names = ("total_active_file", "total_inactive_file")
    return sum(int(found.get(name, found.get(name.removeprefix("total_"), 0))) for name in names)


def out_of_memory_kills() -> int:
    """How many processes the kernel has killed for want of memory, as far as it tells."""
    files = [
        ROOT / "proc/vmstat",
        *(each / n for each in cgroups("memory") for n in ("memory.events", "memory.oom_control")),
    ]
    counts = [re.search(r"^oom_kill (\d+)$", text(file), re.MULTILINE) for file in files]
    return sum(int(count[1]) for count in counts if count)


def free(place: str) -> float:
    """The bytes that are left on the file system of a directory; none, if no file may be added."""
    try:
        found = os.statvfs(place)
    except OSError:
        return math.inf
    return 0 if found.f_files and not found.f_favail else found.f_bavail * found.f_frsize


def cgroups(controller: str) -> Iterator[Path]:
    """The directories of this process's cgroup and of those above it, as far as they can be seen."""
    for line in text("proc/self/cgroup").splitlines():
        _, names, path = line.split(":", 2)
        if names and controller not in names.split(","):
            continue
        top = ROOT / "sys/fs/cgroup" / (controller if names else "")
        place = top / path.lstrip("/")
        yield from [each for each in (place, *place.parents) if top in (each, *each.parents)]


def numbers(path: str | Path) -> list[int]:
    """The numbers in a file; none if it is not there or says something else."""
    words = text(path).split()
    return list(map(int, words)) if words and all(word.isdecimal() for word in words) else []


def text(path: str | Path) -> str:
    """The text of a file; empty if it cannot be read."""
    return procfs.read_file(str(ROOT / path)).decode(errors="replace")


def held(resource: str, pids: Sequence[int], inherited: int) -> float:
    """How much of a resource processes hold: threads, bytes, or descriptors of one of them beyond those it had."""
    if resource == PROCESSES:
        return sum(map(count_threads, pids))
    if resource == DESCRIPTORS:
        return max([0, *(procfs.count_descriptors(pid) - inherited for pid in pids)])
    if resource == MEMORY:
        return sum(resident(pid) for pid in pids)
    return shared(pids) if resource == BLOCKS else 0


def resident(pid: int) -> int:
    """The bytes of memory that a process uses."""
    fields = procfs.read_file(f"{procfs.PROC}/{pid}/statm").split()
    return int(fields[1]) * os.sysconf("SC_PAGE_SIZE") if len(fields) > 1 else 0


def shared(pids: Sequence[int]) -> int:
    """The bytes of the files in /dev/shm that processes have mapped."""
    sizes: dict[str, int] = {}
    for pid in pids:
        for line in procfs.read_file(f"{procfs.PROC}/{pid}/maps").decode(errors="replace").splitlines():
            fields = line.split(None, 5)
            if len(fields) == 6 and fields[5].startswith(SHARED_MEMORY):
                first, last = (int(part, 16) for part in fields[0].split("-"))
                sizes[fields[4]] = max(sizes.get(fields[4], 0), last - first)
    return sum(sizes.values())
