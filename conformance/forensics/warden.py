"""Guards one stage: whatever happens to it or to the driver, it leaves nothing behind.

    python -I -S warden.py DIRECTORY -- COMMAND...

A standalone script, not a module of the package: it is started often, and has to start fast.
Standard input is the lifeline: its end means that the driver let go, or was killed. The stage
starts once a byte has arrived there, since the driver fills the directory first. The stage runs
until it exits or the lifeline ends. Then all its descendants are killed, what they left in
shared memory and the directory of the run are removed, and the warden exits with the
stage's exit status (128 + the signal, if one killed it; 127 if the command did not start).
"""

import os
import sys
import time

CHILD_SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER of prctl(2)
PROC, SHARED_MEMORY = "/proc/", "/dev/shm/"
SEMAPHORES = ("sem.mp-", "sem.loky-")  # prefixes that multiprocessing and loky use
TRACKER_PATIENCE = 5.0  # seconds for resource trackers to unlink what is registered with them
GENTLE = (2, 15, 1)  # SIGINT, SIGTERM and SIGHUP, which have these numbers everywhere
STOP, KILL = 19, 9  # SIGSTOP and SIGKILL of Linux, where procfs is
STOPPING_PATIENCE = 0.05  # seconds for a process to stop: one that sleeps in the kernel may not
KILLING_PATIENCE = 5.0  # seconds for killed processes to go: one stuck in a broken device driver never does


def main(directory: str, command: list[str]) -> int:
    """Runs the stage and cleans up after it; returns its exit status."""
    since = time.time() - 1.0  # file systems stamp with a coarser clock
    adopt_orphans()
    heeded = ignore_gentle_signals()
    if not os.read(0, 1):
        remove(directory)
        return 0
    try:
        stage = start(command, heeded)
    except OSError as error:
        os.write(2, f"cannot start {command[0]}: {error}\n".encode(errors="backslashreplace"))
        remove(directory)
        return 127
    children = Children(stage)
    children.watch()
    clean_up(children, since)
    remove(directory)
    status = os.waitstatus_to_exitcode(children.status)
    return status if status >= 0 else 128 - status


def adopt_orphans() -> None:
    """Makes the warden the parent of orphaned descendants, if the system supports it, so that it finds them."""
    try:
        import ctypes

        ctypes.CDLL(None).prctl(CHILD_SUBREAPER, 1, 0, 0, 0)
    except (ImportError, OSError, AttributeError):
        pass  # orphans are still found by their session, unless they leave it


def ignore_gentle_signals() -> list[int]:
    """Ignores what ends others politely, before there is a stage to leave behind; returns what was not ignored."""
    import _signal  # type: ignore[import-not-found]  # signal is this module and enumerations, which cost time

    heeded = [number for number in GENTLE if _signal.getsignal(number) != _signal.SIG_IGN]
    for number in heeded:
        _signal.signal(number, _signal.SIG_IGN)
    return heeded


def start(command: list[str], heeded: list[int]) -> int:
    """Starts the stage, in its own process group; its standard output goes to standard error, and it heeds signals."""
    plumbing = [(os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0), (os.POSIX_SPAWN_DUP2, 2, 1)]
    return os.posix_spawnp(command[0], command, os.environ, file_actions=plumbing, setpgroup=0, setsigdef=heeded)


class Children:
    """The processes whose parent is the warden: the stage, and orphans of its descendants."""

    def __init__(self, stage: int) -> None:
        import select  # these two cost 4 ms: they are imported while the stage starts
        import signal

        self.stage, self.ended, self.status = stage, False, 0
        self.wake, wake = os.pipe()
        os.set_blocking(self.wake, False)
        os.set_blocking(wake, False)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda number, frame: None)
        self.poll = select.poll

    def watch(self) -> None:
        """Waits until the stage or the lifeline has ended; reaps orphans in the meantime."""
        while not self.ended:
            if 0 in self.wait(None, 0) and not os.read(0, 4096):
                return

    def wait(self, seconds: float | None, *more: int) -> list[int]:
        """Waits for a child to end or a descriptor to be readable, and reaps; returns the ready descriptors."""
        self.reap()  # children that ended before the signal handler was installed
        if self.ended and seconds is None:
            return []
        poll = self.poll()
        for descriptor in (self.wake, *more):
            poll.register(descriptor)
        ready = [descriptor for descriptor, _ in poll.poll(None if seconds is None else seconds * 1000)]
        if self.wake in ready:
            os.read(self.wake, 4096)
        self.reap()
        return ready

    def reap(self) -> None:
        """Collects all children that have ended."""
        try:
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                if ended[0] == self.stage:
                    self.ended, self.status = True, ended[1]
        except ChildProcessError:
            pass


def clean_up(children: Children, since: float) -> None:
    """Kills every descendant, trackers last, and unlinks the shared memory that they leave behind."""
    if not os.path.exists(f"{PROC}self/stat"):
        kill_group(children)
        return
    mapped: set[int] = set()
    trackers = kill_all(children, mapped)
    deadline = time.monotonic() + TRACKER_PATIENCE  # their pipe has no other end now
    while trackers and time.monotonic() < deadline:
        children.wait(0.05)
        trackers &= descendants()
    if trackers:
        kill_all(children, mapped, spare_trackers=False)
    unlink(mapped, since)


