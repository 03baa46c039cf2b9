"""Barriers: a fixed number of processes wait for each other, and go on together.

The manual describes a ``Barrier`` by that of ``threading``.
"""

from __future__ import annotations

from itertools import permutations
from threading import BrokenBarrierError

from conformance import Frozen, Spec, arg, blocks, call, child, expires, laws, raises, replace, returns, then


class Barrier(Frozen):
    """Who has arrived, who passes and with which number, and who waited when the barrier broke or was reset.

    made: Barrier(parties, action, timeout) makes a barrier at which nobody waits, and which is not broken.
    inherited: A barrier that is passed to a process when that is created is the same barrier there.
    """

    parties: int = 2
    timeout: float | None = None
    broken: bool = False
    arrived: frozenset[int] = frozenset()
    passing: tuple[tuple[int, int], ...] = ()
    failing: frozenset[int] = frozenset()
    caught: frozenset[int] = frozenset()  # passing, and not gone when the barrier broke

    def arrivals(self, me):
        """The states once this process is there: with the last one, each gets a number, in some order."""
        arrived = self.arrived | {me}
        if len(arrived) < self.parties:
            yield replace(self, arrived=arrived)
            return
        for numbers in permutations(range(self.parties)):
            passing = tuple(sorted(self.passing + tuple(zip(sorted(arrived), numbers))))
            yield replace(self, arrived=frozenset(), passing=passing)

    def let_go(self, broken):
        """Everybody who waits will fail."""
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
    """Waits until as many processes wait as the barrier has parties.

    passes: Once there are as many as the barrier has parties, every call returns a number from 0 to
        parties - 1, another one to each of them, and the barrier is empty again.
    waits: With fewer, the call waits.
    broken: If the barrier is broken, the call raises BrokenBarrierError at once.
    fails: A call that waits when the barrier is broken or reset raises BrokenBarrierError.
    expires: A call that did not pass in timeout seconds breaks the barrier and raises BrokenBarrierError,
        then and never before; without a timeout of its own it takes that of the barrier.
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
        if me in b.caught:  # who is about to leave may still see it break
            yield "fails", raises(BrokenBarrierError), b.leave(me)
    else:
        yield "waits", blocks
        yield "expires", expires(timeout, raises(BrokenBarrierError)), b.leave(me).let_go(broken=True)


@barrier.op(doc="threading.Barrier.reset")
def reset(b, me):
    """Makes the barrier as it was at first.

    resets: The call returns None; the barrier is empty and not broken, and those who wait fail.
    """
    yield "resets", returns(None), b.let_go(broken=False)


@barrier.op(doc="threading.Barrier.abort")
def abort(b, me):
    """Breaks the barrier.

    breaks: The call returns None; the barrier is broken: those who wait fail, and so does every later call.
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
    """How many have to wait.

    tells: The attribute parties is the number that the barrier was made with.
    """
    yield "tells", returns(b.parties)


@barrier.op(lambda b: b.n_waiting, doc="threading.Barrier.n_waiting")
def n_waiting(b, me, *, others):
    """How many wait.

    tells: The attribute n_waiting is the number of those who wait, while nobody goes on.
    """
    if b.passing or b.failing or others.count_leaving("wait"):
        numbers = range(b.parties + 1)
    elif len(b.arrived) == b.parties - 1 and others.waiting.count("wait") == b.parties:
        numbers = b.parties - 1, b.parties  # the last one comes
    else:
        numbers = (len(b.arrived),)
    for number in numbers:
        yield "tells", returns(number)


WAIT, TWO = call("wait"), {"parties": 2}

