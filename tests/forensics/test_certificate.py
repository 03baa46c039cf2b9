"""Deadlocks of real processes are certified; whoever is alive, however slow, never is."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.waiting import until

from conformance.forensics import certificate, procfs
from conformance.forensics.certificate import Certificate, certify, certify_below

pytestmark = pytest.mark.skipif(not procfs.available(), reason="needs procfs")

Process = subprocess.Popen[str]
Run = Callable[..., Process]

ABBA_FILES = """
import fcntl, sys
first, second = [open(path, "w") for path in sys.argv[1:]]
fcntl.flock(first, fcntl.LOCK_EX)
print("ready", flush=True)
input()
fcntl.flock(second, fcntl.LOCK_EX)
"""
ABBA_THREADS = """
import threading
locks = [threading.Lock(), threading.Lock()]
both = threading.Barrier(2)
def take(first, second):
    with first:
        both.wait()
        second.acquire()
for pair in (locks, locks[::-1]): threading.Thread(target=take, args=pair).start()
print("ready", flush=True)
"""
ABBA_MULTIPROCESSING = """
import multiprocessing, sys
def take(first, second, mine, other):
    with first:
        mine.set()
        other.wait()
        second.acquire()
if __name__ == "__main__":
    mp = multiprocessing.get_context(sys.argv[1])
    a, b, x, y = mp.Lock(), mp.Lock(), mp.Event(), mp.Event()
    actors = [mp.Process(target=take, args=args) for args in ((a, b, x, y), (b, a, y, x))]
    for actor in actors: actor.start()
    print("ready", flush=True)
    for actor in actors: actor.join()
"""
ALIVE = {
    "computes": "while True: pass",
    "sleeps in steps": "while True: time.sleep(0.001)",
    "polls in steps": "while True: select.select([0], [], [], 0.001)",
    "one thread of two computes": "threading.Thread(target=lambda: [0 for _ in iter(int, 1)]).start(); input()",
    "one thread of two sleeps": "threading.Thread(target=time.sleep, args=(60,)).start(); input()",
    "sleeps for long": "time.sleep(60)",
    "talks over TCP, whose segments wait for acknowledgements": """
server = socket.create_server(("127.0.0.1", 0))
def serve():
    peer, _ = server.accept()
    while True:
        if peer.recv(1) == b"b": peer.sendall(b"c")
threading.Thread(target=serve, daemon=True).start()
client = socket.create_connection(server.getsockname())
while True:
    client.sendall(b"a")
    client.sendall(b"b")
    client.recv(1)
