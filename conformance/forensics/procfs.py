"""Reads processes from Linux's procfs.

Processes vanish while they are being read: whatever is gone, or private, reads as empty.
"""

import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import NamedTuple

PROC = "/proc"
SHOWN = 100  # characters of a command line
CALLS: Mapping[str, Mapping[int, str]] = {
    "x86_64": {
        0: "read", 1: "write", 7: "poll", 17: "pread64", 18: "pwrite64", 19: "readv", 20: "writev", 23: "select",
        34: "pause", 35: "nanosleep", 42: "connect", 43: "accept", 44: "sendto", 45: "recvfrom", 46: "sendmsg",
        47: "recvmsg", 61: "wait4", 65: "semop", 69: "msgsnd", 70: "msgrcv", 72: "fcntl", 73: "flock",
        128: "rt_sigtimedwait", 130: "rt_sigsuspend", 202: "futex", 219: "restart_syscall", 220: "semtimedop",
        230: "clock_nanosleep", 232: "epoll_wait", 242: "mq_timedsend", 243: "mq_timedreceive", 247: "waitid",
        270: "pselect6", 271: "ppoll", 281: "epoll_pwait", 288: "accept4", 299: "recvmmsg", 307: "sendmmsg",
        441: "epoll_pwait2", 449: "futex_waitv", 455: "futex_wait",
    },
    "aarch64": {
        22: "epoll_pwait", 25: "fcntl", 32: "flock", 63: "read", 64: "write", 65: "readv", 66: "writev",
        67: "pread64", 68: "pwrite64", 72: "pselect6", 73: "ppoll", 95: "waitid", 98: "futex", 101: "nanosleep",
        115: "clock_nanosleep", 128: "restart_syscall", 133: "rt_sigsuspend", 137: "rt_sigtimedwait",
        182: "mq_timedsend", 183: "mq_timedreceive", 188: "msgrcv", 189: "msgsnd", 192: "semtimedop", 193: "semop",
        202: "accept", 203: "connect", 206: "sendto", 207: "recvfrom", 211: "sendmsg", 212: "recvmsg",
        242: "accept4", 243: "recvmmsg", 260: "wait4", 269: "sendmmsg", 441: "epoll_pwait2", 449: "futex_waitv",
        455: "futex_wait",
    },
}  # fmt: skip
FOREVER = frozenset({
    "read", "write", "pread64", "pwrite64", "readv", "writev", "pause", "connect", "accept", "accept4", "sendto",
    "recvfrom", "sendmsg", "recvmsg", "sendmmsg", "wait4", "waitid", "semop", "msgsnd", "msgrcv", "flock",
    "rt_sigsuspend",
})  # a thread that sleeps in one of these waits without a timeout # fmt: skip
TIMEOUT_POINTER = {
    "ppoll": 2, "select": 4, "pselect6": 4, "epoll_pwait2": 3, "semtimedop": 3, "rt_sigtimedwait": 2, "recvmmsg": 4,
    "mq_timedsend": 4, "mq_timedreceive": 4, "futex": 3, "futex_waitv": 3, "futex_wait": 4,
}  # which argument is NULL for no timeout # fmt: skip
TIMEOUT_NUMBER = {"poll": 2, "epoll_wait": 3, "epoll_pwait": 3}  # which argument is negative for no timeout
FUTEX_OPERATION = 0x7F  # without the flags for private futexes and for the clock
FUTEX_WAITS = frozenset((0, 6, 9, 11, 13))  # WAIT, LOCK_PI, WAIT_BITSET, WAIT_REQUEUE_PI, LOCK_PI2
TIME_WAIT, RESENDS = b"06", (b"01", b"04")  # a state and timers of /proc/net/tcp
FCNTL_WAITS = frozenset((7, 38))  # F_SETLKW, F_OFD_SETLKW


class Status(NamedTuple):
    """A thread's state letter (``R``, ``S``, ``Z``, ...), and how often it gave up or lost its processor."""

    state: str
    voluntary: int
    involuntary: int


class Work(NamedTuple):
    """Processor time in seconds: what was used, and what runnable threads waited for."""

    used: float
    waited: float