barrier.rescue(call("abort"))
barrier.pin({0: [WAIT], 1: [WAIT], 2: [WAIT]}, {0: [WAIT], 1: [WAIT], 2: [WAIT]}, parties=3)
barrier.pin({0: [WAIT]}, {1: [call("n_waiting"), call("reset"), call("is_broken")]}, {0: [WAIT], 1: [WAIT]}, **TWO)
barrier.pin({0: [WAIT]}, {1: [call("abort"), call("is_broken"), WAIT, call("reset")]}, {0: [WAIT], 1: [WAIT]}, **TWO)
barrier.pin({0: [WAIT]}, {1: [call("wait", arg.SHORT)]}, {2: [call("is_broken"), WAIT]}, parties=3)
barrier.pin({0: [WAIT]}, {1: [call("is_broken")]}, parties=2, timeout=arg.SHORT)
barrier.pin({0: [call("wait", arg.LONG)]}, {1: [call("n_waiting")]}, {1: [WAIT]}, parties=2, timeout=arg.SHORT)


@barrier.stream(stuck="progress", make={"parties": 3}, rounds=arg.integers(10, 60))
def rounds_of_three(rounds):
    """Three processes meet again and again."""
    return [[WAIT] * rounds] * 3


@barrier.law(rounds_of_three, "progress", doc="threading.Barrier.wait")
def everybody_passes(history):
    """Used again and again by as many as its parties, it lets all of them pass, with numbers 0 to parties - 1."""
    for meeting in meetings(history):
        numbers = sorted(step.value for step in meeting)
        if numbers != ["0", "1", "2"]:
            return "three calls that meet returned %s" % ", ".join(numbers)
    return None


@barrier.law(rounds_of_three, "together", doc="threading.Barrier.wait")
def nobody_passes_alone(history):
    """Nobody passes before as many as there are parties have called wait()."""
    for meeting in meetings(history):
        if min(step.end for step in meeting) < max(step.start for step in meeting):
            return "a call ended before the last of the three had started"
    return None


def meetings(history):
    """The calls that meet: each process's first ones, its second ones, and so on."""
    calls = {}
    for step in laws.picked(history, "wait"):
        calls.setdefault(step.actor, []).append(step)
    return list(zip(*calls.values()))


class Counting:
    """An action that counts its calls in shared memory; while it runs, all others wait."""

    def __init__(self, calls):
        self.calls = calls

    def __call__(self):
        self.calls.value += 1


def meet(meeting, calls, rounds):
    for number in range(rounds):
        meeting.wait()
        assert calls.value == number + 1  # the other one cannot meet anybody else


@barrier.scenario("action.called", doc="threading.Barrier.wait", rounds=arg.integers(1, 4))
def action_is_called(mp, rounds):
    """One of those who meet calls the action, once for each meeting, before anybody passes."""
    calls = mp.RawValue("i", 0)
    meeting = mp.Barrier(2, Counting(calls))
    with child(mp, meet, meeting, calls, rounds) as other:
        meet(meeting, calls, rounds)
    assert other.exitcode == 0


def fail():
    raise LookupError("the action failed")


def fail_to_meet(meeting):
    """Waits, and demands that the wait fails: because of the action, or because the barrier is broken."""
    try:
        number = meeting.wait()
    except (LookupError, BrokenBarrierError):
        return
    raise AssertionError("wait() returned %r" % number)


@barrier.scenario("action.fails", doc="threading.Barrier.wait")
def action_fails(mp):
    """An action that raises breaks the barrier: nobody passes, and later calls of wait() fail as well."""
    meeting = mp.Barrier(2, action=fail)
    with child(mp, fail_to_meet, meeting) as other:
        fail_to_meet(meeting)
    assert other.exitcode == 0
    assert meeting.broken is True
    with raises(BrokenBarrierError):
        meeting.wait()


@barrier.scenario("threads", doc="threading.Barrier.wait", parties=arg.integers(2, 4))
def threads_meet(mp, parties):
    """Threads of one process meet like processes."""
    from concurrent.futures import ThreadPoolExecutor

    meeting = mp.Barrier(parties)
    with ThreadPoolExecutor(parties) as threads:
        numbers = [threads.submit(meeting.wait) for _ in range(parties)]
        assert sorted(number.result() for number in numbers) == list(range(parties))
