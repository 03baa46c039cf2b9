"""Queues: objects pass from any process to any other, first in, first out.

A ``Queue`` has one lane for each process that puts: what one process puts keeps its order,
and nothing orders two processes. A background thread of the putting process moves objects
on, so for a moment an object that was put cannot be got yet; the relations below call an
object *arrived* once somebody knows that this moment is over.
"""

import gc
import os
import threading
import weakref
from queue import Empty, Full

from conformance import (
    Blob,
    Frozen,
    Secret,
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
    unspecified,
)
from conformance.vocabulary.models import Lanes

PUTS, GETS = ("put", "put_nowait"), ("get", "get_nowait")


class Queue(Frozen):
    """A queue of at most ``maxsize`` objects.

    made: Queue(maxsize) makes an empty queue; maxsize is optional, and zero or less means no bound.
    inherited: A queue that is passed to a process when that is created is the same queue there.
    """

    maxsize: int = 0
    lanes: Lanes = Lanes()
    arrived: bool = False  # some object is known to be in the pipe
    flushed: frozenset = frozenset()  # producers whose objects are all in the pipe
    closed: frozenset = frozenset()
    cancelled: frozenset = frozenset()  # who called cancel_join_thread

    def push(self, me, obj):
        return replace(self, lanes=self.lanes.push(me, obj), flushed=self.flushed - {me})

    def heads(self):
        for _, obj, rest in self.lanes.heads():
            yield obj, replace(self, lanes=rest, arrived=False)

    def full(self, spare=0):
        return 0 < self.maxsize <= len(self.lanes) + spare

    def has_arrived(self, others):
        """Whether a process that looks now must find an object."""
        flushed = any(producer in self.flushed for producer, _ in self.lanes.lanes)
        return (flushed or (self.arrived and len(self.lanes))) and not others.any(*GETS)


queue = Spec(
    "queue",
    Queue,
    make=lambda mp, **kwargs: mp.Queue(**kwargs),
    documents="multiprocessing.Queue",
    maxsize=arg.one_of(0, 1, 1, 2, 3, -1),
)


@queue.op(obj=arg.small_items, block=arg.blocks, timeout=arg.timeouts, weight=3)
def put(q, me, obj, block=True, timeout=None, *, others):
    """Puts an object into the queue.

    stores: With a free slot, the call puts the object and returns None.
    full: Without a free slot, a call that does not block raises Full at once, whatever timeout says.
    waits: Without a free slot, a call that blocks waits until there is one.
    expires: A call that found no free slot in timeout seconds raises Full, then and never before;
        at once if timeout is zero or negative.
    closed (since 3.8): A process that closed the queue gets ValueError.
    """
    if me in q.closed:
        yield "closed", raises(ValueError)
        return
    if not q.full():
        yield "stores", returns(None), q.push(me, obj)
    if q.full(spare=others.count_leaving(*GETS)):  # a get that has not returned may hold its slot
        if block:
            yield "waits", blocks
            yield "expires", expires(timeout, raises(Full))
        else:
            yield "full", raises(Full)


@queue.op(obj=arg.small_items)
def put_nowait(q, me, obj, *, others):
    """Puts an object without waiting, as put(obj, False).

    stores: With a free slot, the call puts the object and returns None.
    full: Without a free slot, it raises Full at once.
    closed (since 3.8): A process that closed the queue gets ValueError.
    """
    yield from put(q, me, obj, False, others=others)


@queue.op(block=arg.blocks, timeout=arg.timeouts, weight=3)
def get(q, me, block=True, timeout=None, *, others):
    """Removes an object from the queue and returns it.

    takes: With an object in the queue, the call returns the oldest of some process's objects.
    empty: Without an object, a call that does not block raises Empty at once, whatever timeout says.
    waits: Without an object, a call that blocks waits until there is one.
    expires: A call that found no object in timeout seconds raises Empty, then and never before;
        at once if timeout is zero or negative.
    closed (since 3.8): A process that closed the queue gets ValueError.
    """
    if me in q.closed:
        yield "closed", raises(ValueError)
        return
    for obj, rest in q.heads():
        yield "takes", returns(obj), rest
    if block and not len(q.lanes):
        yield "waits", blocks
    if not q.has_arrived(others):
        if block:
            yield "expires", expires(timeout, raises(Empty))
        else:
            yield "empty", raises(Empty)


