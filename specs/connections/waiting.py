"""Waiting for several things at once: connections, sockets, and the ends of processes.

Connections and sockets are ready when there is something to read, even if it is only the end of the file; a sentinel
is ready when its process has ended.
"""

import os
import signal
import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from time import monotonic

from conformance import Spec, arg, child, kill, module, unproven
from specs.synchronization.timeouts import DOUBT, ENDLESS

WAIT = "multiprocessing.connection.wait"
EARLY = 0.001  # seconds of slack for clocks

wait = Spec("wait", documents=WAIT)


def pipes(mp, closed, count):
    """Returns the receivers and the senders of new pipes, which an exit stack closes."""
    pairs = [tuple(map(closed.enter_context, mp.Pipe(False))) for _ in range(count)]
    return [receiver for receiver, _ in pairs], [sender for _, sender in pairs]


def same(objects, promised):
    """Whether a list has exactly these objects, in any order."""
    return type(objects) is list and sorted(map(id, objects)) == sorted(map(id, promised))


@wait.scenario("connections")
def connections_are_ready(mp):
    """wait() reports a connection as ready while it has messages left, and removes none of them."""
    waits = module(mp, "connection").wait
    with ExitStack() as closed:
        (one, other), (to_one, _) = pipes(mp, closed, 2)
        to_one.send("first")
        to_one.send_bytes(b"")
        for message in "first", b"":
            assert same(waits([other, one]), [one])
            assert same(waits([one, other], 0), [one])
            assert (one.recv() if message else one.recv_bytes()) == message
        assert waits([one, other], 0) == []


@wait.scenario("sockets")
def sockets_are_ready(mp):
    """wait() reports a connected socket as ready while there is data to read, or once its other end is closed."""
    waits = module(mp, "connection").wait
    one, other = socket.socketpair()
    with one, other:
        assert waits([one, other], 0) == []
        other.send(b"ab")
        for data in b"a", b"b":
            assert same(waits([one, other]), [one])
            assert one.recv(1) == data
        assert waits([one, other], 0) == []
        other.close()
        assert same(waits([one]), [one])
        assert one.recv(1) == b""


@wait.scenario("closed", duplex=arg.one_of(True, False))
def the_other_end_is_closed(mp, duplex):
    """wait() reports a connection as ready once its other end is closed, with or without messages left."""
    waits = module(mp, "connection").wait
    for left in 1, 0:
        receiver, sender = mp.Pipe(duplex)
        with receiver, sender:
            assert waits([receiver], 0) == []
            for _ in range(left):
                sender.send("left")
            sender.close()
            for _ in range(left):
                assert same(waits([receiver]), [receiver])
                assert receiver.recv() == "left"
            assert same(waits([receiver]), [receiver])
            assert same(waits([receiver]), [receiver])


def stay(conn, other):
    other.close()  # a forked child has inherited both ends
    conn.recv()
    conn.send("farewell")


@wait.scenario("sentinels", doc="multiprocessing.Process.sentinel", killed=arg.one_of(False, True))
def sentinels_are_ready(mp, killed):
    """wait() reports the sentinel of a process once the process has returned or been killed, and no earlier."""
    waits = module(mp, "connection").wait
    mine, theirs = mp.Pipe()
    with mine, theirs, child(mp, stay, theirs, mine) as process:
        theirs.close()
        sentinel = process.sentinel
        assert waits([sentinel], 0) == []
        assert waits([mine, sentinel], -1) == []
        if killed:
            kill(process.pid)
        else:
            mine.send("go")
            assert same(waits([mine]), [mine])
            assert mine.recv() == "farewell"
        assert waits([sentinel]) == [sentinel]
        assert waits([sentinel], 0) == [sentinel]


@wait.scenario("mixed")
def all_kinds_at_once(mp):
    """wait() accepts connections, sockets, and sentinels together, and returns the objects that are ready."""
    waits = module(mp, "connection").wait
    mine, theirs = mp.Pipe()
    with ExitStack() as closed:
        (one, other), (to_one, _) = pipes(mp, closed, 2)
        plain, to_plain = map(closed.enter_context, socket.socketpair())
        with mine, theirs, child(mp, stay, theirs, mine) as process:
            theirs.close()
            objects = [one, plain, process.sentinel, mine, other]
            assert waits(objects, 0) == []
            to_plain.send(b"data")
            assert same(waits(objects), [plain])
            to_one.send("message")
            assert same(waits(objects), [plain, one])
            mine.send("go")
            assert waits([process.sentinel]) == [process.sentinel]
            assert same(waits(objects), [one, plain, process.sentinel, mine])
            assert same(waits([other, process.sentinel]), [process.sentinel])


