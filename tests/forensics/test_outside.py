"""A sleep that a process outside could end proves nothing; one that only sleepers or no process could end does."""

import functools
import os
import signal
import socket
import subprocess
import sys
import time

import pytest

from conformance.forensics import awaited, certificate, outside, polling, procfs, sockets
from conformance.forensics.outside import Harness, Reachable

pytestmark = pytest.mark.skipif(not procfs.available(), reason="needs procfs")

FORKS = """
import array, fcntl, mmap, multiprocessing, os, select, signal, socket, sys, tempfile, threading, time
{setup}
child = os.fork()
if child == 0:
    {sleep}
print(child, flush=True)
signal.pause()
"""
SERVER = """
import os
server = socket.create_server(("127.0.0.1", 0), backlog=1)
client = socket.create_connection(server.getsockname())
"""
PATH = """
path = os.path.join(tempfile.mkdtemp(), "s")
server = socket.socket(socket.AF_UNIX)
server.bind(path)
server.listen(0)
client = socket.socket(socket.AF_UNIX)
client.connect(path)
"""
PAIR = "mine, other = socket.socketpair()"
HELD = "lock = multiprocessing.get_context('fork').Lock(); lock.acquire()"
# What a child waits on, and its parent has the other end of: a name, the preparation, and the wait.
WAITS = {
    "a pipe": ("reader, writer = os.pipe()", "os.close(writer); os.read(reader, 1)"),
    "a full pipe": ("reader, writer = os.pipe()", "os.close(reader); os.write(writer, bytes(1 << 20))"),
    "a FIFO": (
        "path = tempfile.mktemp(); os.mkfifo(path); writer = os.open(path, os.O_RDWR)",
        "reader = os.open(path, os.O_RDONLY); os.unlink(path); os.close(writer); os.read(reader, 1)",
    ),
    "a pair of sockets": (PAIR, "other.close(); mine.recv(1)"),
    "poll": (PAIR, "p = select.poll(); p.register(mine); p.modify(mine, select.POLLIN); other.close(); p.poll()"),
    "select": (PAIR, "other.close(); select.select([mine], [], [])"),
    "epoll": (PAIR, "other.close(); e = select.epoll(); e.register(mine, select.EPOLLIN); e.poll()"),
    "a TCP connection": (SERVER + "peer = server.accept()[0]", "server.close(); peer.close(); client.recv(1)"),
    "a TCP connection that is not accepted": (SERVER, "server.close(); client.recv(1)"),
    "an AF_UNIX connection": (PATH + "peer = server.accept()[0]", "server.close(); peer.close(); client.recv(1)"),
    "an AF_UNIX connection that is not accepted": (PATH, "server.close(); client.recv(1)"),
    "a full backlog": (PATH, "server.close(); client = socket.socket(socket.AF_UNIX); client.connect(path)"),
    "a semaphore": (HELD, "lock.acquire()"),
    "a locked file": (
        "file = tempfile.NamedTemporaryFile(); fcntl.flock(file, fcntl.LOCK_EX)",
        "again = open(file.name); file._closer.delete = False; fcntl.flock(again, fcntl.LOCK_EX)",
    ),
    "the end of a process": (
        "pid = os.pidfd_open(os.getpid())",
        "p = select.poll(); p.register(pid, select.POLLIN); p.poll()",
    ),
}
NOTHING_OF_OURS = Harness()
POLLS = """while True:
        if select.select([mine], [], [], 0.1)[0]: break"""


@pytest.fixture
def pair():
    """Starts a process whose child sleeps in a certain way, and returns both; ends and reaps the first."""
    started = []

    def start(setup, sleep):
        source = FORKS.format(setup=setup, sleep=sleep)
        command = [sys.executable, "-c", source]
        parent = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, start_new_session=True
        )
        started.append(parent)
        return parent, int(parent.stdout.readline())

    yield start
    for parent in started:
        os.killpg(parent.pid, signal.SIGKILL)  # its children are left to init
        parent.communicate()


