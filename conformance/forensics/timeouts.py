"""When a timed sleep ends by itself: a thread that has woken before was woken by another one.

The timeouts are read from the memory of the process; those that count from the start of a sleep are known as well as
that start is.
"""

import struct
import time

from conformance.forensics import procfs
from conformance.forensics.awaited import read_memory

MILLISECONDS = {"poll": 2, "epoll_wait": 3, "epoll_pwait": 3}  # which argument is the timeout
POINTERS = {
    "ppoll": 2, "select": 4, "pselect6": 4, "epoll_pwait2": 3, "semtimedop": 3, "futex": 3, "nanosleep": 0,
    "clock_nanosleep": 2,
}  # which argument points to it # fmt: skip
TIME = struct.Struct("qq")  # seconds, and nanoseconds or, for select(), microseconds
FUTEX_OPERATION, WAIT, REAL_TIME = 0x7F, 0, 0x100  # a plain WAIT is relative; the flag chooses the clock of the others
ABSOLUTE = 1  # TIMER_ABSTIME, a flag of clock_nanosleep()


def end_of_sleep(pid: int, call: procfs.SystemCall, since: float | None) -> float | None:
    """The earliest instant, by the monotonic clock, at which a sleep in this call ends by itself.

    The sleep began at ``since`` at the earliest. None if it cannot be told.
    """
    if call.name in MILLISECONDS:
        return None if since is None else since + call.arguments[MILLISECONDS[call.name]] / 1000
    data = read_memory(pid, call.arguments[POINTERS[call.name]], TIME.size) if call.name in POINTERS else b""
    if len(data) < TIME.size:
        return None
    seconds, fraction = TIME.unpack(data)
    timeout: float = seconds + fraction / (1e6 if call.name == "select" else 1e9)
    clock = clock_of(call)
    if clock is None:
        return None if since is None else since + timeout
    return time.monotonic() + timeout - clock


def clock_of(call: procfs.SystemCall) -> float | None:
    """The present time by the clock that the timeout of a call refers to; None if it counts from the start."""
    real = False
    if call.name == "futex" and call.arguments[1] & FUTEX_OPERATION != WAIT:
        real = bool(call.arguments[1] & REAL_TIME)
    elif call.name == "clock_nanosleep" and call.arguments[1] & ABSOLUTE:
        real = call.arguments[0] == time.CLOCK_REALTIME
    else:
        return None
    return time.time() if real else time.monotonic()
