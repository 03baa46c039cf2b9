"""What every process of a subject was doing, reported once the verdict is settled and the subject is to be ended."""

from collections import Counter
from collections.abc import Mapping, Sequence

from conformance.forensics import endings, procfs, stacks, waits
from conformance.forensics.process import Supervised
from conformance.forensics.stacks import Stack
from conformance.forensics.waits import Wait

SERVERS = {"_tracker import main": "the resource tracker", "forkserver import main": "the forkserver"}
BARE = "no Python stack: it has no handler that prints one, or its stderr goes elsewhere, and py-spy cannot read it"


def examine(supervised: Supervised, known: Mapping[int, str]) -> str:
    """Describes the processes of a subject in lines: their waits, their Python stacks, which have ended, and how.

    ``known`` maps processes that have introduced themselves to their roles. Most processes are dead afterwards,
    and all are stopped: the caller must close the subject. Never raises for a process that is gone.
    """
    pids = supervised.processes()
    roles = name(pids, known)
    subject = waits.ProcessMap(roles)
    slept = {pid: {tid: subject.wait(pid, tid) for tid in procfs.threads(pid)} for pid in pids}
    ended = {pid: status for pid in pids if (status := procfs.exit_status(pid)) is not None}
    dumped = stacks.last_stacks(supervised, [pid for pid in pids if pid not in ended])
    lines = []
    for pid in sorted(pids, key=lambda pid: order(roles[pid])):
        head = f"{roles[pid]} (pid {pid})"
        if pid in ended:
            lines.append(f"{head} {endings.words(ended[pid])}")
        else:
            lines += process(head, list(slept[pid].values()), dumped.get(pid))
    circle = waits.circle({roles[pid]: list(each.values()) for pid, each in slept.items() if pid not in ended})
    return "\n".join([*lines, *waits.together(circle)])


def name(pids: Sequence[int], known: Mapping[int, str]) -> dict[int, str]:
    """Gives every process a role."""
    roles = {pid: known.get(pid) or server(pid) for pid in pids}
    others = [pid for pid in pids if not roles[pid]]
    parents = {child: parent for parent, children in procfs.families().items() for child in children}
    for number, pid in enumerate(others, 1):
        roles[pid] = f"child {number} of {roles.get(parents.get(pid, 0)) or 'a process that has ended'}"
    return roles


def server(pid: int) -> str:
    """The role of a process that multiprocessing starts for its own use; empty for any other."""
    line = procfs.read_file(f"{procfs.PROC}/{pid}/cmdline").decode(errors="replace")
    return next((role for code, role in SERVERS.items() if code in line), "")


def order(role: str) -> tuple[bool, str]:
    """Actors first: it is their calls that hang."""
    return (not role.startswith("process"), role)


def process(head: str, slept: Sequence[Wait], dumped: Sequence[Stack] | None) -> list[str]:
    """Describes one process in lines; in one line if it only waits for the driver.

    ``dumped`` is None if its stacks were not asked for.
    """
    if dumped and len(dumped) == 1 and dumped[0].idle:
        return [f"{head} is idle: it waits for the driver's next command"]
    slept, ordered = arrange(slept, dumped or ())
    lines = [f"{head} {slept[0].what}"] if len(slept) == 1 else [head, *asleep(slept)]
    if dumped is None:
        return lines
    return (
        [*lines, *describe_stacks([stack for stack in ordered if not stack.idle])]
        if dumped
        else [*lines, f"        {BARE}"]
    )


def arrange(slept: Sequence[Wait], dumped: Sequence[Stack]) -> tuple[list[Wait], list[Stack]]:
    """The waits and the stacks of the threads of one process, each oldest thread first, in one common order.

    The thread with the call comes first, and threads that wait for the same thing stand together, as in their summary.
    Where some threads have no stack, it is not known which: then only the stack with the call is brought forward.
    """
    if len(slept) != len(dumped):
        return list(slept), sorted(dumped, key=lambda stack: not stack.calls)
    pairs = sorted(zip(slept, dumped, strict=True), key=lambda pair: not pair[1].calls)
    first = list(dict.fromkeys(wait.what for wait, _ in pairs))
    pairs.sort(key=lambda pair: first.index(pair[0].what))
    return [wait for wait, _ in pairs], [stack for _, stack in pairs]


def asleep(slept: Sequence[Wait]) -> list[str]:
    """What the threads of one process wait for, in lines; threads that wait for the same thing share a line."""
    alike = Counter(wait.what for wait in slept)
    return [
        f"    a thread {what}" if count == 1 else f"    {count} threads: each {what}" for what, count in alike.items()
    ]


def describe_stacks(dumped: Sequence[Stack]) -> list[str]:
    """The stacks of the threads of one process, apart from each other; equal ones are shown once."""
    alike: dict[tuple[str, ...], list[str]] = {}
    for stack in dumped:
        alike.setdefault(tuple(stack.lines()), []).append(stack.thread)
    lines: list[str] = []
    for frames, threads in alike.items():
        names = ", ".join(filter(None, threads)) or ("one thread" if len(threads) == 1 else f"{len(threads)} threads")
        lines += ["", f"    in {names}:"] if len(dumped) > 1 else []
        lines += [f"        {line}" for line in frames]
    return lines
