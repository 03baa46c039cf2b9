"""Semaphores that live in a manager's process: proxies for the semaphores of ``threading``.

The relations have neither ``get_value`` nor a ``release`` of several at once, since the manual promises these for no
proxy.
"""

from conformance import Frozen, Spec, arg, blocks, call, expires, raises, replace, returns, unspecified
from specs.managers.queues import manager
from specs.synchronization.locks import enter_block, leave_block

SEMAPHORE = "multiprocessing.managers.SyncManager.Semaphore"
BOUNDED = "multiprocessing.managers.SyncManager.BoundedSemaphore"
COST = 8
BLOCKING, TIMEOUTS = arg.one_of(True, True, False), arg.one_of(None, arg.SHORT, arg.LONG)


class ManagerSemaphore(Frozen):
    """A semaphore that starts at ``value``.

    made: Semaphore(value) creates a semaphore with this initial value.
    inherited: A semaphore proxy passed as an argument to a new process refers to the same semaphore in that process.
    """

    value: int = 1
    taken: int = 0  # how often it was acquired, minus how often it was released

    def count(self):
        return self.value - self.taken

    def take(self):
        return replace(self, taken=self.taken + 1)

    def add(self):
        return replace(self, taken=self.taken - 1)


semaphore = Spec(
    "managersemaphore",
    ManagerSemaphore,
    make=lambda mp, **kwargs: manager(mp).Semaphore(**kwargs),
    documents=SEMAPHORE,
    cost=COST,
    called="semaphore",
    manager=manager,
    value=arg.one_of(1, 1, 0, 2, 3),
)


@semaphore.op(doc=SEMAPHORE, blocking=BLOCKING, timeout=TIMEOUTS, weight=3)
def acquire(state, me, blocking=True, timeout=None):
    """Subtracts one from the value; by default, waits until the value is above zero.

    takes: acquire() subtracts one from the value and returns True at once if the value is above zero.
    busy: acquire() returns False at once if the value is zero and blocking is false.
    waits: acquire() blocks while the value is zero if blocking is true; each release admits one waiter.
    expires: acquire() returns False once timeout seconds have elapsed without success, and no earlier.
    """
    if state.count() > 0:
        yield "takes", returns(True), state.take()
    elif blocking:
        yield "waits", blocks
        yield "expires", expires(timeout, returns(False))
    else:
        yield "busy", returns(False)
    if not blocking and timeout is not None:
        yield unspecified


@semaphore.op(doc=SEMAPHORE, weight=3)
def release(state, me):
    """Adds one to the value.

    adds: release() adds one to the value and returns None in any process, even if the value then exceeds its
        initial value.
    """
    yield "adds", returns(None), state.add()


@semaphore.op(enter_block, doc=SEMAPHORE)
def enter(state, me):
    """The start of a with block.

    takes: A with statement subtracts one from the value and starts its block if the value is above zero.
    waits: A with statement does not start its block until the semaphore is released if the value is zero.
    """
    if state.count() > 0:
        yield "takes", returns(None), state.take()
    else:
        yield "waits", blocks


@semaphore.op(leave_block, doc=SEMAPHORE, name="exit")
def leave(state, me):
    """The end of a with block.

    adds: A with block adds one to the value at its end.
    """
    yield "adds", returns(None), state.add()


ATTEMPT, BOTH_WAYS = [call("acquire", False)], [call("release"), call("exit")]

semaphore.rescue(call("release"))
semaphore.pin(
    "two processes wait at zero; release() and the end of a with block admit one each",
    {1: [call("acquire")], 2: [call("acquire", timeout=arg.LONG)]},
    {0: BOTH_WAYS},
    {0: ATTEMPT},
    value=0,
)
semaphore.pin(
    "two with statements at a value of one, of which release() admits the second",
    {1: [call("enter")], 2: [call("enter")]},
    {0: ATTEMPT + [call("release")]},
    {0: ATTEMPT},
    value=1,
)
semaphore.pin(
    "releases at once raise the value above its initial value, and a process takes all of it",
    {0: BOTH_WAYS, 1: [call("release")]},
    {2: [call("acquire", blocking=False)] * 5},
    value=1,
)
semaphore.pin(
    "acquire() fails with a short timeout, and without waiting, once the value is zero",
    {0: [call("acquire", True, arg.SHORT), call("acquire", timeout=arg.SHORT)] + ATTEMPT},
    value=1,
)


