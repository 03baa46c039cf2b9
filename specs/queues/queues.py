"""Queues: objects pass from any process to any other, first in, first out.

A ``Queue`` has one lane for each process that puts objects: objects of one process stay in
order, and objects of different processes have no order. A background thread of the process
moves them into the pipe, so an object that has just been put may not be available yet. In the
relations below, an object has *arrived* once it is known to be available. What the threads do when their queue is
closed, or their process exits, is in ``flushing``.
"""

import os
import threading
from contextlib import suppress
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
    """A queue that holds at most ``maxsize`` objects.

    made: Queue(maxsize) creates an empty queue; maxsize is optional, and zero or less means no bound.
    inherited: A queue passed as an argument to a new process refers to the same queue in that process.
    """

    maxsize: int = 0
    lanes: Lanes = Lanes()
    arrived: bool = False  # some object is known to be in the pipe
    flushed: frozenset = frozenset()  # producers whose objects are all in the pipe
    closed: frozenset = frozenset()
    cancelled: frozenset = frozenset()  # processes that called cancel_join_thread()

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
    buffers=True,
    maxsize=arg.one_of(0, 1, 1, 2, 3, -1),
)


@queue.op(obj=arg.small_items, block=arg.blocks, timeout=arg.unsigned_timeouts, weight=3)
def put(q, me, obj, block=True, timeout=None, *, others):
    """Puts an object into the queue.

    stores: put() stores the object and returns None if a slot is free.
    full: put() raises Full at once if no slot is free and block is false, whatever timeout is.
    waits: put() waits until a slot is free if block is true.
    expires: put() raises Full once timeout seconds have elapsed without a free slot, and no earlier;
        at once if timeout is zero.
    closed (since 3.8): put() raises ValueError in a process that has closed the queue.
    """
    if me in q.closed:
        yield "closed", raises(ValueError)
        return
    if not q.full():
        yield "stores", returns(None), q.push(me, obj)
    if q.full(spare=others.count_leaving(*GETS)):  # a get() that has not returned may still hold its slot
        if block:
            yield "waits", blocks
            yield "expires", expires(timeout, raises(Full))
        else:
            yield "full", raises(Full)


@queue.op(obj=arg.small_items)
def put_nowait(q, me, obj, *, others):
    """Puts an object into the queue without waiting, like put(obj, False).

    stores: put_nowait() stores the object and returns None if a slot is free.
    full: put_nowait() raises Full at once if no slot is free.
    closed (since 3.8): put_nowait() raises ValueError in a process that has closed the queue.
    """
    yield from put(q, me, obj, False, others=others)


@queue.op(block=arg.blocks, timeout=arg.unsigned_timeouts, weight=3)
def get(q, me, block=True, timeout=None, *, others):
    """Removes an object from the queue and returns it.

    takes: get() removes and returns an object if the queue is not empty: the oldest of those that one
        process has put.
    empty: get() raises Empty at once if no object is available and block is false, whatever timeout is.
    waits: get() waits until an object is available if block is true.
    expires: get() raises Empty once timeout seconds have elapsed without an available object, and no earlier;
        at once if timeout is zero.
    closed (since 3.8): get() raises ValueError in a process that has closed the queue.
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
    """Removes an object from the queue and returns it without waiting, like get(False).

    takes: get_nowait() removes and returns an object if the queue is not empty: the oldest of those that one
        process has put.
    empty: get_nowait() raises Empty at once if no object is available.
    closed (since 3.8): get_nowait() raises ValueError in a process that has closed the queue.
    """
    yield from get(q, me, False, others=others)


@queue.op()
def qsize(q, me, *, others):
    """Returns the number of objects in the queue; unreliable while other processes put or get.

    counts: qsize() returns the number of objects put and not yet retrieved while no other process puts or gets.
    approximates: qsize() returns some integer while another process puts or gets.
    """
    if me in q.closed:
        yield unspecified  # the manual says not to
    elif others.any(*PUTS, *GETS):
        yield "approximates", returns_a(int)
    else:
        yield "counts", returns(len(q.lanes))


@queue.op()
def empty(q, me, *, others):
    """Returns whether the queue is empty; an object that has just been put may not be available yet.

    false: empty() returns False if an object is available and no other process is getting one;
        get_nowait() then finds an object.
    true: empty() returns True if no object is available.
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
    """Returns whether the queue is full; unreliable while other processes put or get.

    tells: full() returns True if the queue holds maxsize objects, and False if it holds fewer or has no bound,
        while no other process puts or gets.
    approximates: full() returns True or False while another process puts or gets.
    """
    if me in q.closed:
        yield unspecified  # the manual says not to
    elif others.any(*PUTS, *GETS):
        yield "approximates", returns_a(bool)
    else:
        yield "tells", returns(q.full())


@queue.op()
def close(q, me):
    """Declares that this process will put no more objects.

    closes: close() returns None and closes the queue in the calling process only.
    """
    yield "closes", returns(None), replace(q, closed=q.closed | {me})


@queue.op()
def join_thread(q, me):
    """Waits for the background thread of this process to finish, after close().

    flushes: join_thread() returns None once all objects that the process put are in the pipe.
    refused: join_thread() raises an exception if the process has not closed the queue.
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

    cancels: cancel_join_thread() returns None without waiting.
    """
    yield "cancels", returns(None), replace(q, cancelled=q.cancelled | {me})