def certify(pids, harness=NOTHING_OF_OURS):
    """A certificate upon which these processes are accused, once all of them sleep. Raises Reachable."""
    deadline = time.monotonic() + 10
    check = functools.partial(outside.refuse_outsiders, harness=harness)
    while (found := certificate.certify(pids, check=check)) is None:
        assert time.monotonic() < deadline, "waited 10 s for the processes to sleep"
    return found


@pytest.mark.parametrize("name", WAITS)
def test_outside_proves_a_wait_that_another_process_can_end_only_with_that_process(pair, name):
    parent, child = pair(*WAITS[name])
    assert certify([parent.pid, child])
    with pytest.raises(Reachable, match=f"process {child} waits on .*process {parent.pid} outside of the subject"):
        certify([child])


def test_outside_proves_a_wait_that_no_other_process_can_end(pair):
    """The process that could have released the semaphore is dead, and the rest of the machine is alive."""
    parent, child = pair(HELD, "lock.acquire()")
    parent.kill()
    parent.wait()
    assert certify([child]).untimed


def test_outside_counts_a_process_that_is_held_still_as_alive(pair):
    parent, child = pair(*WAITS["a TCP connection"])
    parent.send_signal(signal.SIGSTOP)
    with pytest.raises(Reachable, match=r"waits on a TCP connection to 127.0.0.1:[0-9]+, which process "):
        certify([child])


def test_outside_ignores_a_process_that_can_only_read_for_a_reader(pair):
    closes_its_writer = "threading.Timer(0.1, os.close, [writer]).start()"
    parent, child = pair("reader, writer = os.pipe()", "again = os.dup(writer); os.close(writer); os.read(reader, 1)")
    with pytest.raises(Reachable):
        certify([child])
    parent, child = pair(f"reader, writer = os.pipe(); {closes_its_writer}", "os.read(reader, 1)")
    deadline = time.monotonic() + 10
    while len(procfs.threads(parent.pid)) > 1:
        assert time.monotonic() < deadline, "waited 10 s for the parent to close its end"
    assert certify([child])


def test_channels_of_the_harness_are_no_way_out(pair):
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.set_inheritable(True)
        process = subprocess.Popen(
            [sys.executable, "-c", f"import socket; socket.socket(fileno={theirs.fileno()}).recv(1)"],
            pass_fds=[theirs.fileno()],
        )
        theirs.close()
        try:
            control = frozenset({f"socket:[{os.fstat(ours.fileno()).st_ino}]"})
            assert certify([process.pid], Harness(control=control))
            with pytest.raises(Reachable, match=f"process {os.getpid()} outside of the subject"):
                certify([process.pid])
        finally:
            process.kill()
            process.wait()


def test_outside_lets_a_thread_that_polls_look_at_anything_that_it_has(pair):
    parent, child = pair(PAIR, f"other.close()\n    {POLLS}")
    harness = Harness(errors=f"pipe:[{os.fstat(parent.stdout.fileno()).st_ino}]")
    check = functools.partial(outside.refuse_outsiders, harness=harness)
    with pytest.raises(Reachable, match=f"process {parent.pid} outside"):
        polling.certify([child], 0.5, check)
    assert polling.certify([parent.pid, child], 0.5, check)


def test_others_are_looked_at_only_before_an_accusation(pair, monkeypatch):
    """Certificates are taken often, and the machine may have many processes."""
    parent, child = pair(*WAITS["a pipe"])
    assert certify([parent.pid, child])
    monkeypatch.setattr(outside, "peers", None)
    assert certificate.certify([child])
    assert certificate.certify([parent.pid, child])


