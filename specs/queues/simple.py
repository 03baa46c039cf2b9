"""Simple queues: a pipe with a lock at each end.

All objects pass through one lane, first in, first out, and there is no bound: put returns
when the object is in the pipe.
"""

import os

from conformance import Blob, Frozen, Spec, arg, blocks, call, child, laws, raises, replace, returns, unspecified


class SimpleQueue(Frozen):
    """A queue with nothing but put, get, empty and close.

    made: SimpleQueue() makes an empty queue.
    inherited: A queue that is passed to a process when that is created is the same queue there.
    """

    items: tuple = ()
    closed: frozenset = frozenset()


simple = Spec(
    "simplequeue",
    SimpleQueue,
    make=lambda mp: mp.SimpleQueue(),
    documents="multiprocessing.SimpleQueue",
)


@simple.op(item=arg.positional(arg.small_items), weight=3)
def put(q, me, item):
    """Puts an object into the queue.

    stores: The call puts the object and returns None.
    """
    stored = replace(q, items=q.items + (item,))
    if me in q.closed:
        yield unspecified  # the manual says not to
        yield "", returns(None), stored  # and it may still work
    else:
        yield "stores", returns(None), stored


@simple.op(weight=3)
def get(q, me):
    """Removes an object from the queue and returns it.

    takes: With an object in the queue, the call returns the oldest.
    waits: Without an object, it waits until there is one.
    """
    taken = replace(q, items=q.items[1:])
    if me in q.closed:
        yield unspecified  # the manual says not to
        if q.items:
            yield "", returns(q.items[0]), taken  # and it may still work
    elif q.items:
        yield "takes", returns(q.items[0]), taken
    else:
        yield "waits", blocks


@simple.op(weight=2)
def empty(q, me):
    """Whether the queue is empty.

    tells: The call returns True without an object in the queue, and False with one.
    closed (since 3.9): In a process that closed the queue, it raises OSError.
    """
    if me in q.closed:
        yield "closed", raises(OSError)
    else:
        yield "tells", returns(not q.items)


@simple.op(since=(3, 9))
def close(q, me):
    """Releases what the queue holds in this process.

    closes: The call returns None, and the queue is closed in this process and in no other.
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
    """Processes put distinct objects, small or beyond a pipe's atomic write, while others get them all."""
    objs = [[Blob(size + i, p) if size else (p, i) for i in range(each)] for p in range(producers)]
    shares = [each * producers // consumers + (c < each * producers % consumers) for c in range(consumers)]
    return [[call("put", obj) for obj in lane] for lane in objs] + [[call("get")] * share for share in shares]


@simple.law(traffic, "lossless")
def nothing_is_lost(history):
    """With several processes putting and getting, every object that is put can be got."""
    return laws.nothing_lost(laws.picked(history, "put"), laws.picked(history, "get"))


@simple.law(traffic, "faithful")
def nothing_is_invented(history):
    """With several processes putting and getting, every object that is got was put, and got once."""
    sent, received = laws.picked(history, "put"), laws.picked(history, "get")
    return laws.nothing_invented(sent, received) or laws.nothing_duplicated(sent, received)


@simple.law(traffic, "order")
def order(history):
    """Objects put by one process are got in the order in which it put them."""
    return laws.order_per_sender(laws.picked(history, "put"), laws.picked(history, "get"))


def put_all(q, objs):
    for obj in objs:
        q.put(obj)


@simple.scenario("get.recreates", doc="multiprocessing.SimpleQueue.get")
def get_recreates(mp):
    """An object that is got is a new object, equal to the one that was put."""
    q = mp.SimpleQueue()
    sent = [1, {"two": (3.0, None)}]
    q.put(sent)
    got = q.get()
    assert got == sent
    assert got is not sent


@simple.scenario("put.keyword", doc="multiprocessing.SimpleQueue.put")
def named_argument(mp):
    """The parameter of put() is called item."""
    q = mp.SimpleQueue()
    q.put(item="by name")
    assert q.get() == "by name"


@simple.scenario("large", doc="multiprocessing.SimpleQueue.put", size=arg.one_of(65_536, 3_000_000))
def large_objects_pass(mp, size):
    """An object larger than the buffer of a pipe is put while another process gets it."""
    q = mp.SimpleQueue()
    sent = os.urandom(size)
    with child(mp, put_all, q, [sent, b"after"]):
        assert [q.get(), q.get()] == [sent, b"after"]