queue.rescue(call("put", "rescue", False), call("get"))
queue.pin(
    "a process puts an object and asks empty(), and another process gets at once",
    {0: [call("put", "a")]},
    {0: [call("empty")]},
    {1: [call("get_nowait")]},
    maxsize=0,
)
queue.pin(
    "a process puts an object, asks empty(), and gets at once",
    {0: [call("put", "a"), call("empty"), call("get_nowait")]},
    maxsize=0,
)
queue.pin(
    "join_thread() has flushed an object, which another process must find by empty() and get_nowait()",
    {0: [call("put", 1), call("close"), call("join_thread")]},
    {1: [call("empty")]},
    {1: [call("get_nowait")]},
)
queue.pin(
    "join_thread() has flushed an object, which another process must get without waiting",
    {0: [call("put", 1), call("close"), call("join_thread")]},
    {1: [call("get", False)]},
    maxsize=1,
)


@queue.stream(
    stuck="lossless",
    producers=arg.one_of(1, 2, 2),
    consumers=arg.one_of(1, 2, 2),
    each=arg.integers(10, 60),
    size=arg.one_of(0, 0, 20_000),
)
def traffic(producers, consumers, each, size):
    """Processes put distinct objects, small or too large for an atomic write to a pipe, while others get them all."""
    puts = [[call("put", _message(p, i, size)) for i in range(each)] for p in range(producers)]
    shares = [each * producers // consumers + (c < each * producers % consumers) for c in range(consumers)]
    return puts + [[call("get")] * share for share in shares]


def _message(producer, serial, size):
    return Blob(size + serial, producer) if size else (producer, serial)


@queue.law(traffic, "lossless")
def nothing_is_lost(history):
    """Every object that is put is returned by get(), even if several processes put and get objects at the same time."""
    return laws.nothing_lost(laws.picked(history, "put"), laws.picked(history, "get"))


@queue.law(traffic, "faithful")
def nothing_is_invented(history):
    """get() returns only objects that were put, even if several processes put and get objects at the same time."""
    return laws.nothing_invented(laws.picked(history, "put"), laws.picked(history, "get"))


@queue.law(traffic, "once")
def nothing_is_duplicated(history):
    """An object put once is returned only once, even if several processes put and get objects at the same time."""
    return laws.nothing_duplicated(laws.picked(history, "put"), laws.picked(history, "get"))


@queue.law(traffic, "order")
def order_of_each_process(history):
    """get() returns the objects that one process put in the order in which it put them."""
    return laws.order_per_sender(laws.picked(history, "put"), laws.picked(history, "get"))


def put_all(q, objs):
    for obj in objs:
        q.put(obj)


def take(q, count):
    return [q.get() for _ in range(count)]


@queue.scenario("unbounded", objs=arg.integers(200, 400), maxsize=arg.one_of(0, -1, None))
def without_maxsize_nothing_is_full(mp, objs, maxsize):
    """A queue whose maxsize is zero, negative, or omitted accepts objects without bound."""
    q = mp.Queue() if maxsize is None else mp.Queue(maxsize)
    for serial in range(objs):
        q.put(serial, False)
    assert not q.full()
    assert take(q, objs) == list(range(objs))


@queue.scenario("get.recreates", doc="multiprocessing.Queue")
def get_recreates(mp):
    """get() returns a new object equal to the one that was put, even in the process that put it."""
    q = mp.Queue()
    sent = [1, {"two": (3.0, None)}, {4}]
    q.put(sent)
    got = q.get()
    assert got == sent
    assert got is not sent


@queue.scenario("large", doc="multiprocessing.Queue", size=arg.one_of(65_536, 3_000_000))
def large_objects_pass(mp, size):
    """put() does not wait for a reader even if the object is larger than the buffer of a pipe, and get()
    returns the object whole.
    """
    q = mp.Queue()
    sent = [os.urandom(size) for _ in range(3)]
    put_all(q, sent)
    with child(mp, put_all, q, sent[:1]):
        got = take(q, 4)
    assert sorted(got) == sorted(sent + sent[:1])


@queue.scenario(
    "unpicklable", doc="multiprocessing.Queue", doubt="what becomes of an object that does not pickle is said nowhere"
)
def objects_that_do_not_pickle(mp):
    """An object that cannot be pickled takes no slot, whether put() raises an exception or drops the object, and
    objects put later still arrive.
    """
    q = mp.Queue(1)
    with suppress(Exception):  # the manual has put() pickle; the background thread does, and nobody is told
        q.put(Secret())
    q.put("after")
    assert q.get() == "after"


class Draft:
    """An object that, if it is not pickled by the thread that made it, waits until it has been changed."""

    def __init__(self):
        self.text, self.author, self.changed = "first", threading.get_ident(), threading.Event()

    def __reduce__(self):
        if threading.get_ident() != self.author:
            self.changed.wait(5)
        return str, (self.text,)


@queue.scenario("put.snapshot", doc="multiprocessing.Queue")
def changes_after_put(mp):
    """put() pickles the object: a change to the object after put() has returned does not reach get()."""
    q, draft = mp.Queue(), Draft()
    q.put(draft)
    draft.text = "second"
    draft.changed.set()
    assert q.get() == "first"


@queue.scenario("in-use", doc="multiprocessing.Queue", got=arg.one_of(True, False))
def inherited_while_in_use(mp, got):
    """A process created after its parent has put an object can put objects as well, and no object is lost or
    retrieved twice.
    """
    q = mp.Queue()
    q.put("parent's")
    found = take(q, 1) if got else []
    with child(mp, put_all, q, ["first", "second"]):
        found += take(q, 3 - len(found))
    assert sorted(found) == ["first", "parent's", "second"]
    assert q.empty()
