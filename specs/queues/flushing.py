"""The background threads of queues: what happens to the objects of a process that closes a queue, or exits.

Each process that puts objects has a thread that moves them into the pipe. A process waits for its own thread before it
exits, unless it has called cancel_join_thread().
"""

import gc
import os
import threading
import weakref

from conformance import arg, child, unproven
from specs.queues.queues import put_all, queue, take


@queue.scenario(
    "exit.flushes", doc="multiprocessing.Queue.join_thread", objs=arg.lists(1, 5), size=arg.one_of(10, 300_000)
)
def exit_flushes(mp, objs, size):
    """A process that has put objects does not exit until all of them are in the pipe."""
    q = mp.Queue()
    sent = [(obj, bytes(size)) for obj in objs]
    with child(mp, put_all, q, sent) as producer:
        assert take(q, len(sent)) == sent
    assert producer.exitcode == 0


@queue.scenario("exit.waits", doc="multiprocessing.Queue.join_thread")
def exit_waits_for_the_reader(mp):
    """A process whose objects do not fit into the pipe stays alive until another process gets them."""
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
    """A process that has called cancel_join_thread() exits without waiting for its objects to be flushed."""
    q = mp.Queue()
    with child(mp, put_and_abandon, q, cancel_first) as producer:
        pass  # no process gets anything
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
    """join_thread() returns without waiting for a reader once the process has called cancel_join_thread()
    and close().
    """
    q = mp.Queue()
    receiver, sender = mp.Pipe(duplex=False)
    with child(mp, put_and_join_cancelled, q, cancel_first, sender):
        sender.close()  # so that a failure of the child is noticed
        assert receiver.recv() == "returned"  # although no process gets anything


@queue.scenario("cancel_join_thread.own", doc="multiprocessing.Queue.cancel_join_thread")
def cancel_in_one_process(mp):
    """A process created after its parent called cancel_join_thread() still flushes its own objects before it exits."""
    q = mp.Queue()
    q.cancel_join_thread()
    with child(mp, put_all, q, [bytes(1_000_000)]) as producer:
        assert take(q, 1) == [bytes(1_000_000)]
    assert producer.exitcode == 0


@queue.scenario("close.flushes", doc="multiprocessing.Queue.close", objs=arg.lists(1, 4))
def close_flushes(mp, objs):
    """Objects that a process puts before close() still reach other processes."""
    q = mp.Queue()
    results = mp.SimpleQueue()
    with child(mp, forward, q, results, len(objs)):
        put_all(q, objs)
        q.close()
        q.join_thread()
        assert results.get() == list(objs)


def forward(q, results, count):
    results.put(take(q, count))


def count_descriptors():
    try:
        return len(os.listdir("/proc/self/fd"))
    except OSError:
        unproven("this system does not list open descriptors in /proc/self/fd")


@queue.scenario("close.releases", doc="multiprocessing.Queue.close", since=(3, 13), used=arg.one_of(False, True))
def close_releases(mp, used):
    """close() closes the queue's pipe in this process, whether or not the process has put or retrieved an object."""
    first = mp.Queue()  # starts what all queues of a process share, such as a resource tracker
    first.put("only")
    assert first.get() == "only"
    before, queues = count_descriptors(), [mp.Queue() for _ in range(5)]
    for q in queues:
        if used:
            q.put("only")
            assert q.get() == "only"
        q.close()
        q.join_thread()
    assert count_descriptors() <= before


@queue.scenario("close.garbage", doc="multiprocessing.Queue.close")
def garbage_is_closed(mp):
    """A queue is closed when it is garbage collected: its background thread ends."""
    before = set(threading.enumerate())
    q = mp.Queue()
    q.put("flushed")
    assert q.get() == "flushed"
    background, reference = set(threading.enumerate()) - before, weakref.ref(q)
    del q
    for _ in range(3):  # without reference counting, a finalizer may need another round
        gc.collect()
    if reference() is not None:
        unproven("the queue was not garbage collected, which nothing promises")
    for thread in background:
        thread.join()


@queue.scenario("join_thread.waits", doc="multiprocessing.Queue.join_thread")
def join_thread_waits_for_the_reader(mp):
    """join_thread() called after close() does not return until all objects that the process put are in the pipe."""
    q = mp.Queue()
    with child(mp, put_and_vanish, q, bytes(1_000_000)):
        assert take(q, 1) == [bytes(1_000_000)]


def put_and_vanish(q, obj):
    q.put(obj)
    q.close()
    q.join_thread()
    os._exit(0)  # skips what a process does when it exits
