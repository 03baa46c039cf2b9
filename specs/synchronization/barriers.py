"""Barriers: a fixed number of processes wait for each other, and then continue together.

The manual refers to ``threading`` for what a ``Barrier`` does.
"""

from __future__ import annotations

from itertools import permutations
from threading import BrokenBarrierError

from conformance import Frozen, Spec, arg, blocks, call, child, expires, laws, raises, replace, returns, then


class Barrier(Frozen):
    """Which processes have arrived, which pass and with which number, and which waited when it was broken or reset.

    made: Barrier(parties, action, timeout) creates a barrier that has no waiters and is not broken.
    inherited: A barrier passed as an argument to a new process refers to the same barrier in that process.
    """

    parties: int = 2
    timeout: float | None = None
    broken: bool = False
    arrived: frozenset[int] = frozenset()
    passing: tuple[tuple[int, int], ...] = ()
    failing: frozenset[int] = frozenset()
    caught: frozenset[int] = frozenset()  # passing, but not gone yet when the barrier broke

    def arrivals(self, me):
        """The states after this process arrives; if it is the last one, each party gets a number, in any order."""
        arrived = self.arrived | {me}
        if len(arrived) < self.parties:
            yield replace(self, arrived=arrived)
            return
        for numbers in permutations(range(self.parties)):
            passing = tuple(sorted(self.passing + tuple(zip(sorted(arrived), numbers))))
            yield replace(self, arrived=frozenset(), passing=passing)

    def let_go(self, broken):
        """The state in which every waiter is about to fail."""
        caught = self.caught | {actor for actor, _ in self.passing} if broken else self.caught
        return replace(self, broken=broken, arrived=frozenset(), failing=self.failing | self.arrived, caught=caught)

    def leave(self, me):
        passing = tuple(each for each in self.passing if each[0] != me)
        left = {me}
        return replace(
            self, arrived=self.arrived - left, passing=passing, failing=self.failing - left, caught=self.caught - left
        )


barrier = Spec(
    "barrier",
    Barrier,
    make=lambda mp, **kwargs: mp.Barrier(**kwargs),
    documents="multiprocessing.Barrier",
    parties=arg.one_of(1, 2, 2, 3, 3),
    timeout=arg.one_of(None, None, None, arg.SHORT),
)


@barrier.op(doc="threading.Barrier.wait", timeout=arg.one_of(None, None, arg.SHORT, arg.LONG, 0), weight=4)
def wait(b, me, timeout=None, *, phase=None):
    """Waits until all parties of the barrier have arrived.

    passes: wait() returns once all parties have arrived, with a different number from 0 to parties - 1 in
        each process, and the barrier is empty again.
    waits: wait() blocks until all parties have arrived.
    broken: wait() raises BrokenBarrierError at once if the barrier is broken.
    fails: wait() raises BrokenBarrierError in every process that is waiting when the barrier is broken or reset.
    expires: wait() breaks the barrier and raises BrokenBarrierError once timeout seconds have elapsed, and no
        earlier. If timeout is None, the timeout of the barrier applies.
    """
    timeout = b.timeout if timeout is None else timeout
    numbers = dict(b.passing)
    if phase is None and b.broken:
        yield "broken", raises(BrokenBarrierError)
    elif phase is None:
        for after in b.arrivals(me):
            yield then("there"), after
    elif me in b.failing:
        yield "fails", raises(BrokenBarrierError), b.leave(me)
    elif me in numbers:
        yield "passes", returns(numbers[me]), b.leave(me)
        if me in b.caught:  # a process that is about to leave may still see the barrier break
            yield "fails", raises(BrokenBarrierError), b.leave(me)
    else:
        yield "waits", blocks
        yield "expires", expires(timeout, raises(BrokenBarrierError)), b.leave(me).let_go(broken=True)


@barrier.op(doc="threading.Barrier.reset")
def reset(b, me):
    """Returns the barrier to its initial state.

    resets: reset() returns None and leaves the barrier empty and unbroken; wait() raises BrokenBarrierError
        in every process that was waiting.
    """
    yield "resets", returns(None), b.let_go(broken=False)


@barrier.op(doc="threading.Barrier.abort")
def abort(b, me):
    """Breaks the barrier.

    breaks: abort() returns None and breaks the barrier: every wait() in progress, and every later one until
        reset(), raises BrokenBarrierError.
    """
    yield "breaks", returns(None), b.let_go(broken=True)


@barrier.op(lambda b: b.broken, doc="threading.Barrier.broken")
def is_broken(b, me):
    """Whether the barrier is broken.

    tells: The attribute broken is True while the barrier is broken, and False otherwise.
    """
    yield "tells", returns(b.broken)


@barrier.op(lambda b: b.parties, doc="threading.Barrier.parties")
def parties(b, me):
    """How many processes have to arrive.

    tells: The attribute parties is the number of parties with which the barrier was created.
    """
    yield "tells", returns(b.parties)