class SystemCall(NamedTuple):
    """A system call that a thread is in, with its six arguments, and where its stack ends; an unknown one is named by
    its number."""

    name: str
    arguments: tuple[int, ...]
    stack: int = 0

    @property
    def untimed(self) -> bool:
        """Whether only another thread can wake one that sleeps in it."""
        if self.name in TIMEOUT_NUMBER:
            return bool(self.arguments[TIMEOUT_NUMBER[self.name]] & 0x80000000)
        if self.name == "fcntl":
            return self.arguments[1] in FCNTL_WAITS
        if self.name == "futex" and self.arguments[1] & FUTEX_OPERATION not in FUTEX_WAITS:
            return False
        if self.name in TIMEOUT_POINTER:
            return self.arguments[TIMEOUT_POINTER[self.name]] == 0
        return self.name in FOREVER


def available() -> bool:
    """Whether this system has a procfs that shows states, parents and system calls."""
    return bool(read_file(f"{PROC}/self/stat") and read_file(f"{PROC}/thread-self/syscall"))


def read_file(path: str) -> bytes:
    """A file's content, up to 1 MiB; empty if it is gone or private."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return b""
    try:
        data = chunk = os.read(descriptor, 1 << 16)
        while chunk and len(data) < 1 << 20:
            chunk = os.read(descriptor, 1 << 16)
            data += chunk
        return data
    except OSError:
        return b""
    finally:
        os.close(descriptor)


def processes() -> Iterator[int]:
    """All processes of the machine that can be seen."""
    return map(int, filter(str.isdigit, listing(PROC)))


def listing(directory: str) -> list[str]:
    try:
        return os.listdir(directory)
    except OSError:
        return []


def families() -> dict[int, list[int]]:
    """The children of every process that has any."""
    children: dict[int, list[int]] = {}
    for process in processes():
        # The command's name is in parentheses, and may hold any of ") (" itself.
        fields = read_file(f"{PROC}/{process}/stat").rpartition(b")")[2].split(None, 2)
        if fields:
            children.setdefault(int(fields[1]), []).append(process)
    return children


def descendants(pid: int) -> tuple[int, ...]:
    """The children of a process, their children and so on, zombies included, parents first."""
    children = families()
    found = sorted(children.get(pid, ()))
    for process in found:
        found += sorted(children.get(process, ()))
    return tuple(found)


def marked(entry: str) -> tuple[int, ...]:
    """Other processes that were started with this entry (``NAME=value``) in their environment."""
    wanted = os.fsencode(entry)
    others = (process for process in processes() if process != os.getpid())
    return tuple(p for p in others if wanted in read_file(f"{PROC}/{p}/environ").split(b"\0"))


def threads(pid: int) -> tuple[int, ...]:
    """The threads of a process, ordered by id; none if it is gone."""
    return tuple(sorted(map(int, listing(f"{PROC}/{pid}/task"))))


def status(pid: int, tid: int) -> Status | None:
    """The state and the context switches of a thread, or None if it is gone."""
    data = read_file(f"{PROC}/{pid}/task/{tid}/status")
    _, found, rest = data.partition(b"\nState:\t")
    _, _, switches = rest.partition(b"\nvoluntary_ctxt_switches:")
    if not found or not switches:
        return None
    voluntary, _, involuntary = switches.split(None, 2)
    return Status(chr(rest[0]), int(voluntary), int(involuntary))


def syscall(pid: int, tid: int) -> SystemCall | None:
    """The system call that a thread sleeps in; None if it is not in one, is running, or is private."""
    return parsed(read_file(f"{PROC}/{pid}/task/{tid}/syscall").decode())


def parsed(line: str, machine: str = os.uname().machine) -> SystemCall | None:
    """Parses a line of ``task/*/syscall``: ``running``, or a number, six arguments and two addresses."""
    number, *arguments = line.split() or ["running"]
    if number == "running" or number.startswith("-"):
        return None
    name = CALLS.get(machine, {}).get(int(number), f"system call {number}")
    *known, stack, _ = (int(argument, 16) for argument in arguments)
    return SystemCall(name, tuple(known), stack)


def sockets(pid: int) -> set[bytes]:
    """The inodes of the sockets that a process has open."""
    found = set()
    for descriptor in listing(f"{PROC}/{pid}/fd"):
        opened = target(pid, descriptor)
        if opened.startswith("socket:["):
            found.add(opened[8:-1].encode())
    return found


def delivers(pids: Collection[int]) -> bool:
    """Whether the kernel has yet to deliver bytes between TCP sockets of these processes.

    It may hold back a segment for 40 ms (Nagle's algorithm waits for a delayed acknowledgment), while
    both the sender and the receiver sleep. A socket that has been closed since has no inode any more, and
    is found by the address of its peer.
    """
    inodes = set().union(*map(sockets, pids))
    networks = {network(pid): pid for pid in pids}  # processes of one network share its tables, which are slow to read
    tables = [read_file(f"{PROC}/{pid}/net/{kind}") for pid in networks.values() for kind in ("tcp", "tcp6")]
    lines = [fields for table in tables for line in table.splitlines()[1:] if len(fields := line.split()) > 9]
    addresses = {line[1] for line in lines if line[9] in inodes}
    ours = [line for line in lines if line[9] in inodes or line[2] in addresses]
    return any(line[3] != TIME_WAIT and (line[4][:8].strip(b"0") or line[5][:2] in RESENDS) for line in ours)


def exit_status(pid: int) -> int | None:
    """The status of a process that has ended but was not reaped, negative for a signal; None for any other."""
    fields = read_file(f"{PROC}/{pid}/stat").rpartition(b")")[2].split()
    if len(fields) < 50 or fields[0] not in (b"Z", b"X"):
        return None
    return os.waitstatus_to_exitcode(int(fields[49]))


def work(pids: Iterable[int]) -> Work:
    """The processor time of processes so far, including that of their reaped children."""
    ticks = waited = 0
    for pid in pids:
        ticks += sum(map(int, read_file(f"{PROC}/{pid}/stat").rpartition(b")")[2].split()[11:15]))
        for tid in threads(pid):
            waited += int((read_file(f"{PROC}/{pid}/task/{tid}/schedstat").split() or [b"0", b"0"])[1])
    return Work(ticks / os.sysconf("SC_CLK_TCK"), waited / 1e9)


def catches(pid: int, number: int) -> bool:
    """Whether a process has installed a handler for this signal."""
    _, _, rest = read_file(f"{PROC}/{pid}/status").partition(b"\nSigCgt:\t")
    return bool(rest and int(rest.split(None, 1)[0], 16) >> (number - 1) & 1)


def count_descriptors(pid: int) -> int:
    """How many descriptors a process has open."""
    return len(listing(f"{PROC}/{pid}/fd"))


def network(pid: int) -> str:
    """The network namespace of a process; a different name for each process if it is private."""
    try:
        return os.readlink(f"{PROC}/{pid}/ns/net")
    except OSError:
        return f"of process {pid}"


def target(pid: int, descriptor: int | str) -> str:
    """What an open descriptor of a process refers to, such as ``pipe:[123]`` or a path; empty if gone or private."""
    try:
        return os.readlink(f"{PROC}/{pid}/fd/{descriptor}")
    except OSError:
        return ""


def wchan(pid: int, tid: int) -> str:
    """The kernel function that a thread sleeps in; empty if it is hidden."""
    function = read_file(f"{PROC}/{pid}/task/{tid}/wchan").decode().strip()
    return "" if function == "0" else function


def is_servant(pid: int) -> bool:
    """Whether a process is a resource tracker or a forkserver, which serve their parent until it ends."""
    return is_tracker(pid) or b"forkserver import main" in code_of(pid)


def is_tracker(pid: int) -> bool:
    """Whether a process is a resource tracker."""
    return b"_tracker import main" in code_of(pid)


def code_of(pid: int) -> bytes:
    """The code that a process was given on its command line; empty if there is none."""
    return read_file(f"{PROC}/{pid}/cmdline").partition(b"\0-c\0")[2].partition(b"\0")[0]


def command_line(pid: int) -> str:
    """The beginning of a process's command line, as one line; its name in brackets if it no longer has one."""
    words = read_file(f"{PROC}/{pid}/cmdline").rstrip(b"\0")
    if words:
        line = " ".join(words.replace(b"\0", b" ").decode(errors="backslashreplace").split())
        return line if len(line) <= SHOWN else f"{line[:SHOWN]}..."
    return f"[{read_file(f'{PROC}/{pid}/comm').decode(errors='backslashreplace').strip()}]"