@queue.op(weight=2)
def get_nowait(q, me, *, others):
    """Removes an object without waiting, as get(False).

    takes: With an object in the queue, the call returns the oldest of some process's objects.
    empty: Without an object, it raises Empty at once.
    closed (since 3.8): A process that closed the queue gets ValueError.
    """
    yield from get(q, me, False, others=others)


@queue.op()
def qsize(q, me, *, others):
    """The number of objects; undependable while other processes put and get.

    counts: With nobody else at the queue, the call returns the number of objects put and not got.
    approximates: With others at the queue, it returns some number.
    """
    if me in q.closed:
        yield unspecified  # the manual says not to
    elif others.any(*PUTS, *GETS):
        yield "approximates", returns_a(int)
    else:
        yield "counts", returns(len(q.lanes))


@queue.op()
def empty(q, me, *, others):
    """Whether the queue is empty; an object that was just put may not have arrived.

    false: With an object that has arrived, and nobody else getting, the call returns False; from
        then on, get_nowait finds the object.
    true: Without an object, it returns True.
    """
    if me in q.closed:
        yield unspecified  # the manual says not to
        return
    if len(q.lanes):
        yield "false", returns(False), replace(q, arrived=True)
    if not q.has_arrived(others):
        yield "true", returns(True)


@queue.op()
def full(q, me, *, others):
    """Whether the queue is full; undependable while other processes put and get.

    tells: With nobody else at the queue, the call returns whether maxsize objects are in it.
    approximates: With others at the queue, it returns True or False.
    """
    if me in q.closed:
        yield unspecified  # the manual says not to
    elif others.any(*PUTS, *GETS):
        yield "approximates", returns_a(bool)
    else:
        yield "tells", returns(q.full())


@queue.op()
def close(q, me):
    """Says that this process will put no more.

    closes: The call returns None, and the queue is closed in this process and in no other.
    """
    yield "closes", returns(None), replace(q, closed=q.closed | {me})


@queue.op()
def join_thread(q, me):
    """Waits for the background thread of this process, after close().

    flushes: The call returns None when all objects that this process put have arrived.
    refused: Before close(), the call raises an exception.
    """
    if me not in q.closed:
        yield "refused", raises(Exception)
    elif me in q.cancelled:
        yield "flushes", returns(None)
    else:
        yield "flushes", returns(None), replace(q, flushed=q.flushed | {me})


@queue.op()
def cancel_join_thread(q, me):
    """Lets this process exit without waiting for its objects to be flushed.

    cancels: The call returns None.
    """
    yield "cancels", returns(None), replace(q, cancelled=q.cancelled | {me})


queue.rescue(call("put", "rescue", False), call("get"))
queue.pin({0: [call("put", "a")]}, {0: [call("empty")]}, {1: [call("get_nowait")]}, maxsize=0)
queue.pin({0: [call("put", "a"), call("empty"), call("get_nowait")]}, maxsize=0)
queue.pin({0: [call("put", 1), call("close"), call("join_thread")]}, {1: [call("empty")]}, {1: [call("get_nowait")]})
queue.pin({0: [call("put", 1), call("close"), call("join_thread")]}, {1: [call("get", False)]}, maxsize=1)


