"""Queues that live in a manager's process: every process has a proxy for the same ``queue.Queue``.

Unlike with ``multiprocessing.Queue``, nothing is buffered on the way: a call takes effect in the manager,
at one instant, whichever process makes it. So there is a single line of objects, strictly first in, first out.
"""

from queue import Empty, Full

from conformance import (
    Frozen,
    Spec,
    arg,
    blocks,
    call,
    child,
    expires,
    laws,
    raises,
    replace,
    returns,
    returns_a,
    ticks,
)
from specs.queues.queues import put_all

QUEUE = "multiprocessing.managers.SyncManager.Queue"
USES = ("put", "put_nowait", "get", "get_nowait", "shutdown")
TIMEOUTS = arg.one_of(None, arg.SHORT, arg.LONG)  # the manual is silent about other values

started = []  # the manager of this stage, once one is needed


def manager(mp):
    """Returns the manager in which the objects of a stage live: one is enough, and it ends with the stage."""
    if not started:
        started.append(mp.Manager())
        name = type(started[0]).__name__
        for process in mp.active_children():
            if process.name.startswith(name):
                ticks(process.pid)
    return started[0]


class ManagerQueue(Frozen):
    """A queue of at most ``maxsize`` objects that counts unfinished tasks.

    made: Queue(maxsize) creates an empty queue; maxsize is optional, and zero or a negative value means no limit.
    inherited: A queue proxy passed as an argument to a new process refers to the same queue in that process.
    """

    maxsize: int = 0
    items: tuple = ()
    unfinished: int = 0
    down: bool = False  # shut down: it accepts no more objects

    def full(self):
        return 0 < self.maxsize <= len(self.items)

    def push(self, item):
        return replace(self, items=self.items + (item,), unfinished=self.unfinished + 1)

    def drained(self):
        return replace(self, items=(), unfinished=max(0, self.unfinished - len(self.items)))


managed = Spec(
    "managerqueue",
    ManagerQueue,
    make=lambda mp, **kwargs: manager(mp).Queue(**kwargs),
    documents=QUEUE,
    cost=6,
    called="queue",
    manager=manager,
    maxsize=arg.one_of(0, 1, 1, 2, 3, -1),
)


@managed.op(doc=QUEUE, item=arg.items, block=arg.blocks, timeout=TIMEOUTS, weight=3)
def put(q, me, item, block=True, timeout=None):
    """Puts an object into the queue.

    stores: put() stores the object behind all others and returns None if a slot is free.
    full: put() raises Full at once if the queue is full and block is false, regardless of timeout.
    waits: put() waits for a free slot if the queue is full and block is true.
    expires: put() raises Full once timeout seconds have elapsed without a free slot, and no earlier.
    shut-down (since 3.13): put() raises ShutDown once the queue has been shut down, even if put() is already waiting.
    """
    if q.down:
        yield "shut-down", raises("queue.ShutDown")
    elif not q.full():
        yield "stores", returns(None), q.push(item)
    elif block:
        yield "waits", blocks
        yield "expires", expires(timeout, raises(Full))
    else:
        yield "full", raises(Full)


@managed.op(doc=QUEUE, item=arg.items, weight=2)
def put_nowait(q, me, item):
    """Puts an object into the queue without waiting, like put(item, False).

    stores: put_nowait() stores the object behind all others and returns None if a slot is free.
    full: put_nowait() raises Full at once if the queue is full.
    shut-down (since 3.13): put_nowait() raises ShutDown once the queue has been shut down.
    """
    yield from put(q, me, item, False)


@managed.op(doc=QUEUE, block=arg.blocks, timeout=TIMEOUTS, weight=3)
def get(q, me, block=True, timeout=None):
    """Removes an object from the queue and returns it.

    takes: get() removes and returns the oldest object if the queue is not empty, whichever process put it.
    empty: get() raises Empty at once if the queue is empty and block is false, regardless of timeout.
    waits: get() waits for an object if the queue is empty and block is true.
    expires: get() raises Empty once timeout seconds have elapsed without an object, and no earlier.
    shut-down (since 3.13): get() raises ShutDown once the queue has been shut down and is empty, even if get()
        is already waiting.
    """
    if q.items:
        yield "takes", returns(q.items[0]), replace(q, items=q.items[1:])
    elif q.down:
        yield "shut-down", raises("queue.ShutDown")
    elif block:
        yield "waits", blocks
        yield "expires", expires(timeout, raises(Empty))
    else:
        yield "empty", raises(Empty)