""",
}


@pytest.fixture
def run() -> Iterator[Run]:
    """Starts scripts that print a line when they are ready, and ends them with all their children."""
    started: list[Process] = []

    def start(script: str, *arguments: object) -> Process:
        command = [sys.executable, *(("-c", script) if "\n" in script else (script,)), *map(str, arguments)]
        pipe = subprocess.PIPE
        process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, start_new_session=True)
        started.append(process)
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        return process

    yield start
    for process in started:
        os.killpg(process.pid, signal.SIGTERM)  # which resource trackers ignore: they unlink semaphores
        process.kill()  # one that is stopped
        process.communicate()


def alive(body: str) -> str:
    return f"import select, socket, sys, threading, time\nprint('ready', flush=True)\n{body}"


def calls(found: Certificate) -> list[str]:
    return sorted(thread.call for process in found.processes for thread in process.threads)


def certificate_of(pids: list[int], expected: list[str]) -> Certificate | None:
    """A certificate for processes that are in these calls already."""
    found = certify(pids)
    return found if found and calls(found) == expected else None


def test_certify_processes_that_lock_two_files_in_opposite_order(run: Run, tmp_path: Path) -> None:
    a, b = tmp_path / "a", tmp_path / "b"
    both = run(ABBA_FILES, a, b), run(ABBA_FILES, b, a)
    for process in both:
        assert process.stdin
        print(file=process.stdin, flush=True)
    pids = [process.pid for process in both]
    found = until(lambda: certificate_of(pids, ["flock", "flock"]), "a certificate")
    assert found.untimed
    assert found.seconds >= certificate.ASLEEP_FOR
    assert [process.pid for process in found.processes] == pids
    assert all(f"process {pid}: {sys.executable}" in found.describe() for pid in pids)


def test_certify_threads_that_take_two_locks_in_opposite_order(run: Run) -> None:
    process = run(ABBA_THREADS)
    found = until(lambda: certify([process.pid]), "a certificate")
    assert calls(found) == ["futex"] * 3


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_certify_actors_that_take_two_locks_in_opposite_order(run: Run, tmp_path: Path, method: str) -> None:
    script = tmp_path / "abba.py"
    script.write_text(ABBA_MULTIPROCESSING)
    stage = run(str(script), method)
    found = until(lambda: certify([stage.pid, *procfs.descendants(stage.pid)]), "a certificate")
    assert calls(found)[:2] == ["futex"] * 2
    below = until(lambda: certify_below(stage.pid), "a certificate")
    assert {process.pid for process in below.processes} == set(procfs.descendants(stage.pid))


@pytest.mark.parametrize("body", ALIVE.values(), ids=ALIVE)
def test_certify_refuses_a_process_that_is_alive(run: Run, body: str) -> None:
    process = run(alive(body))
    until(lambda: len(procfs.threads(process.pid)) == 1 + body.count("Thread"), "its threads")
    assert not any(certify([process.pid]) for _ in range(100))


def test_certify_refuses_a_process_and_the_one_that_wakes_it(run: Run) -> None:
    sleeper = run("import os\nprint('ready', flush=True)\nwhile os.read(0, 1): pass")
    assert sleeper.stdin
    waker = run(alive(f"pipe = open('/proc/{sleeper.pid}/fd/0', 'w')\nwhile not time.sleep(0.001): print(file=pipe)"))
    assert not any(certify([sleeper.pid, waker.pid]) for _ in range(100))


def test_certify_refuses_a_process_that_is_woken_between_two_looks(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    echo = run("import os\nprint('ready', flush=True)\nwhile text := os.read(0, 9): os.write(1, text)")
    until(lambda: certify([echo.pid]), "a certificate while it waits")

    def wake(seconds: float) -> None:
        assert echo.stdin
        assert echo.stdout
        print(file=echo.stdin, flush=True)
        echo.stdout.readline()

    monkeypatch.setattr(certificate, "pause_between_samples", wake)
    assert not any(certify([echo.pid]) for _ in range(20))


def test_certify_accepts_oversleeping_and_refuses_polling(run: Run) -> None:
    sleeper = run(alive("time.sleep(3600)"))
    poller = run(alive("while True: time.sleep(0.2)"))
    found = until(lambda: certify([sleeper.pid], oversleep=0.5), "a certificate")
    assert not found.untimed
    assert found.seconds >= 0.5
    assert calls(found) == ["clock_nanosleep"]
    assert certify([poller.pid], oversleep=0.5) is None
    assert certify([sleeper.pid, poller.pid], oversleep=0.5) is None


def test_certify_leaves_out_threads_that_only_tick(run: Run) -> None:
    body = "threading.Thread(target=sys.stdin.read).start()\nwhile True: time.sleep(0.001)"
    process = run(alive(body))
    found = until(lambda: certify([process.pid], ticking=[process.pid]), "a certificate")
    assert calls(found) == ["read", "ticking"]
    assert certify([process.pid]) is None


def test_certify_refuses_stopped_and_gone_processes_and_accepts_ended_ones(run: Run) -> None:
    stopped, gone, ended = (run("import sys\nprint('ready', flush=True)\ninput()") for _ in range(3))
    stopped.send_signal(signal.SIGSTOP)
    until(lambda: (s := procfs.status(stopped.pid, stopped.pid)) and s.state == "T", "the stop")
    assert certify([stopped.pid]) is None
    assert certify([stopped.pid], oversleep=0.02) is None
    assert certify([1 << 30]) is None
    assert certify([]) is None
    ended.kill()
    found = until(lambda: certify([ended.pid]), "the end")
    assert found.processes[0].threads == ()
    assert "ended" in found.describe()
    until(lambda: certify([gone.pid, ended.pid]), "a certificate for a sleeper and one that ended")


NOTHING, SOMETHING = "0x0", "0x7f0000001000"


@pytest.mark.parametrize(
    ("machine", "line", "name", "untimed"),
    [
        ("x86_64", f"202 0x1 0x80 0x0 {NOTHING} 0x0 0x0", "futex", True),
        ("x86_64", f"202 0x1 0x189 0x0 {NOTHING} 0x0 0xffffffff", "futex", True),
        ("x86_64", f"202 0x1 0x189 0x0 {SOMETHING} 0x0 0xffffffff", "futex", False),
        ("x86_64", f"202 0x1 0x81 0x0 {NOTHING} 0x0 0x0", "futex", False),
        ("aarch64", f"98 0x1 0x189 0x0 {NOTHING} 0x0 0xffffffff", "futex", True),
        ("aarch64", f"98 0x1 0x189 0x0 {SOMETHING} 0x0 0xffffffff", "futex", False),
        ("x86_64", "7 0x1 0x1 0xffffffff 0x0 0x0 0x0", "poll", True),
        ("x86_64", "7 0x1 0x1 0x3e8 0x0 0x0 0x0", "poll", False),
        ("x86_64", "232 0x1 0x1 0x1 0xffffffffffffffff 0x0 0x0", "epoll_wait", True),
        ("aarch64", f"73 0x1 0x1 {NOTHING} 0x0 0x0 0x0", "ppoll", True),
        ("aarch64", f"73 0x1 0x1 {SOMETHING} 0x0 0x0 0x0", "ppoll", False),
        ("x86_64", f"270 0x1 0x1 0x0 0x0 {SOMETHING} 0x0", "pselect6", False),
        ("x86_64", "72 0x3 0x7 0x1 0x0 0x0 0x0", "fcntl", True),
        ("x86_64", "72 0x3 0x6 0x1 0x0 0x0 0x0", "fcntl", False),
        ("x86_64", f"230 0x1 0x1 {SOMETHING} 0x0 0x0 0x0", "clock_nanosleep", False),
        ("x86_64", "219 0x0 0x0 0x0 0x0 0x0 0x0", "restart_syscall", False),
        ("aarch64", "63 0x0 0x1 0x1 0x0 0x0 0x0", "read", True),
        ("x86_64", "63 0x0 0x1 0x1 0x0 0x0 0x0", "system call 63", False),
        ("riscv64", "63 0x0 0x1 0x1 0x0 0x0 0x0", "system call 63", False),
    ],
)
def test_parsed_system_call_says_whether_it_has_a_timeout(machine: str, line: str, name: str, untimed: bool) -> None:
    call = procfs.parsed(f"{line} 0x7ffc00000000 0x7f0000000000\n", machine)
    assert call
    assert (call.name, call.untimed) == (name, untimed)


@pytest.mark.parametrize("line", ["running", "-1 0x7ffc00000000 0x7f0000000000", ""])
def test_parsed_system_call_is_none_for_a_thread_in_no_call(line: str) -> None:
    assert procfs.parsed(line) is None


def test_certify_refuses_a_process_that_waits_for_a_hidden_child(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    waiter = run("import os\nprint('ready', flush=True)\nif os.fork(): os.wait()\nelse: os.read(0, 1)")
    (child,) = until(lambda: procfs.descendants(waiter.pid), "its child")
    until(lambda: certify([waiter.pid, child]), "a certificate")
    everybody = procfs.processes
    monkeypatch.setattr(procfs, "processes", lambda: (pid for pid in everybody() if pid != child))
    assert certify([waiter.pid]) is None
