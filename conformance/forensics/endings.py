"""How processes ended, as text."""

import signal

from conformance.forensics import procfs
from conformance.forensics.process import wait_for_end

PATIENCE = 0.5  # seconds for a process that has closed its connection to exit


def words(status: int) -> str:
    """An exit status, negative for a signal: ``was killed by SIGSEGV``."""
    if status == -signal.SIGKILL:
        return "was killed by SIGKILL: by itself, from outside, or by the kernel when memory ran out"
    return f"exited with status {status}" if status >= 0 else f"was killed by {name(-status)}"


def shell_words(status: int) -> str:
    """Describes a shell's exit status, in which 128 + n stands for signal n, as ``words`` does."""
    return words(128 - status if status > 128 else status)


def cause(status: int) -> str:
    """The words that follow "died": ``of SIGSEGV``, ``with exit status 3``."""
    return f"with exit status {status}" if status >= 0 else f"of {name(-status)}"


def name(number: int) -> str:
    """The name of a signal, or its number if it has no name."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def status(pid: int) -> int | None:
    """The exit status of a process that is about to end; None if it does not end, or its parent has reaped it."""
    wait_for_end(pid, PATIENCE)
    return procfs.exit_status(pid)