@managed.op(doc=QUEUE, weight=2)
def get_nowait(q, me):
    """Removes an object from the queue without waiting and returns it, like get(False).

    takes: get_nowait() removes and returns the oldest object if the queue is not empty, whichever process put it.
    empty: get_nowait() raises Empty at once if the queue is empty.
    shut-down (since 3.13): get_nowait() raises ShutDown once the queue has been shut down and is empty.
    """
    yield from get(q, me, False)


@managed.op(doc=QUEUE)
def qsize(q, me, *, others):
    """Returns the number of objects in the queue.

    counts: qsize() returns the number of objects put and not yet retrieved while no other process uses the queue.
    approximates: qsize() returns some integer while another process uses the queue.
    """
    if others.any(*USES):
        yield "approximates", returns_a(int)
    else:
        yield "counts", returns(len(q.items))


@managed.op(doc=QUEUE)
def empty(q, me):
    """Returns whether the queue is empty.

    tells: empty() returns True if the queue is empty, and False otherwise, even just after an object was put.
    """
    yield "tells", returns(not q.items)


@managed.op(doc=QUEUE)
def full(q, me):
    """Returns whether the queue is full.

    tells: full() returns True if the queue holds maxsize objects, and False if it holds fewer or has no limit.
    """
    yield "tells", returns(q.full())


@managed.op(doc=QUEUE, weight=2)
def task_done(q, me):
    """Reports that the work on a retrieved object is finished.

    counts: task_done() lowers the number of unfinished tasks by one and returns None if any task is unfinished.
    too-many: task_done() raises ValueError if no task is unfinished.
    """
    if q.unfinished:
        yield "counts", returns(None), replace(q, unfinished=q.unfinished - 1)
    else:
        yield "too-many", raises(ValueError)


@managed.op(doc=QUEUE, weight=2)
def join(q, me):
    """Waits until every task is finished.

    returns: join() returns None once every task is finished, or at once if no task is unfinished.
    waits: join() waits while a task is unfinished.
    """
    if q.unfinished:
        yield "waits", blocks
    else:
        yield "returns", returns(None)


@managed.op(doc=QUEUE, since=(3, 13), immediate=arg.one_of(False, False, True), weight=2)
def shutdown(q, me, immediate=False):
    """Makes the queue accept no more objects, and wakes up every waiter.

    winds-down: shutdown() returns None and leaves the objects in the queue to be retrieved if immediate is false.
    drains: shutdown() returns None and removes all objects, which count as finished tasks, if immediate is true.
    """
    if immediate:
        yield "drains", returns(None), replace(q.drained(), down=True)
    else:
        yield "winds-down", returns(None), replace(q, down=True)


managed.rescue(call("put", "rescue", False), call("get"), call("task_done"))

FILLED = {
    0: [
        call("put", 1),
        call("put", 2, False),
        call("put_nowait", 3),
        call("put", 3, False),
        call("put", 4, True, arg.SHORT),
        call("full"),
    ]
}
# First in, first out holds across processes: objects put one after the other are returned in that order.
managed.pin(
    "two processes put an object each, which are got in the same order",
    {0: [call("put", "a")]},
    {1: [call("put", "b")]},
    {2: [call("empty"), call("get")]},
    {0: [call("get")]},
)
managed.pin(
    "a full queue refuses objects, and two processes wait to put one each when a slot becomes free",
    FILLED,
    {1: [call("put", 5)], 2: [call("put", 6, timeout=arg.LONG)]},
    {0: [call("get")]},
    maxsize=2,
)
managed.pin(
    "two processes wait for objects, of which one is None",
    {1: [call("get")], 2: [call("get", timeout=arg.LONG)]},
    {0: [call("put", 1), call("put_nowait", None)]},
)
managed.pin(
    "an empty queue, with every kind of get()",
    {0: [call("get", timeout=arg.SHORT), call("get_nowait"), call("get", False, arg.LONG), call("empty")]},
)
managed.pin(
    "task_done() is called once too often, and join() has nothing to wait for",
    {0: [call("put", 0), call("get"), call("task_done"), call("task_done"), call("join")]},
    maxsize=-1,
)
managed.pin(
    "two processes wait until the same task is done",
    {0: [call("put", 1)]},
    {1: [call("join")], 2: [call("join")]},
    {0: [call("get"), call("task_done")]},
)
managed.pin(
    "the queue is looked at while a process waits in get()",
    {1: [call("get")]},
    {0: [call("qsize"), call("empty"), call("full"), call("put", 1)]},
)


