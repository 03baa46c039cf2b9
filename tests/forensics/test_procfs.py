"""Reading processes that have odd names, many threads, or are gone."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from conformance.forensics import procfs

pytestmark = pytest.mark.skipif(not procfs.available(), reason="needs procfs")
NOBODY = 1 << 30  # above every process id


@contextmanager
def running(script: str, **more: str) -> Iterator["subprocess.Popen[str]"]:
    """A process that runs this script; it has printed a line when the block starts."""
    command, environment = [sys.executable, "-c", script], {**os.environ, **more}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stdout
        assert process.stdout.readline()
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize("name", [") S 1 (x", "a b) R 1", "((", "))"])
def test_descendants_include_those_of_a_process_with_an_odd_name(name: str) -> None:
    script = f"""
import os
open("/proc/self/comm", "w").write({name!r})
child = os.fork()
if child: print(child, flush=True)
os.read(0, 1)  # the end of the test is the end of this pipe, and of both
"""
    with subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stdin
        child = int(process.stdout.readline())
        assert procfs.descendants(process.pid) == (child,)
        below = procfs.descendants(os.getpid())
        assert process.pid in below
        assert child in below
        assert below.index(process.pid) < below.index(child)
        process.stdin.close()


def test_procfs_reads_a_process_that_is_gone_as_nothing() -> None:
    assert procfs.descendants(NOBODY) == () == procfs.threads(NOBODY)
    assert procfs.status(NOBODY, NOBODY) is None
    assert procfs.syscall(NOBODY, NOBODY) is None
    assert procfs.wchan(NOBODY, NOBODY) == ""
    assert procfs.command_line(NOBODY) == "[]"
    assert procfs.exit_status(NOBODY) is None
    assert not procfs.catches(NOBODY, signal.SIGABRT)
    assert procfs.target(NOBODY, 0) == ""


def test_descendants_tolerate_processes_that_vanish_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    actual: Callable[[str], list[str]] = procfs.listing
    monkeypatch.setattr(procfs, "listing", lambda directory: [*actual(directory), str(NOBODY)])
    assert NOBODY not in procfs.descendants(os.getpid())


def test_threads_lists_every_thread_of_a_process() -> None:
    script = """
import threading
for _ in range(2): threading.Thread(target=threading.Event().wait, daemon=True).start()
print("ready", flush=True); input()
"""
    with running(script) as process:
        threads = procfs.threads(process.pid)
        assert len(threads) == 3
        assert process.pid in threads
        assert procfs.status(process.pid, threads[1]) is not None
        assert sys.executable in procfs.command_line(process.pid)


@pytest.mark.parametrize(("end", "status"), [("_exit(7)", 7), ("kill(os.getpid(), 9)", -9), ("_exit(0)", 0)])
def test_exit_status_is_read_from_a_process_that_was_not_reaped(end: str, status: int) -> None:
    script = f"import os\nprint('ready', flush=True)\nif not input(): os.{end}"
    with running(script) as process:
        assert procfs.exit_status(process.pid) is None
        assert process.stdin
        process.stdin.write("\n")
        process.stdin.flush()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert procfs.exit_status(process.pid) == status


BUSY = """
import os, time
if os.fork() == 0:
    while time.process_time() < 0.2: pass
    os._exit(0)
os.wait()
while time.process_time() < 0.2: pass
print("done", flush=True)
input()
"""


def test_work_of_a_process_includes_that_of_its_children() -> None:
    with running(BUSY) as process:
        used, waited = procfs.work([process.pid])
    assert 0.35 < used < 10
    assert waited >= 0
    assert procfs.work([NOBODY]) == (0, 0)


def test_catches_reports_signals_that_have_a_handler() -> None:
    script = "import signal; signal.signal(signal.SIGTERM, print); print('ready', flush=True); input()"
    with running(script) as process:
        assert procfs.catches(process.pid, signal.SIGTERM)
        assert not procfs.catches(process.pid, signal.SIGABRT)


def test_marked_finds_processes_by_an_entry_of_their_environment() -> None:
    with running("print('ready', flush=True); input()", MARK="conformance/test") as process:
        assert procfs.marked("MARK=conformance/test") == (process.pid,)
        assert procfs.marked("MARK=conformance/tes") == ()
