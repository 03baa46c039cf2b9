"""How processes ended, in words."""

import signal

from conformance.forensics import procfs
from conformance.forensics.process import wait_for_end

PATIENCE = 0.5  # seconds in which a process that has hung up becomes one that has ended


def words(status: int) -> str:
    """An exit status, negative for a signal: ``was killed by SIGSEGV``."""
    if status == -signal.SIGKILL:
        return "was killed by SIGKILL: by itself, from outside, or by the kernel when memory ran out"
    return f"exited with status {status}" if status >= 0 else f"was killed by {name(-status)}"


def shell_words(status: int) -> str:
    """The same for a status in which 128 + n stands for signal n."""
    return words(128 - status if status > 128 else status)


def cause(status: int) -> str:
    """What follows the word "died": ``of SIGSEGV``, ``with exit status 3``."""
    return f"with exit status {status}" if status >= 0 else f"of {name(-status)}"


def name(number: int) -> str:
    """The name of a signal, or its number where it has none."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def status(pid: int) -> int | None:
    """The exit status of a process that is about to end; None if it does not, or its parent has reaped it."""
    wait_for_end(pid, PATIENCE)
    return procfs.exit_status(pid)