TABLE = """  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:18EB 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1 0 100 0 0 10 0
   1: 0100007F:18EB 0100007F:8000 01 00000000:00000000 00:00000000 00000000     0        0 2 1 0 20 4 30 10 -1
   2: 0100007F:8000 0100007F:18EB 01 00000000:00000000 00:00000000 00000000     0        0 3 1 0 20 4 30 10 -1
   3: 0200000A:8001 0300000A:18EB 01 00000000:00000000 00:00000000 00000000     0        0 4 1 0 20 4 30 10 -1
   4: 0100007F:8002 0100007F:18EB 08 00000000:00000000 00:00000000 00000000     0        0 5 1 0 20 4 30 10 -1
   5: 0100007F:18EB 0100007F:8002 05 00000000:00000000 00:00000000 00000000     0        0 0 1 0 20 4 30 10 -1
   6: 0100007F:18EB 0100007F:8003 01 00000000:00000000 00:00000000 00000000     0        0 0 1 0 20 4 30 10 -1
   7: 0100007F:8003 0100007F:18EB 01 00000000:00000000 00:00000000 00000000     0        0 6 1 0 20 4 30 10 -1
"""


@pytest.mark.skipif(sys.byteorder != "little", reason="the table has the words of such a machine")
@pytest.mark.parametrize(
    ("inode", "ends"),
    [
        ("1", sockets.Ends("a TCP socket that listens")),
        ("3", sockets.Ends("a TCP connection to 127.0.0.1:6379", frozenset("2"))),
        (
            "4",
            sockets.Ends("a TCP connection to 10.0.0.3:6379, on another machine or in another network", nowhere=True),
        ),
        ("5", sockets.Ends("a TCP connection to 127.0.0.1:6379")),  # the other end was closed
        ("6", sockets.Ends("a TCP connection to 127.0.0.1:6379", frozenset("1"))),  # it is not accepted yet
        ("7", sockets.Ends("a socket whose other end cannot be told", nowhere=True)),
    ],
)
def test_sockets_name_the_other_ends_of_tcp(monkeypatch, inode, ends):
    network = sockets.Network(0)
    monkeypatch.setattr(sockets, "dump", lambda: iter(()))
    monkeypatch.setattr(procfs, "read_file", lambda path: TABLE.encode() if path.endswith("/tcp") else b"")
    assert network.ends(inode) == ends


def test_addresses_of_ipv6():
    assert sockets.address_of("0000000000000000FFFF00000100007F:0050") == ("127.0.0.1", 80)
    assert sockets.address_of("00000000000000000000000001000000:0050") == ("::1", 80)


def test_sockets_prove_nothing_where_the_kernel_does_not_describe_them(pair, monkeypatch):
    parent, child = pair(*WAITS["a pair of sockets"])

    def refused():
        raise OSError("refused")

    monkeypatch.setattr(sockets, "dump", refused)
    with pytest.raises(Reachable, match="a socket whose other end cannot be told"):
        certify([parent.pid, child])


def test_outside_lets_a_running_timer_end_by_itself():
    """The thread sleeps in a call without a timeout, and wakes all the same."""
    timer = getattr(os, "timerfd_create", None)
    if timer is None:
        pytest.skip("needs timerfd_create() of Python 3.13")
    descriptor = timer(time.CLOCK_MONOTONIC)
    try:
        assert awaited.opened(os.getpid(), descriptor) is None
        os.timerfd_settime(descriptor, initial=60)
        assert awaited.opened(os.getpid(), descriptor).what == "a timer"
    finally:
        os.close(descriptor)


@pytest.mark.parametrize(("mode", "access"), [("r", "r"), ("r+", "rw"), ("w", "rw")])
def test_everything_has_a_file_that_is_only_read_as_changed_by_writers_alone(tmp_path, mode, access):
    """Else two PyPys, which have their libraries open, could each end what the other waits for."""
    path = tmp_path / "library.so"
    path.touch()
    with path.open(mode):
        (found,) = [thing for thing in awaited.everything(os.getpid()) if thing.what == f"the file {path}"]
    assert found.access == access