@semaphore.scenario("default")
def default_value(mp):
    """Semaphore() creates a semaphore with an initial value of 1."""
    sem = manager(mp).Semaphore()
    assert [sem.acquire(False), sem.acquire(False)] == [True, False]


@semaphore.scenario("negative", value=arg.one_of(-1, -2))
def negative_value(mp, value):
    """Semaphore(value) raises an exception if value is negative."""
    with raises(Exception):
        manager(mp).Semaphore(value)


@semaphore.scenario("with.raises")
def block_that_raises(mp):
    """A with block that raises an exception adds one to the value at its end, and the exception propagates."""
    sem = manager(mp).Semaphore(1)
    with raises(KeyError), sem:
        assert sem.acquire(False) is False
        raise KeyError("inside")
    assert [sem.acquire(False), sem.acquire(False)] == [True, False]


class ManagerBoundedSemaphore(ManagerSemaphore):
    """A semaphore whose value cannot rise above ``value``.

    made: BoundedSemaphore(value) creates a bounded semaphore with this initial value.
    inherited: A bounded semaphore proxy passed as an argument to a new process refers to the same bounded semaphore
        in that process.
    """


bounded = Spec(
    "managerboundedsemaphore",
    ManagerBoundedSemaphore,
    make=lambda mp, **kwargs: manager(mp).BoundedSemaphore(**kwargs),
    documents=BOUNDED,
    cost=COST,
    called="semaphore",
    manager=manager,
    value=arg.one_of(1, 1, 2, 3),
)
bounded.op(doc=BOUNDED, blocking=BLOCKING, timeout=TIMEOUTS, weight=3)(acquire)
bounded.op(enter_block, doc=BOUNDED)(enter)


@bounded.op(doc=BOUNDED, name="release", weight=3)
def release_bounded(state, me):
    """Adds one to the value.

    adds: release() adds one to the value and returns None in any process if the value is below its initial value.
    too-many: release() raises ValueError if the value is at its initial value, and does not change the value.
    """
    if state.taken > 0:
        yield "adds", returns(None), state.add()
    else:
        yield "too-many", raises(ValueError)


@bounded.op(leave_block, doc=BOUNDED, name="exit")
def leave_bounded(state, me):
    """The end of a with block.

    adds: A with block adds one to the value at its end.
    too-many: A with block raises ValueError at its end if the value is already back at its initial value.
    """
    yield from release_bounded(state, me)


bounded.rescue(call("release"))
bounded.pin(
    "a process releases a bounded semaphore three times that another process acquired once",
    {0: [call("acquire")]},
    {1: [call("release"), call("release"), call("exit")]},
    {2: ATTEMPT * 2},
    value=1,
)
bounded.pin(
    "two processes wait for a bounded semaphore, until with blocks end and it is released",
    {0: [call("enter")]},
    {1: [call("acquire")], 2: [call("enter")]},
    {0: [call("exit")]},
    {0: BOTH_WAYS},
)
bounded.pin(
    "a bounded semaphore refuses one acquire() too many, and then one release too many",
    {0: [call("acquire"), call("acquire", timeout=arg.SHORT)]},
    {0: ATTEMPT},
    {1: BOTH_WAYS},
    value=1,
)
bounded.pin(
    "two processes release a bounded semaphore at once that was acquired once: one of them must be refused",
    *[{0: ATTEMPT}, {1: [call("release")], 2: [call("release")]}] * 4,
    value=1,
)


@bounded.scenario("default")
def bounded_default_value(mp):
    """BoundedSemaphore() creates a bounded semaphore with an initial value, and a bound, of 1."""
    sem = manager(mp).BoundedSemaphore()
    assert [sem.acquire(False), sem.acquire(False), sem.release()] == [True, False, None]
    with raises(ValueError):
        sem.release()


@bounded.scenario("negative", value=arg.one_of(-1, -2))
def bounded_negative_value(mp, value):
    """BoundedSemaphore(value) raises an exception if value is negative."""
    with raises(Exception):
        manager(mp).BoundedSemaphore(value)


@bounded.scenario("with.raises")
def bounded_block_that_raises(mp):
    """A with block that raises an exception adds one to the value at its end, and the exception propagates."""
    sem = manager(mp).BoundedSemaphore(1)
    with raises(KeyError), sem:
        assert sem.acquire(False) is False
        raise KeyError("inside")
    assert [sem.acquire(False), sem.acquire(False)] == [True, False]
