"""Semaphores that live in a manager's process: proxies of the semaphores of ``threading``.

They have neither ``get_value`` nor a ``release`` of several at once, which the manual promises of no proxy.
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

    made: Semaphore(value) makes a semaphore with this value.
    inherited: A proxy that is passed to a process when that is created refers to the same semaphore there.
    """

    value: int = 1
    taken: int = 0  # how often it was acquired, less how often it was released

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
    value=arg.one_of(1, 1, 0, 2, 3),
)


@semaphore.op(doc=SEMAPHORE, blocking=BLOCKING, timeout=TIMEOUTS, weight=3)
def acquire(state, me, blocking=True, timeout=None):
    """Takes one from the value, waiting until it is above zero if asked to.

    takes: Above zero, the call takes one and returns True at once.
    busy: At zero, a call that does not block returns False at once.
    waits: At zero, a call that blocks waits; each release lets one waiting call go on.
    expires: A call that found nothing to take in timeout seconds returns False, then and never before.
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

    adds: The call returns None, from any process, and may raise the value above the initial one.
    """
    yield "adds", returns(None), state.add()


@semaphore.op(enter_block, doc=SEMAPHORE)
def enter(state, me):
    """The start of a with block.

    takes: Above zero, the block starts and takes one.
    waits: At zero, the block does not start before a release.
    """
    if state.count() > 0:
        yield "takes", returns(None), state.take()
    else:
        yield "waits", blocks


@semaphore.op(leave_block, doc=SEMAPHORE, name="exit")
def leave(state, me):
    """The end of a with block.

    adds: The block ends, and adds one.
    """
    yield "adds", returns(None), state.add()


ATTEMPT, BOTH_WAYS = [call("acquire", False)], [call("release"), call("exit")]

semaphore.rescue(call("release"))
semaphore.pin({1: [call("acquire")], 2: [call("acquire", timeout=arg.LONG)]}, {0: BOTH_WAYS}, {0: ATTEMPT}, value=0)
semaphore.pin({1: [call("enter")], 2: [call("enter")]}, {0: ATTEMPT + [call("release")]}, {0: ATTEMPT}, value=1)
semaphore.pin({0: BOTH_WAYS, 1: [call("release")]}, {2: [call("acquire", blocking=False)] * 5}, value=1)
semaphore.pin({0: [call("acquire", True, arg.SHORT), call("acquire", timeout=arg.SHORT)] + ATTEMPT}, value=1)


@semaphore.scenario("default")
def default_value(mp):
    """A semaphore that is made without a value starts at one."""
    sem = manager(mp).Semaphore()
    assert [sem.acquire(False), sem.acquire(False)] == [True, False]


@semaphore.scenario("negative", value=arg.one_of(-1, -2))
def negative_value(mp, value):
    """A negative initial value is refused with an exception."""
    with raises(Exception):
        manager(mp).Semaphore(value)


@semaphore.scenario("with.raises")
def block_that_raises(mp):
    """A with block that ends with an exception gives back what it took, and the exception goes on."""
    sem = manager(mp).Semaphore(1)
    with raises(KeyError), sem:
        assert sem.acquire(False) is False
        raise KeyError("inside")
    assert [sem.acquire(False), sem.acquire(False)] == [True, False]


class ManagerBoundedSemaphore(ManagerSemaphore):
    """A semaphore that refuses to rise above ``value``.

    made: BoundedSemaphore(value) makes a semaphore with this value.
    inherited: A proxy that is passed to a process when that is created refers to the same semaphore there.
    """


bounded = Spec(
    "managerboundedsemaphore",
    ManagerBoundedSemaphore,
    make=lambda mp, **kwargs: manager(mp).BoundedSemaphore(**kwargs),
    documents=BOUNDED,
    cost=COST,
    value=arg.one_of(1, 1, 2, 3),
)
bounded.op(doc=BOUNDED, blocking=BLOCKING, timeout=TIMEOUTS, weight=3)(acquire)
bounded.op(enter_block, doc=BOUNDED)(enter)


@bounded.op(doc=BOUNDED, name="release", weight=3)
def release_bounded(state, me):
    """Adds one to the value.

    adds: Below the initial value, the call returns None, from any process.
    too-many: At the initial value, the call raises ValueError, and the value stays as it is.
    """
    if state.taken > 0:
        yield "adds", returns(None), state.add()
    else:
        yield "too-many", raises(ValueError)


@bounded.op(leave_block, doc=BOUNDED, name="exit")
def leave_bounded(state, me):
    """The end of a with block.

    adds: The block ends, and adds one.
    too-many: When the block has given back itself what it took, its end raises ValueError.
    """
    yield from release_bounded(state, me)


bounded.rescue(call("release"))
bounded.pin({0: [call("acquire")]}, {1: [call("release"), call("release"), call("exit")]}, {2: ATTEMPT * 2}, value=1)
bounded.pin({0: [call("enter")]}, {1: [call("acquire")], 2: [call("enter")]}, {0: [call("exit")]}, {0: BOTH_WAYS})
bounded.pin({0: [call("acquire"), call("acquire", timeout=arg.SHORT)]}, {0: ATTEMPT}, {1: BOTH_WAYS}, value=1)
# Two releases for one acquire, at once: one of them must be refused.
bounded.pin(*[{0: ATTEMPT}, {1: [call("release")], 2: [call("release")]}] * 4, value=1)


@bounded.scenario("default")
def bounded_default_value(mp):
    """A semaphore that is made without a value starts at one, and that is its bound."""
    sem = manager(mp).BoundedSemaphore()
    assert [sem.acquire(False), sem.acquire(False), sem.release()] == [True, False, None]
    with raises(ValueError):
        sem.release()


@bounded.scenario("negative", value=arg.one_of(-1, -2))
def bounded_negative_value(mp, value):
    """A negative initial value is refused with an exception."""
    with raises(Exception):
        manager(mp).BoundedSemaphore(value)


@bounded.scenario("with.raises")
def bounded_block_that_raises(mp):
    """A with block that ends with an exception gives back what it took, and the exception goes on."""
    sem = manager(mp).BoundedSemaphore(1)
    with raises(KeyError), sem:
        assert sem.acquire(False) is False
        raise KeyError("inside")
    assert [sem.acquire(False), sem.acquire(False)] == [True, False]
