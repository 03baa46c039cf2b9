"""Simple queues: a pipe with a lock at each end.

All objects pass through a single lane, first in, first out, and their number is not limited:
put() returns once the object is in the pipe.
"""

import os

from conformance import Blob, Frozen, Spec, arg, blocks, call, child, laws, raises, replace, returns, unspecified
from specs.queues.queues import put_all


class SimpleQueue(Frozen):
    """A queue that has only put(), get(), empty(), and close().

    made: SimpleQueue() creates an empty queue.
    inherited: A queue passed as an argument to a new process refers to the same queue in that process.
    """

    items: tuple = ()
    closed: frozenset = frozenset()


simple = Spec(
    "simplequeue",
    SimpleQueue,
    make=lambda mp: mp.SimpleQueue(),
    documents="multiprocessing.SimpleQueue",
    called="queue",
)


@simple.op(item=arg.positional(arg.small_items), weight=3)
def put(q, me, item):
    """Puts an object into the queue.

    stores: put() stores the object and returns None.
    """
    stored = replace(q, items=q.items + (item,))
    if me in q.closed:
        yield unspecified  # the manual says not to
        yield "", returns(None), stored  # but it may still work
    else:
        yield "stores", returns(None), stored


@simple.op(weight=3)
def get(q, me):
    """Removes an object from the queue and returns it.

    takes: get() removes and returns the oldest object if the queue is not empty.
    waits: get() waits until an object is available.
    """
    taken = replace(q, items=q.items[1:])
    if me in q.closed:
        yield unspecified  # the manual says not to
        if q.items:
            yield "", returns(q.items[0]), taken  # but it may still work
    elif q.items:
        yield "takes", returns(q.items[0]), taken
    else:
        yield "waits", blocks


@simple.op(weight=2)
def empty(q, me):
    """Returns whether the queue is empty.

    tells: empty() returns True if the queue is empty, and False otherwise.
    closed (since 3.9): empty() raises OSError in a process that has closed the queue.
    """
    if me in q.closed:
        yield "closed", raises(OSError)
    else:
        yield "tells", returns(not q.items)


@simple.op(since=(3, 9))
def close(q, me):
    """Releases the resources of the queue in this process.

    closes: close() returns None and closes the queue in the calling process only.
    """
    yield "closes", returns(None), replace(q, closed=q.closed | {me})


simple.rescue(call("put", "rescue"))


@simple.stream(
    stuck="lossless",
    producers=arg.one_of(1, 2, 2),
    consumers=arg.one_of(1, 2, 2),
    each=arg.integers(10, 60),
    size=arg.one_of(0, 20_000),
)
def traffic(producers, consumers, each, size):
    """Processes put distinct objects, small or too large for an atomic write to a pipe, while others get them all."""
    objs = [[Blob(size + i, p) if size else (p, i) for i in range(each)] for p in range(producers)]
    shares = [each * producers // consumers + (c < each * producers % consumers) for c in range(consumers)]
    return [[call("put", obj) for obj in lane] for lane in objs] + [[call("get")] * share for share in shares]


@simple.law(traffic, "lossless")
def nothing_is_lost(history):
    """Every object that is put is returned by get(), even if several processes put and get objects at the same time."""
    return laws.nothing_lost(laws.picked(history, "put"), laws.picked(history, "get"))


@simple.law(traffic, "faithful")
def nothing_is_invented(history):
    """get() returns only objects that were put, and none more often than it was put, even if several
    processes put and get objects at the same time.
    """
    sent, received = laws.picked(history, "put"), laws.picked(history, "get")
    return laws.nothing_invented(sent, received) or laws.nothing_duplicated(sent, received)


@simple.law(traffic, "order")
def order(history):
    """get() returns the objects that one process put in the order in which it put them."""
    return laws.order_per_sender(laws.picked(history, "put"), laws.picked(history, "get"))


@simple.scenario("get.recreates", doc="multiprocessing.SimpleQueue.get")
def get_recreates(mp):
    """get() returns a new object equal to the one that was put."""
    q = mp.SimpleQueue()
    sent = [1, {"two": (3.0, None)}]
    q.put(sent)
    got = q.get()
    assert got == sent
    assert got is not sent


@simple.scenario(
    "put.keyword",
    doc="multiprocessing.SimpleQueue.put",
    doubt="the name stands in the signature only, and nothing says that put() may be called by it",
)
def named_argument(mp):
    """The parameter of put() is named item."""
    q = mp.SimpleQueue()
    q.put(item="by name")
    assert q.get() == "by name"


@simple.scenario("large", doc="multiprocessing.SimpleQueue.put", size=arg.one_of(65_536, 3_000_000))
def large_objects_pass(mp, size):
    """put() passes an object larger than the buffer of a pipe to a process that calls get() at the same time."""
    q = mp.SimpleQueue()
    sent = os.urandom(size)
    with child(mp, put_all, q, [sent, b"after"]):
        assert [q.get(), q.get()] == [sent, b"after"]