@barrier.op(lambda b: b.n_waiting, doc="threading.Barrier.n_waiting")
def n_waiting(b, me, *, others):
    """How many processes are waiting.

    tells: The attribute n_waiting is the number of processes waiting at the barrier while no process is leaving it.
    """
    if b.passing or b.failing or others.count_leaving("wait"):
        numbers = range(b.parties + 1)
    elif len(b.arrived) == b.parties - 1 and others.waiting.count("wait") == b.parties:
        numbers = b.parties - 1, b.parties  # the last party is arriving
    else:
        numbers = (len(b.arrived),)
    for number in numbers:
        yield "tells", returns(number)


WAIT, TWO = call("wait"), {"parties": 2}

barrier.rescue(call("abort"))
barrier.pin(
    "three processes pass the barrier twice",
    {0: [WAIT], 1: [WAIT], 2: [WAIT]},
    {0: [WAIT], 1: [WAIT], 2: [WAIT]},
    parties=3,
)
barrier.pin(
    "the barrier is reset while a process waits, and two processes pass it then",
    {0: [WAIT]},
    {1: [call("n_waiting"), call("reset"), call("is_broken")]},
    {0: [WAIT], 1: [WAIT]},
    **TWO,
)
barrier.pin(
    "the barrier is aborted while a process waits, and two processes pass it after a reset",
    {0: [WAIT]},
    {1: [call("abort"), call("is_broken"), WAIT, call("reset")]},
    {0: [WAIT], 1: [WAIT]},
    **TWO,
)
barrier.pin(
    "the timeout of one process breaks the barrier for the others",
    {0: [WAIT]},
    {1: [call("wait", arg.SHORT)]},
    {2: [call("is_broken"), WAIT]},
    parties=3,
)
barrier.pin(
    "a wait without a timeout of its own ends with the timeout of the barrier",
    {0: [WAIT]},
    {1: [call("is_broken")]},
    parties=2,
    timeout=arg.SHORT,
)
barrier.pin(
    "a wait with a timeout of its own outlasts the timeout of the barrier",
    {0: [call("wait", arg.LONG)]},
    {1: [call("n_waiting")]},
    {1: [WAIT]},
    parties=2,
    timeout=arg.SHORT,
)


@barrier.stream(stuck="progress", make={"parties": 3}, rounds=arg.integers(10, 60))
def rounds_of_three(rounds):
    """Three processes meet repeatedly."""
    return [[WAIT] * rounds] * 3


@barrier.law(rounds_of_three, "progress", doc="threading.Barrier.wait")
def everybody_passes(history):
    """A barrier can be used again and again: all parties pass each time, with the numbers 0 to parties - 1."""
    for meeting in meetings(history):
        numbers = sorted(step.value for step in meeting)
        if numbers != ["0", "1", "2"]:
            return "three calls that meet returned %s" % ", ".join(numbers)
    return None


@barrier.law(rounds_of_three, "together", doc="threading.Barrier.wait")
def nobody_passes_alone(history):
    """No process passes the barrier before all parties have called wait()."""
    for meeting in meetings(history):
        if min(step.end for step in meeting) < max(step.start for step in meeting):
            return "a call ended before the last of the three had started"
    return None


def meetings(history):
    """The calls that meet: the first one of each process, the second one of each, and so on."""
    calls = {}
    for step in laws.picked(history, "wait"):
        calls.setdefault(step.actor, []).append(step)
    return list(zip(*calls.values()))


class Counting:
    """An action that counts its calls in shared memory; all other parties wait while it runs."""

    def __init__(self, calls):
        self.calls = calls

    def __call__(self):
        self.calls.value += 1


def meet(meeting, calls, rounds):
    for number in range(rounds):
        meeting.wait()
        assert calls.value == number + 1  # the other process cannot pass again without this one


@barrier.scenario("action.called", doc="threading.Barrier.wait", rounds=arg.integers(1, 4))
def action_is_called(mp, rounds):
    """The action is called by one of the parties, exactly once each time they meet, before any of them passes."""
    calls = mp.RawValue("i", 0)
    meeting = mp.Barrier(2, Counting(calls))
    with child(mp, meet, meeting, calls, rounds) as other:
        meet(meeting, calls, rounds)
    assert other.exitcode == 0


def fail():
    raise LookupError("the action failed")


def fail_to_meet(meeting):
    """Fails unless wait() raises the exception of the action or BrokenBarrierError."""
    try:
        number = meeting.wait()
    except (LookupError, BrokenBarrierError):
        return
    raise AssertionError("wait() returned %r" % number)


@barrier.scenario("action.fails", doc="threading.Barrier.wait")
def action_fails(mp):
    """An action that raises an exception breaks the barrier: wait() fails in every process, and so do later calls."""
    meeting = mp.Barrier(2, action=fail)
    with child(mp, fail_to_meet, meeting) as other:
        fail_to_meet(meeting)
    assert other.exitcode == 0
    assert meeting.broken is True
    with raises(BrokenBarrierError):
        meeting.wait()


@barrier.scenario("threads", doc="threading.Barrier.wait", parties=arg.integers(2, 4))
def threads_meet(mp, parties):
    """Threads of one process can meet at a barrier, just as processes can."""
    from concurrent.futures import ThreadPoolExecutor

    meeting = mp.Barrier(parties)
    with ThreadPoolExecutor(parties) as threads:
        numbers = [threads.submit(meeting.wait) for _ in range(parties)]
        assert sorted(number.result() for number in numbers) == list(range(parties))