@wait.scenario("all", count=arg.one_of(10, 80))
def many_are_ready(mp, count):
    """wait() returns all objects that are ready, each of them once, and no others, however many objects it is given."""
    waits = module(mp, "connection").wait
    with ExitStack() as closed:
        receivers, senders = pipes(mp, closed, count)
        senders[-1].send("the last")
        assert same(waits(receivers), receivers[-1:])
        for sender in senders[::2]:
            sender.send("every other")
        assert same(waits(receivers), receivers[::2] + receivers[-1:])
        for sender in senders:
            sender.send("each")
        assert same(waits(receivers, 0), receivers)


@wait.scenario("wakes", timeout=arg.one_of(None, "default", 3600))
def something_becomes_ready(mp, timeout):
    """wait() returns as soon as an object is ready if timeout is omitted, is None, or has not elapsed yet."""
    waits = module(mp, "connection").wait
    given = {} if timeout == "default" else {"timeout": timeout}
    with ExitStack() as closed:
        threads = closed.enter_context(ThreadPoolExecutor(1))
        (first, second), (to_first, to_second) = pipes(mp, closed, 2)
        plain, to_plain = map(closed.enter_context, socket.socketpair())
        objects = [first, second, plain]
        for use, ready in (
            (lambda: to_plain.send(b"data"), plain),
            (lambda: to_second.send("message"), second),
            (to_first.close, first),
        ):
            waiting = threads.submit(waits, objects, **given)
            use()
            assert same(waiting.result(), [ready])
            objects.remove(ready)


@wait.scenario("month")
def a_month_to_wait(mp):
    """wait() accepts a timeout as long as a month."""
    with ExitStack() as closed:
        (one, other), (to_one, _) = pipes(mp, closed, 2)
        to_one.send("in time")
        assert same(module(mp, "connection").wait([one, other], arg.MONTH), [one])


@wait.scenario("endless", doubt=DOUBT)
def wait_with_an_endless_timeout(mp):
    """wait() accepts a timeout as long as three centuries, or infinite."""
    with ExitStack() as closed:
        (one, other), (to_one, _) = pipes(mp, closed, 2)
        to_one.send("in time")
        for timeout in ENDLESS:
            assert same(module(mp, "connection").wait([one, other], timeout), [one])


@wait.scenario("expires", timeout=arg.one_of(arg.SHORT, 2 * arg.SHORT), count=arg.one_of(0, 2))
def nothing_becomes_ready(mp, timeout, count):
    """wait() returns an empty list once timeout seconds have elapsed without a ready object, and no earlier."""
    with ExitStack() as closed:
        receivers, _ = pipes(mp, closed, count)
        start = monotonic()
        assert module(mp, "connection").wait(receivers, timeout) == []
        assert monotonic() - start >= timeout - EARLY


@wait.scenario("zero", timeout=arg.one_of(0, -0.5, -3600))
def no_time_at_all(mp, timeout):
    """wait() returns the list of ready objects at once, even if the list is empty, if timeout is zero or negative."""
    waits = module(mp, "connection").wait
    with ExitStack() as closed:
        receivers, senders = pipes(mp, closed, 3)
        assert waits(receivers, timeout) == []
        senders[1].send("message")
        assert same(waits(receivers, timeout=timeout), receivers[1:2])
        senders[1].close()
        senders[2].close()
        assert same(waits(object_list=receivers, timeout=timeout), receivers[1:])


def wait_through_signals(waits, receiver, ticks, timeout):
    """Waits for a message, and sends a tick for each signal that is handled meanwhile."""
    signal.signal(signal.SIGUSR1, lambda signum, frame: ticks.send("tick"))
    ticks.send("ready")
    ready = waits([receiver], timeout)
    assert ready == [receiver]


def interrupt(process, ticks):
    """Sends signals until one is handled; a signal just before a system call is not handled until the call returns."""
    while process.is_alive() and not ticks.poll(0.01):
        os.kill(process.pid, signal.SIGUSR1)
    while ticks.poll():
        ticks.recv()


@wait.scenario("interrupted", timeout=arg.one_of(None, 3600))
def signals_do_not_end_it(mp, timeout):
    """wait() neither returns early nor raises an exception if signals are handled while it waits."""
    if os.name == "nt":
        unproven("on Windows, no signal interrupts a wait")
    receiver, sender = mp.Pipe(False)
    mine, theirs = mp.Pipe(False)
    waits = module(mp, "connection").wait
    with receiver, sender, mine, theirs:
        with child(mp, wait_through_signals, waits, receiver, theirs, timeout) as process:
            assert mine.recv() == "ready"
            for _ in range(4):
                interrupt(process, mine)
            sender.send("message")
        assert process.exitcode == 0
