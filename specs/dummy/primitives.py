"""Queues, locks and events of ``multiprocessing.dummy``, between threads that contend for them.

They are those of ``queue`` and ``threading``, so their relations are the ones of the same objects in a
manager, as far as ``multiprocessing`` has an interface for them. The actors here are threads.
"""

from conformance import Spec, arg, call, module
from specs.managers import locks as manager_locks
from specs.managers import queues as manager_queues
from specs.managers.events import SET_CLEAR, ManagerEvent
from specs.managers.queues import TIMEOUTS
from specs.synchronization import events
from specs.synchronization.locks import enter_block, leave_block

DUMMY = "multiprocessing.dummy"
COST = 4
OBJECTS = arg.positional(arg.items)  # the two modules name the parameter differently


class DummyQueue(manager_queues.ManagerQueue):
    """A queue of at most ``maxsize`` objects that counts unfinished tasks.

    made: JoinableQueue(maxsize) makes an empty queue; maxsize is optional, and zero or less means no bound.
    """


queue = Spec(
    "dummyqueue",
    DummyQueue,
    make=lambda mp, **kwargs: module(mp, "dummy").JoinableQueue(**kwargs),
    documents=DUMMY,
    threads=True,
    cost=COST,
    maxsize=arg.one_of(0, 1, 1, 2, 3, -1),
)
stored, taken = manager_queues.put, manager_queues.get


@queue.op(doc=DUMMY, obj=OBJECTS, block=arg.blocks, timeout=TIMEOUTS, weight=3)
def put(q, me, obj, block=True, timeout=None):
    """Puts an object into the queue.

    stores: With a free slot, the call puts the object behind all others and returns None.
    full: Without a free slot, a call that does not block raises Full at once, whatever timeout says.
    waits: Without a free slot, a call that blocks waits until there is one.
    expires: A call that found no free slot in timeout seconds raises Full, then and never before.
    """
    yield from stored(q, me, obj, block, timeout)


@queue.op(doc=DUMMY, obj=OBJECTS)
def put_nowait(q, me, obj):
    """Puts an object without waiting, as put(obj, False).

    stores: With a free slot, the call puts the object behind all others and returns None.
    full: Without a free slot, it raises Full at once.
    """
    yield from stored(q, me, obj, False)


@queue.op(doc=DUMMY, block=arg.blocks, timeout=TIMEOUTS, weight=3)
def get(q, me, block=True, timeout=None):
    """Removes an object from the queue and returns it.

    takes: With an object in the queue, the call returns the one that was put first, whoever put it.
    empty: Without an object, a call that does not block raises Empty at once, whatever timeout says.
    waits: Without an object, a call that blocks waits until there is one.
    expires: A call that found no object in timeout seconds raises Empty, then and never before.
    """
    yield from taken(q, me, block, timeout)


@queue.op(doc=DUMMY, weight=2)
def get_nowait(q, me):
    """Removes an object without waiting, as get(False).

    takes: With an object in the queue, the call returns the one that was put first, whoever put it.
    empty: Without an object, it raises Empty at once.
    """
    yield from taken(q, me, False)


queue.adopt(manager_queues.managed, "qsize", "empty", "full", "task_done", "join", doc=DUMMY)

queue.rescue(call("put", "rescue", False), call("get"), call("task_done"))
queue.pin({0: [call("put", "a")]}, {1: [call("put", "b")]}, {2: [call("empty"), call("get")]}, {0: [call("get")]})
queue.pin({0: [call("put", 0), call("get"), call("task_done"), call("task_done"), call("join")]}, maxsize=-1)
queue.pin(
    {0: [call("put_nowait", 1), call("put", 2, False), call("put_nowait", 3), call("put", 4, timeout=arg.SHORT)]},
    {0: [call("full"), call("put", 4, False), call("qsize")]},
    {1: [call("put", 5)], 2: [call("put", 6, timeout=arg.LONG)]},
    {
        0: [
            call("get"),
            call("get_nowait"),
            call("get"),
            call("get"),
            call("get", timeout=arg.SHORT),
            call("get_nowait"),
        ]
    },
    maxsize=2,
)
queue.pin({1: [call("get")]}, {0: [call("qsize"), call("put", None)]}, {2: [call("join")]}, {1: [call("task_done")]})


class DummyLock(manager_locks.ManagerLock):
    """A lock that does not count how often it is acquired.

    made: Lock() makes a lock that is not locked.
    """


PATIENT, ATTEMPT = [call("acquire", True, timeout=arg.LONG)], [call("acquire", False)]
# The two modules name the first parameter differently, and do not agree about a timeout of -1.
BLOCKING, LIMITS = arg.positional(manager_locks.BLOCKING), arg.one_of(arg.SHORT, arg.LONG)

lock = Spec(
    "dummylock", DummyLock, make=lambda mp: module(mp, "dummy").Lock(), documents=DUMMY, threads=True, cost=COST
)
lock.op(doc=DUMMY, blocking=BLOCKING, timeout=LIMITS, weight=3)(manager_locks.acquire)
lock.op(doc=DUMMY, weight=3)(manager_locks.release)
lock.op(enter_block, doc=DUMMY)(manager_locks.enter)
lock.op(leave_block, doc=DUMMY, name="exit")(manager_locks.leave)

lock.rescue(call("release"))
lock.pin({0: [call("acquire")]}, {1: PATIENT, 2: [call("acquire")]}, {0: [call("release")]}, {0: ATTEMPT})
lock.pin(
    {0: [call("enter")]},
    {1: [call("acquire", True, timeout=arg.SHORT)]},
    {1: ATTEMPT, 2: [call("enter")]},
    {0: [call("exit")]},
)
lock.pin({0: ATTEMPT}, {1: [call("release"), call("release"), call("exit")]}, {2: ATTEMPT + ATTEMPT})


class DummyEvent(ManagerEvent):
    """A flag for which threads wait.

    made: Event() makes an event whose flag is false.
    """


event = Spec(
    "dummyevent", DummyEvent, make=lambda mp: module(mp, "dummy").Event(), documents=DUMMY, threads=True, cost=COST
)
event.adopt(events.event, *events.event.operations, doc=DUMMY)

event.rescue(call("set"))
event.pin({1: [call("wait")], 2: [call("wait", timeout=arg.LONG)]}, SET_CLEAR, {0: [call("is_set")]})
event.pin({0: [call("set"), call("set"), call("wait"), call("is_set"), call("clear"), call("is_set")]})
event.pin({1: [call("wait", timeout=arg.SHORT)], 2: [call("wait")]}, {1: [call("wait", 0), call("is_set")]})
