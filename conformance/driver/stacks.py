"""What processes are doing, for people who look at a hang afterwards."""

import shutil
import subprocess
from collections.abc import Sequence

from conformance.driver import procfs

PATIENCE = 5.0  # seconds for py-spy to read one process


def stacks(pids: Sequence[int]) -> str:
    """Each process with its threads' system calls, and its Python stacks if py-spy is on PATH. Never raises."""
    return "\n".join(f"{process(pid)}{python_stacks(pid)}" for pid in pids)


def process(pid: int) -> str:
    """One process and its threads, in lines."""
    threads = procfs.threads(pid)
    if not threads:
        return f"process {pid}: gone, or out of sight"
    head = f"process {pid}: {procfs.command_line(pid)}"
    return "\n    ".join([head, *(thread(pid, tid) for tid in threads)])


def thread(pid: int, tid: int) -> str:
    """One thread: its state, its system call, and the kernel's function in which it sleeps."""
    status, call, wchan = procfs.status(pid, tid), procfs.syscall(pid, tid), procfs.wchan(pid, tid)
    where = f", in {call.name}{'' if call.untimed else ' with a timeout'}" if call else ""
    return f"thread {tid}: state {status.state if status else '?'}{where}" + (f" ({wchan})" if wchan else "")


def python_stacks(pid: int) -> str:
    """The Python stacks of a process, indented; empty without py-spy, or where it fails."""
    program = shutil.which("py-spy")
    if program is None:
        return ""
    command = [program, "dump", "--pid", str(pid)]
    try:
        done = subprocess.run(command, check=False, capture_output=True, timeout=PATIENCE, stdin=subprocess.DEVNULL)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    lines = done.stdout.decode(errors="replace").splitlines() if done.returncode == 0 else []
    return "".join(f"\n        {line}" for line in lines if line.strip())
