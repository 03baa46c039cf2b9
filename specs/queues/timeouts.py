"""Long timeouts of queues: a month, three centuries, and infinity."""

from conformance import arg
from specs.queues.queues import queue
from specs.synchronization.timeouts import DOUBT, ENDLESS, wait_elsewhere


@queue.scenario("get.month", doc="multiprocessing.Queue.get")
def a_month_to_get(mp):
    """get() accepts a timeout as long as a month."""
    q = mp.Queue()
    q.put("in time")
    assert q.get(timeout=arg.MONTH) == "in time"


@queue.scenario("get.endless", doc="multiprocessing.Queue.get", doubt=DOUBT)
def get_with_an_endless_timeout(mp):
    """get() accepts a timeout as long as three centuries, or infinite."""
    for timeout in ENDLESS:
        q = mp.Queue()
        q.put("in time")
        assert q.get(timeout=timeout) == "in time"


def put_in_time(q, timeout):
    return q.put("second", True, timeout)


@queue.scenario("put.endless", doc="multiprocessing.Queue.put", doubt=DOUBT)
def put_with_an_endless_timeout(mp):
    """put() waits until a slot is free if timeout is as long as three centuries, or infinite."""
    for timeout in ENDLESS:
        q = mp.Queue(1)
        q.put("first")
        assert wait_elsewhere(mp, q.get, put_in_time, q, timeout) is None
        assert q.get() == "second"