def unlink(mapped: set[int], since: float) -> None:
    """Unlinks what the dead had mapped or open, and what was created since then that no process maps at all.

    The latter are semaphores, which a subject that forgets them leaves unmapped, while a process that uses one maps
    it; and blocks of shared memory with the names of this session, which an interrupted scenario leaves closed.
    """
    named: dict[int, list[str]] = {}  # one may have two names for a moment: see shared_memory()
    for name in os.listdir(SHARED_MEMORY):
        try:
            found = os.stat(SHARED_MEMORY + name)
        except OSError:
            continue
        if found.st_ctime >= since and (found.st_ino in mapped or is_semaphore(name) or is_own(name)):
            named.setdefault(found.st_ino, []).append(name)  # an older one existed before the stage
    used: set[int] = set()
    for pid in os.listdir(PROC) if set(named) - mapped else ():
        if pid.isdigit():
            used |= shared_memory(int(pid))
    for inode, names in named.items():
        if inode in mapped or inode not in used:
            for name in names:
                dispose(SHARED_MEMORY + name)


def is_semaphore(name: str) -> bool:
    """Whether this may be the name of an implementation's semaphore, or of one that glibc is creating."""
    return name.startswith(SEMAPHORES) or (name.startswith("sem.") and len(name) == 10 and name[4:].isalnum())


def is_own(name: str) -> bool:
    """Whether a scenario of this session has chosen the name: see ``fresh`` in specs/memory/shared_memory.py."""
    return name.startswith(f"mpc{os.getpid():x}-")


def kill_all(children: Children, mapped: set[int], spare_trackers: bool = True) -> set[int]:
    """Kills all descendants until none is left, and returns the trackers; adds the shared memory of the rest."""
    deadline = time.monotonic() + KILLING_PATIENCE
    while True:
        everybody = descendants()
        trackers = {pid for pid in everybody if spare_trackers and is_tracker(pid)}
        if everybody == trackers or time.monotonic() > deadline:
            return trackers
        for pid in everybody - trackers:
            send(pid, STOP)  # so that none creates a semaphore between the look and its end
        for pid in everybody - trackers:
            settle(pid)
            mapped |= shared_memory(pid)
            send(pid, KILL)
        children.wait(0.002)


def send(pid: int, number: int) -> None:
    """Signals a process that may be gone."""
    try:
        os.kill(pid, number)
    except OSError:
        pass


def settle(pid: int) -> None:
    """Waits briefly until a process has stopped or ended."""
    deadline = time.monotonic() + STOPPING_PATIENCE
    while time.monotonic() < deadline:
        if read_file(f"{PROC}{pid}/stat").rpartition(b")")[2].split(None, 1)[:1] not in ([b"R"], [b"S"], [b"D"]):
            return


def kill_group(children: Children) -> None:
    """Without procfs: ends the stage's process group, first by a signal that trackers ignore."""
    for number, patience in ((15, TRACKER_PATIENCE), (9, KILLING_PATIENCE)):
        deadline = time.monotonic() + patience
        try:
            os.killpg(children.stage, number)
            while time.monotonic() < deadline:
                children.wait(0.02)
                os.killpg(children.stage, 0)
        except OSError:
            return  # no process is left


def descendants() -> set[int]:
    """The processes below the warden or in its session, zombies included."""
    me = os.getpid()
    relatives: dict[int, list[int]] = {me: []}
    for name in os.listdir(PROC):
        if name.isdigit() and int(name) != me and (stat := read_file(f"{PROC}{name}/stat")):
            parent, _, session = map(int, stat.rpartition(b")")[2].split(None, 4)[1:4])
            relatives.setdefault(me if session == me else parent, []).append(int(name))
    below = relatives[me]
    for pid in below:
        below += relatives.get(pid, ())
    return set(below)


def is_tracker(pid: int) -> bool:
    """Whether a process is the resource tracker of multiprocessing, or its counterpart in another implementation."""
    _, _, code = read_file(f"{PROC}{pid}/cmdline").partition(b"\0-c\0")
    return b"_tracker import main" in code.partition(b"\0")[0]


def shared_memory(pid: int) -> set[int]:
    """The inodes of the shared memory files that a process maps or has open.

    Names are not enough: sem_open() opens a file under a temporary name, maps it, then links the
    semaphore's name to it. A process that is killed before it unlinks the temporary name leaves
    it behind, alone or beside the semaphore's.
    """
    lines = read_file(f"{PROC}{pid}/maps").decode(errors="surrogateescape").splitlines()
    fields = (line.split(None, 5) for line in lines)
    mapped = {int(field[4]) for field in fields if len(field) == 6 and field[5].startswith(SHARED_MEMORY)}
    return mapped | opened(pid)


def opened(pid: int) -> set[int]:
    """The inodes of the shared memory files that a process has open."""
    directory, inodes = f"{PROC}{pid}/fd/", set()
    try:
        for descriptor in os.listdir(directory):
            if os.readlink(directory + descriptor).startswith(SHARED_MEMORY):
                inodes.add(os.stat(directory + descriptor).st_ino)
    except OSError:
        pass  # it is gone, or private: a process that was stopped, as before a kill, is neither
    return inodes


def read_file(path: str) -> bytes:
    """A file's content; empty if it is gone or private."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return b""


def remove(directory: str) -> None:
    """Removes a directory with everything in it, as far as possible; shutil is slow to import."""
    for _ in range(2):  # the second time for directories whose mode the first had to change
        for root, directories, files in os.walk(directory, topdown=False):
            for name in files + directories:
                dispose(os.path.join(root, name))
        dispose(directory)


def dispose(path: str) -> None:
    """Removes one file, link or empty directory; makes any other directory accessible for the next attempt."""
    try:
        if os.path.isdir(path) and not os.path.islink(path):
            os.chmod(path, 0o700)
            os.rmdir(path)
        else:
            os.unlink(path)
    except OSError:
        pass


if __name__ == "__main__":
    os._exit(main(sys.argv[1], sys.argv[3:]))  # nothing to flush, and finalization takes 3 ms
