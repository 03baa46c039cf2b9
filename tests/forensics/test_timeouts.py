"""When timed sleeps end by themselves, as the kernel and the memory of the process tell."""

import subprocess
import sys
import time

import pytest

from conformance.forensics import procfs
from conformance.forensics.timeouts import end_of_sleep

pytestmark = pytest.mark.skipif(not procfs.available(), reason="needs procfs")

LONG = 60.0
SLEEPS = {
    "select": "select.select([0], [], [], 60)",
    "poll": "p = select.poll(); p.register(0); p.modify(0, select.POLLIN); p.poll(60_000)",
    "epoll": "e = select.epoll(); e.poll(60)",
    "a semaphore": "lock = threading.Lock(); lock.acquire(); lock.acquire(timeout=60)",
}


@pytest.mark.parametrize("sleep", SLEEPS.values(), ids=SLEEPS)
def test_the_end_is_that_of_the_timeout(sleep):
    source = f"import select, threading\n{sleep}"
    process = subprocess.Popen([sys.executable, "-c", source], stdin=subprocess.PIPE)
    try:
        since, end = time.monotonic(), None
        while end is None or end < since + LONG / 2:  # it may sleep otherwise while it starts
            assert time.monotonic() < since + 10, "waited 10 s for the sleep"
            status, call = procfs.status(process.pid, process.pid), procfs.syscall(process.pid, process.pid)
            end = end_of_sleep(process.pid, call, since) if call and status and status.state == "S" else None
        assert since + LONG - 0.01 <= end <= time.monotonic() + LONG + 0.01
    finally:
        process.kill()
        process.communicate()


def test_a_nap_has_no_end_that_another_thread_could_bring_forward():
    assert end_of_sleep(0, procfs.SystemCall("clock_nanosleep", (1, 0, 0, 0, 0, 0)), 1.0) is None


def test_a_timeout_that_counts_from_an_unknown_start_ends_at_an_unknown_time():
    assert end_of_sleep(0, procfs.SystemCall("poll", (0, 0, 5000, 0, 0, 0)), None) is None
    assert end_of_sleep(0, procfs.SystemCall("poll", (0, 0, 5000, 0, 0, 0)), 1.0) == 6.0