@queue.stream(
    stuck="lossless",
    producers=arg.one_of(1, 2, 2),
    consumers=arg.one_of(1, 2, 2),
    each=arg.integers(10, 60),
    size=arg.one_of(0, 0, 20_000),
)
def traffic(producers, consumers, each, size):
    """Processes put distinct objects, small or beyond a pipe's atomic write, while others get them all."""
    puts = [[call("put", _message(p, i, size)) for i in range(each)] for p in range(producers)]
    shares = [each * producers // consumers + (c < each * producers % consumers) for c in range(consumers)]
    return puts + [[call("get")] * share for share in shares]


def _message(producer, serial, size):
    return Blob(size + serial, producer) if size else (producer, serial)


@queue.law(traffic, "lossless")
def nothing_is_lost(history):
    """With several processes putting and getting, every object that is put can be got."""
    return laws.nothing_lost(laws.picked(history, "put"), laws.picked(history, "get"))


@queue.law(traffic, "faithful")
def nothing_is_invented(history):
    """With several processes putting and getting, every object that is got was put."""
    return laws.nothing_invented(laws.picked(history, "put"), laws.picked(history, "get"))


@queue.law(traffic, "once")
def nothing_is_duplicated(history):
    """With several processes putting and getting, an object that is put once is got once."""
    return laws.nothing_duplicated(laws.picked(history, "put"), laws.picked(history, "get"))


@queue.law(traffic, "order")
def order_of_each_process(history):
    """Objects put by one process are got in the order in which it put them."""
    return laws.order_per_sender(laws.picked(history, "put"), laws.picked(history, "get"))


def put_all(q, objs):
    for obj in objs:
        q.put(obj)


def take(q, count):
    return [q.get() for _ in range(count)]


@queue.scenario(
    "exit.flushes", doc="multiprocessing.Queue.join_thread", objs=arg.lists(1, 5), size=arg.one_of(10, 300_000)
)
def exit_flushes(mp, objs, size):
    """A process that put objects does not end before all of them are in the pipe."""
    q = mp.Queue()
    sent = [(obj, bytes(size)) for obj in objs]
    with child(mp, put_all, q, sent) as producer:
        assert take(q, len(sent)) == sent
    assert producer.exitcode == 0


@queue.scenario("exit.waits", doc="multiprocessing.Queue.join_thread")
def exit_waits_for_the_reader(mp):
    """A process whose objects do not fit into the pipe stays alive until somebody gets them."""
    q = mp.Queue()
    with child(mp, put_all, q, [bytes(1_000_000)]) as producer:
        producer.join(0.05)
        assert producer.exitcode is None
        assert take(q, 1) == [bytes(1_000_000)]
    assert producer.exitcode == 0


def put_and_abandon(q, cancel_first):
    if cancel_first:
        q.cancel_join_thread()
    q.put(bytes(1_000_000))
    if not cancel_first:
        q.cancel_join_thread()


@queue.scenario("exit.abandons", doc="multiprocessing.Queue.cancel_join_thread", cancel_first=arg.one_of(True, False))
def exit_abandons(mp, cancel_first):
    """After cancel_join_thread(), a process ends without waiting for its objects to be flushed."""
    q = mp.Queue()
    with child(mp, put_and_abandon, q, cancel_first) as producer:
        pass  # nobody gets anything
    assert producer.exitcode == 0


def put_and_join_cancelled(q, cancel_first, returned):
    put_and_abandon(q, cancel_first)
    q.close()
    q.join_thread()
    returned.send("returned")
    os._exit(0)


@queue.scenario(
    "join_thread.cancelled", doc="multiprocessing.Queue.cancel_join_thread", cancel_first=arg.one_of(True, False)
)
def join_thread_cancelled(mp, cancel_first):
    """After cancel_join_thread() and close(), join_thread() returns without waiting for the reader."""
    q = mp.Queue()
    receiver, sender = mp.Pipe(duplex=False)
    with child(mp, put_and_join_cancelled, q, cancel_first, sender):
        sender.close()  # so that a child that fails is heard of
        assert receiver.recv() == "returned"  # though nobody gets anything


@queue.scenario("cancel_join_thread.own", doc="multiprocessing.Queue.cancel_join_thread")
def cancel_in_one_process(mp):
    """A process that is created after cancel_join_thread() still flushes its own objects when it ends."""
    q = mp.Queue()
    q.cancel_join_thread()
    with child(mp, put_all, q, [bytes(1_000_000)]) as producer:
        assert take(q, 1) == [bytes(1_000_000)]
    assert producer.exitcode == 0


@queue.scenario("unbounded", objs=arg.integers(200, 400), maxsize=arg.one_of(0, -1, None))
def without_maxsize_nothing_is_full(mp, objs, maxsize):
    """A queue whose maxsize is zero, negative or absent takes objects without bound."""
    q = mp.Queue() if maxsize is None else mp.Queue(maxsize)
    for serial in range(objs):
        q.put(serial, False)
    assert not q.full()
    assert take(q, objs) == list(range(objs))


@queue.scenario("get.recreates", doc="multiprocessing.Queue")
def get_recreates(mp):
    """An object that is got is a new object, equal to the one that was put, in the same process too."""
    q = mp.Queue()
    sent = [1, {"two": (3.0, None)}, {4}]
    q.put(sent)
    got = q.get()
    assert got == sent
    assert got is not sent


@queue.scenario("large", doc="multiprocessing.Queue", size=arg.one_of(65_536, 3_000_000))
def large_objects_pass(mp, size):
    """Objects larger than the buffer of a pipe pass: put does not wait for the reader, and get returns them whole."""
    q = mp.Queue()
    sent = [os.urandom(size) for _ in range(3)]
    put_all(q, sent)
    with child(mp, put_all, q, sent[:1]):
        got = take(q, 4)
    assert sorted(got) == sorted(sent + sent[:1])


@queue.scenario("unpicklable", doc="multiprocessing.Queue")
def objects_that_do_not_pickle(mp):
    """An object that does not pickle is dropped by the background thread, and later ones still pass."""
    q = mp.Queue(1)
    q.put(Secret())
    q.put("after")
    assert q.get() == "after"


@queue.scenario("close.flushes", doc="multiprocessing.Queue.close", objs=arg.lists(1, 4))
def close_flushes(mp, objs):
    """Objects that were put before close() still reach the other processes."""
    q = mp.Queue()
    results = mp.SimpleQueue()
    with child(mp, forward, q, results, len(objs)):
        put_all(q, objs)
        q.close()
        q.join_thread()
        assert results.get() == list(objs)


def forward(q, results, count):
    results.put(take(q, count))


@queue.scenario("close.garbage", doc="multiprocessing.Queue.close")
def garbage_is_closed(mp):
    """When the queue is garbage collected, it is closed: the background thread ends."""
    before = set(threading.enumerate())
    q = mp.Queue()
    q.put("flushed")
    assert q.get() == "flushed"
    background, reference = set(threading.enumerate()) - before, weakref.ref(q)
    del q
    for _ in range(3):  # where there are no reference counts, a finalizer may need another round
        gc.collect()
    if reference() is None:  # nobody promises that it is collected
        for thread in background:
            thread.join()


@queue.scenario("get.month", doc="multiprocessing.Queue.get")
def a_month_to_get(mp):
    """A timeout may be as long as a month."""
    q = mp.Queue()
    q.put("in time")
    assert q.get(timeout=arg.MONTH) == "in time"


@queue.scenario("join_thread.waits", doc="multiprocessing.Queue.join_thread")
def join_thread_waits_for_the_reader(mp):
    """After close(), join_thread() does not return before all objects of the process are in the pipe."""
    q = mp.Queue()
    with child(mp, put_and_vanish, q, bytes(1_000_000)):
        assert take(q, 1) == [bytes(1_000_000)]


def put_and_vanish(q, obj):
    q.put(obj)
    q.close()
    q.join_thread()
    os._exit(0)  # without what a process does at its exit


@queue.scenario("in-use", doc="multiprocessing.Queue", got=arg.one_of(True, False))
def inherited_while_in_use(mp, got):
    """A process that is created when its parent has put already puts as well, and nothing is lost or got twice."""
    q = mp.Queue()
    q.put("parent's")
    found = take(q, 1) if got else []
    with child(mp, put_all, q, ["first", "second"]):
        found += take(q, 3 - len(found))
    assert sorted(found) == ["first", "parent's", "second"]
    assert q.empty()