@managed.stream(
    stuck="lossless",
    producers=arg.one_of(1, 2, 2),
    consumers=arg.one_of(1, 2, 2),
    each=arg.integers(10, 40),
    maxsize=arg.one_of(0),
)
def traffic(producers, consumers, each, maxsize):
    """Processes put distinct objects while others get them all."""
    shares = [each * producers // consumers + (c < each * producers % consumers) for c in range(consumers)]
    puts = [[call("put", (p, i)) for i in range(each)] for p in range(producers)]
    return puts + [[call("get")] * share for share in shares]


@managed.law(traffic, "lossless")
def nothing_is_lost(history):
    """get() eventually returns every object that was put, even while several processes put and get concurrently."""
    return laws.nothing_lost(laws.picked(history, "put"), laws.picked(history, "get"))


@managed.law(traffic, "once")
def nothing_is_duplicated(history):
    """get() returns only objects that were put, and none more often than it was put, even while several
    processes put and get concurrently."""
    sent, received = laws.picked(history, "put"), laws.picked(history, "get")
    return laws.nothing_invented(sent, received) or laws.nothing_duplicated(sent, received)


@managed.law(traffic, "order")
def first_in_first_out(history):
    """get() returns two objects in the order in which they were put, even by different processes, if the first put()
    returned before the second began."""
    got = {step.value: step for step in laws.picked(history, "get")}
    known = [step for step in laws.picked(history, "put") if step.value in got]
    for first in known:
        for second in known:
            if first.end < second.start and got[second.value].end < got[first.value].start:
                return "%s was put before %s, but got after it" % (first.value, second.value)
    return None


@managed.scenario("unbounded", objs=arg.integers(100, 150), maxsize=arg.one_of(0, -1, None))
def without_maxsize_nothing_is_full(mp, objs, maxsize):
    """A queue accepts any number of objects and is never full if maxsize is zero, negative or omitted."""
    q = manager(mp).Queue() if maxsize is None else manager(mp).Queue(maxsize)
    for serial in range(objs):
        q.put(serial, False)
    assert (q.full(), q.qsize()) == (False, objs)
    assert [q.get() for _ in range(objs)] == list(range(objs))


@managed.scenario("timeout.ignored", timeout=arg.one_of(-1, 0, arg.LONG))
def timeout_is_ignored_without_blocking(mp, timeout):
    """put() and get() ignore timeout if block is false, even if timeout is negative."""
    q = manager(mp).Queue(1)
    assert q.put("object", False, timeout) is None
    with raises(Full):
        q.put("another", block=False, timeout=timeout)
    assert q.get(False, timeout) == "object"
    with raises(Empty):
        q.get(block=False, timeout=timeout)


@managed.scenario("shutdown.wakes", since=(3, 13), immediate=arg.one_of(True, False))
def shutdown_wakes(mp, immediate):
    """shutdown() makes waiting and later calls to put(), and to get() on an empty queue, raise ShutDown."""
    from concurrent.futures import ThreadPoolExecutor

    empty_queue, full_queue = manager(mp).Queue(), manager(mp).Queue(1)
    full_queue.put("last")
    with ThreadPoolExecutor(2) as threads:
        waiting = [threads.submit(empty_queue.get), threads.submit(full_queue.put, "late")]
        for _ in range(20):  # meanwhile the calls begin to wait, which cannot be observed
            assert [empty_queue.qsize(), full_queue.qsize()] == [0, 1]
        for q in (empty_queue, full_queue):
            q.shutdown(immediate=immediate)
        for each in waiting:
            with raises("queue.ShutDown"):
                each.result()
    assert full_queue.qsize() == (0 if immediate else 1)
    if not immediate:
        assert full_queue.get_nowait() == "last"
    for use in full_queue.get_nowait, lambda: full_queue.put_nowait("later"):
        with raises("queue.ShutDown"):
            use()


@managed.scenario("put.outlives", objs=arg.lists(1, 4))
def objects_outlive_the_process(mp, objs):
    """Objects stay in the queue after the process that put them has ended."""
    q = manager(mp).Queue()
    with child(mp, put_all, q, objs) as process:
        pass
    assert process.exitcode == 0
    assert [q.get(False) for _ in objs] == list(objs)


@managed.scenario("get.copies", doc="multiprocessing.managers.BaseProxy._callmethod")
def objects_are_copied(mp):
    """get() returns a copy of the object that was put: later changes to the original do not affect the copy."""
    q = manager(mp).Queue()
    sent = [1, {"two": (3.0, None)}]
    q.put(sent)
    sent.append("later")
    assert q.get() == [1, {"two": (3.0, None)}]
