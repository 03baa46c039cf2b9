"""A hang is a violation only if it is proven: what is slow, or waits for a process outside, is unknown at most."""

import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import replace

import pytest
from support.runs import TESTS

from conformance import catalogue
from conformance.checking.script import Script
from conformance.driver import stage
from conformance.driver.campaign import Campaign
from conformance.driver.profiles import Profile
from conformance.forensics import polling, procfs
from conformance.generation.reductions import without_long_timeouts
from conformance.subjects.subject import Subject, probe
from conformance.vocabulary.arg import LONG

pytestmark = pytest.mark.skipif(not procfs.available(), reason="needs procfs")

NONE = Profile("a script", scripts=0, pinned=0, streams=0, scenarios=1)
ACQUIRE = Script({}, ({0: (("acquire", (), {}),)},))
SERVER = """
import socket, sys
family, *address = sys.argv[1:]
server = socket.socket(getattr(socket, family))
server.bind(address[0] if family == "AF_UNIX" else (address[0], 0))
server.listen()
print(server.getsockname()[1] if family == "AF_INET" else "", flush=True)
while True:
    connection, _ = server.accept()
    with connection: connection.sendall(connection.recv(9))
"""


@pytest.fixture
def hasty(monkeypatch):
    """Patience for the time of a test."""
    monkeypatch.setattr(stage, "PATIENCE", 1.0)
    monkeypatch.setattr(stage, "OVERSLEEP", 0.3)
    monkeypatch.setattr(polling, "WATCHED", 1.0)


@pytest.fixture
def server(monkeypatch, tmp_path):
    """Starts a server outside of every stage, and ends it."""
    started = []

    def start(*address):
        process = subprocess.Popen([sys.executable, "-c", SERVER, *address], stdout=subprocess.PIPE, text=True)
        started.append(process)
        port = process.stdout.readline().strip()
        monkeypatch.setenv("MPCONFORM_SERVER", " ".join([*address, port]))
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def play(implementation, spec="lock", script=ACQUIRE, clause=""):
    """What a script of a lock, or a scenario, shows of an implementation."""
    subject = Subject(replace(probe(sys.executable), implementation=implementation, path=(str(TESTS),)), "fork")
    campaign = Campaign(catalogue.entry(spec), subject, NONE, 0)
    if clause:
        return campaign.run([clause])
    try:
        campaign.play([script])
    finally:
        campaign.close()
    return campaign.findings


def only_unknown(findings, clause):
    """Why a clause is unknown; nothing else is."""
    assert not findings.violated
    assert list(findings.unknown) == [clause]
    return findings.unknown[clause].reason


ADDRESSES = {"tcp": ("AF_INET", "127.0.0.1"), "unix": ("AF_UNIX", "{}/server")}


@pytest.mark.parametrize("address", ADDRESSES.values(), ids=ADDRESSES)
def test_play_names_a_server_outside_that_is_held_still_and_proves_nothing(server, hasty, tmp_path, address):
    process = server(*(word.format(tmp_path) for word in address))
    assert not play("support.faults:asks_a_server").violated
    process.send_signal(signal.SIGSTOP)
    reason = only_unknown(play("support.faults:asks_a_server"), "lock.acquire.takes")
    assert re.match(r"acquire\(\) by process 0: did not return within [0-9]+ s; process 0 waits on an? ", reason)
    assert f", which process {process.pid} outside of the subject has: {sys.executable} -c import socket" in reason


def test_constructor_that_waits_for_a_server_is_unknown(server, hasty):
    server(*ADDRESSES["tcp"]).send_signal(signal.SIGSTOP)
    reason = only_unknown(play("support.faults:asks_a_server_first"), "lock.made")
    assert "; the stage waits on a TCP connection to 127.0.0.1:" in reason


def test_fifo_is_a_way_out_only_while_another_process_can_write_into_it(hasty, monkeypatch, tmp_path):
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    monkeypatch.setenv("MPCONFORM_FIFO", str(fifo))
    writer = os.open(fifo, os.O_RDWR)
    try:
        reason = only_unknown(play("support.faults:reads_a_fifo"), "lock.acquire.takes")
    finally:
        os.close(writer)
    assert f"process 0 waits on the FIFO {fifo}, which process {os.getpid()} outside of the subject has" in reason
    (violation,) = play("support.faults:reads_a_fifo").violated["lock.acquire.takes"]
    assert "sleeps in system calls without a timeout" in violation.evidence


def test_slow_call_violates_nothing(monkeypatch):
    monkeypatch.setattr(stage, "OVERSLEEP", 0.3)
    findings = play("support.faults:takes_its_time")
    assert findings.exercised["lock.acquire.takes"]
    assert not findings.violated
    assert not findings.unknown


def test_slow_scenario_violates_nothing(monkeypatch):
    monkeypatch.setattr(stage, "OVERSLEEP", 0.3)
    clause = "queue.join_thread.waits"
    findings = play("support.faults:takes_its_time_to_join", "queue", clause=clause)
    assert findings.exercised[clause]
    assert not findings.violated
    assert not findings.unknown


def test_nap_that_outlasts_patience_is_unknown_and_slow(hasty):
    reason = only_unknown(play("support.faults:naps"), "lock.acquire.takes")
    assert re.fullmatch(
        r"acquire\(\) by process 0: slow: did not return within [0-9]+ s; "
        r"a thread of process 0 is in a timed sleep, \w+\(\)",
        reason,
    )


def test_call_that_polls_for_what_no_process_will_do_hangs(hasty):
    (violation,) = play("support.faults:polls_in_vain").violated["lock.acquire.takes"]
    assert "except threads that poll" in violation.evidence


def test_hang_beside_a_long_timeout_is_proven_without_the_timeout():
    """The first call hangs; the second may wait, and its timeout might end the wait of the first."""
    patient = ("acquire", (), {"timeout": LONG})
    (violation,) = play(
        "support.faults:hangs_when_it_is_free", script=Script({}, ({0: (("acquire", (), {}),), 1: (patient,)},))
    ).violated["lock.acquire.takes"]
    assert str(LONG) not in str(violation.witness.script)
    assert "sleeps in system calls without a timeout" in violation.evidence


def test_sleep_whose_end_is_far_away_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(stage, "PATIENCE", 100.0)
    started = time.monotonic()
    reason = only_unknown(
        play("support.faults:sleeps_an_hour", script=Script({}, ({0: (("acquire", (True, LONG), {}),)},))),
        "lock.acquire.takes",
    )
    assert "slow: did not return within " in reason
    assert time.monotonic() - started < stage.PATIENCE


@pytest.mark.parametrize(
    ("long", "without"),
    [
        (("acquire", (), {"timeout": LONG}), ("acquire", (), {})),
        (("acquire", (True, LONG), {}), ("acquire", (True, None), {})),
        (("acquire", (True,), {"timeout": 0}), ("acquire", (True,), {"timeout": 0})),
    ],
)
def test_timeouts_that_no_run_waits_out_are_left_out(long, without):
    lock = catalogue.entry("lock").spec
    assert without_long_timeouts(lock, Script({}, ({0: (long,)},))) == Script({}, ({0: (without,)},))
