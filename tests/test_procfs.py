"""Reading processes that have odd names, many threads, or are gone."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from conformance.driver import procfs
from conformance.driver.stacks import stacks

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
def test_descendants_of_a_process_with_an_odd_name(name: str) -> None:
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


def test_who_is_gone_reads_as_nothing() -> None:
    assert procfs.descendants(NOBODY) == () == procfs.threads(NOBODY)
    assert procfs.status(NOBODY, NOBODY) is None
    assert procfs.syscall(NOBODY, NOBODY) is None
    assert procfs.wchan(NOBODY, NOBODY) == ""
    assert procfs.command_line(NOBODY) == "[]"
    assert "gone" in stacks([NOBODY])


def test_processes_that_vanish_while_they_are_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    actual: Callable[[str], list[str]] = procfs.listing
    monkeypatch.setattr(procfs, "listing", lambda directory: [*actual(directory), str(NOBODY)])
    assert NOBODY not in procfs.descendants(os.getpid())


def test_threads_and_stacks() -> None:
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
        shown = stacks([process.pid])
        assert all(f"thread {tid}" in shown for tid in threads)
        assert sys.executable in shown


def test_processes_are_found_by_an_entry_of_their_environment() -> None:
    with running("print('ready', flush=True); input()", MARK="conformance/test") as process:
        assert procfs.marked("MARK=conformance/test") == (process.pid,)
        assert procfs.marked("MARK=conformance/tes") == ()
