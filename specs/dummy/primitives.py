"""Queues, locks, and events of ``multiprocessing.dummy``, shared by threads that contend for them.

They are the objects of ``queue`` and ``threading``, so their relations are those of the same objects in a
manager, as far as ``multiprocessing`` has an interface for them. The actors here are threads.
"""

from conformance import Spec, arg, call, module
from specs.managers import locks as manager_locks
from specs.managers import queues as manager_queues
from specs.managers.events import ManagerEvent
from specs.managers.queues import TIMEOUTS
from specs.synchronization import events
from specs.synchronization.events import SET_CLEAR
from specs.synchronization.locks import enter_block, leave_block

DUMMY = "multiprocessing.dummy"
COST = 4
OBJECTS = arg.positional(arg.items)  # the two modules name the parameter differently


class DummyQueue(manager_queues.ManagerQueue):
    """A queue that holds at most ``maxsize`` objects and counts unfinished tasks.

    made: JoinableQueue(maxsize) creates an empty queue; maxsize is optional, and zero or less means no bound.
    """


queue = Spec(
    "dummyqueue",
    DummyQueue,
    make=lambda mp, **kwargs: module(mp, "dummy").JoinableQueue(**kwargs),
    documents=DUMMY,
    threads=True,
    cost=COST,
    called="queue",
    maxsize=arg.one_of(0, 1, 1, 2, 3, -1),
)
stored, taken = manager_queues.put, manager_queues.get


@queue.op(doc=DUMMY, obj=OBJECTS, block=arg.blocks, timeout=TIMEOUTS, weight=3)
def put(q, me, obj, block=True, timeout=None):
    """Puts an object into the queue.

    stores: put() stores the object behind all others and returns None if a slot is free.
    full: put() raises Full at once if no slot is free and block is false, whatever timeout is.
    waits: put() waits until a slot is free if block is true.
    expires: put() raises Full once timeout seconds have elapsed without a free slot, and no earlier.
    """
    yield from stored(q, me, obj, block, timeout)


@queue.op(doc=DUMMY, obj=OBJECTS)
def put_nowait(q, me, obj):
    """Puts an object into the queue without waiting, like put(obj, False).

    stores: put_nowait() stores the object behind all others and returns None if a slot is free.
    full: put_nowait() raises Full at once if no slot is free.
    """
    yield from stored(q, me, obj, False)


@queue.op(doc=DUMMY, block=arg.blocks, timeout=TIMEOUTS, weight=3)
def get(q, me, block=True, timeout=None):
    """Removes an object from the queue and returns it.

    takes: get() removes and returns the object that was put first, by whichever process, if the queue is not empty.
    empty: get() raises Empty at once if the queue is empty and block is false, whatever timeout is.
    waits: get() waits until an object is available if block is true.
    expires: get() raises Empty once timeout seconds have elapsed without an available object, and no earlier.
    """
    yield from taken(q, me, block, timeout)


@queue.op(doc=DUMMY, weight=2)
def get_nowait(q, me):
    """Removes an object from the queue and returns it without waiting, like get(False).

    takes: get_nowait() removes and returns the object that was put first, by whichever process, if the queue
        is not empty.
    empty: get_nowait() raises Empty at once if the queue is empty.
    """
    yield from taken(q, me, False)


queue.adopt(manager_queues.managed, "qsize", "empty", "full", "task_done", "join", doc=DUMMY)

queue.rescue(call("put", "rescue", False), call("get"), call("task_done"))
queue.pin(
    "two threads put an object each, which are got in the same order",
    {0: [call("put", "a")]},
    {1: [call("put", "b")]},
    {2: [call("empty"), call("get")]},
    {0: [call("get")]},
)
queue.pin(
    "task_done() is called once too often, and join() has nothing to wait for",
    {0: [call("put", 0), call("get"), call("task_done"), call("task_done"), call("join")]},
    maxsize=-1,
)
queue.pin(
    "a full queue refuses objects, takes two more as it is emptied, and is empty in the end",
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
queue.pin(
    "an object reaches a get() that waits, and join() waits until the task is done",
    {1: [call("get")]},
    {0: [call("qsize"), call("put", None)]},
    {2: [call("join")]},
    {1: [call("task_done")]},
)


class DummyLock(manager_locks.ManagerLock):
    """A lock that does not count how often it is acquired.

    made: Lock() creates an unlocked lock.
    """


PATIENT, ATTEMPT = [call("acquire", True, timeout=arg.LONG)], [call("acquire", False)]
# The two modules name the first parameter differently, and disagree about a timeout of -1.
BLOCKING, LIMITS = arg.positional(manager_locks.BLOCKING), arg.one_of(arg.SHORT, arg.LONG)

lock = Spec(
    "dummylock",
    DummyLock,
    make=lambda mp: module(mp, "dummy").Lock(),
    documents=DUMMY,
    threads=True,
    cost=COST,
    called="lock",
)
lock.op(doc=DUMMY, blocking=BLOCKING, timeout=LIMITS, weight=3)(manager_locks.acquire)
lock.op(doc=DUMMY, weight=3)(manager_locks.release)
lock.op(enter_block, doc=DUMMY)(manager_locks.enter)
lock.op(leave_block, doc=DUMMY, name="exit")(manager_locks.leave)

lock.rescue(call("release"))
lock.pin(
    "two threads wait for a lock, one of them with a timeout, and its release admits one",
    {0: [call("acquire")]},
    {1: PATIENT, 2: [call("acquire")]},
    {0: [call("release")]},
    {0: ATTEMPT},
)
lock.pin(
    "a with block keeps out an acquire() with a timeout, one that does not wait, and a with statement",
    {0: [call("enter")]},
    {1: [call("acquire", True, timeout=arg.SHORT)]},
    {1: ATTEMPT, 2: [call("enter")]},
    {0: [call("exit")]},
)
lock.pin(
    "a thread releases the lock of another one, and again although it is unlocked",
    {0: ATTEMPT},
    {1: [call("release"), call("release"), call("exit")]},
    {2: ATTEMPT + ATTEMPT},
)


class DummyEvent(ManagerEvent):
    """A flag that threads wait for.

    made: Event() creates an event whose flag is false.
    """


event = Spec(
    "dummyevent",
    DummyEvent,
    make=lambda mp: module(mp, "dummy").Event(),
    documents=DUMMY,
    threads=True,
    cost=COST,
    called="event",
)
event.adopt(events.event, *events.event.operations, doc=DUMMY)

event.rescue(call("set"))
event.pin(
    "the event is set and cleared at once while two threads wait, one of them with a timeout",
    {1: [call("wait")], 2: [call("wait", timeout=arg.LONG)]},
    SET_CLEAR,
    {0: [call("is_set")]},
)
event.pin(
    "one thread sets the event twice, waits, and clears it",
    {0: [call("set"), call("set"), call("wait"), call("is_set"), call("clear"), call("is_set")]},
)
event.pin(
    "waits time out beside one that goes on",
    {1: [call("wait", timeout=arg.SHORT)], 2: [call("wait")]},
    {1: [call("wait", 0), call("is_set")]},
)
