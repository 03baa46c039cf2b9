"""Joinable queues: queues that count their unfinished tasks, so that a process can wait for all of them.

A task is an object that was put. It is finished by a call to task_done(), in any process; get()
does not finish it. In everything else, these queues are like a ``Queue``.
"""

from conformance import Spec, arg, blocks, call, laws, raises, replace, returns
from specs.queues import queues
from specs.queues.queues import PUTS, Queue


class JoinableQueue(Queue):
    """A queue that also counts unfinished tasks: objects for which task_done() has not been called.

    made: JoinableQueue(maxsize) creates an empty queue with no unfinished tasks.
    inherited: A queue passed as an argument to a new process refers to the same queue in that process.
    """

    unfinished: int = 0

    def push(self, me, obj):
        return replace(super().push(me, obj), unfinished=self.unfinished + 1)


joinable = Spec(
    "joinablequeue",
    JoinableQueue,
    make=lambda mp, **kwargs: mp.JoinableQueue(**kwargs),
    documents="multiprocessing.JoinableQueue",
    called="queue",
    buffers=True,
    maxsize=arg.one_of(0, 1, 2, -1),
)
joinable.adopt(queues.queue, *queues.queue.operations)


@joinable.op(weight=3)
def task_done(q, me, *, others):
    """Reports that the work on an object from the queue is done.

    counts: task_done() returns None and lowers the number of unfinished tasks by one if there are any.
    too-many: task_done() raises ValueError if there are no unfinished tasks.
    """
    if q.unfinished:
        yield "counts", returns(None), replace(q, unfinished=q.unfinished - 1)
    if q.unfinished <= others.count_leaving(*PUTS):  # a put() that has not returned may not count yet
        yield "too-many", raises(ValueError)


@joinable.op(weight=2)
def join(q, me, *, others):
    """Waits until every task is finished.

    returns: join() returns None once there are no unfinished tasks, at once if there are none.
    waits: join() waits while there are unfinished tasks.
    """
    if q.unfinished <= others.count_leaving(*PUTS):
        yield "returns", returns(None)
    if q.unfinished:
        yield "waits", blocks


joinable.rescue(call("put", "rescue", False), call("get"), call("task_done"))
joinable.pin(
    "join_thread() has flushed an object, which another process must find by empty() and get_nowait()",
    {0: [call("put", 1), call("close"), call("join_thread")]},
    {1: [call("empty")]},
    {1: [call("get_nowait")]},
)


@joinable.scenario("class")
def a_kind_of_queue(mp):
    """The class of a JoinableQueue is a subclass of the class of a Queue."""
    assert isinstance(mp.JoinableQueue(), type(mp.Queue()))


@joinable.stream(stuck="progress", workers=arg.integers(1, 2), tasks=arg.integers(5, 20))
def work(workers, tasks):
    """One process puts tasks and calls join(); workers get the tasks and call task_done()."""
    shares = [tasks // workers + (w < tasks % workers) for w in range(workers)]
    boss = [call("put", (0, i)) for i in range(tasks)] + [call("join")]
    return [boss] + [[call("get"), call("task_done")] * share for share in shares]


@joinable.law(work, "progress", doc="multiprocessing.JoinableQueue.join")
def join_comes_back(history):
    """join() returns, and no object is lost, once task_done() has been called for every object that was put."""
    return laws.nothing_lost(laws.picked(history, "put"), laws.picked(history, "get"))


@joinable.law(work, "patience", doc="multiprocessing.JoinableQueue.join")
def join_returns_at_zero(history):
    """join() does not return while a task is unfinished."""
    (joined,) = laws.picked(history, "join")
    late = [step for step in laws.picked(history, "task_done") if step.start > joined.end]
    return "join() returned before %d of the tasks were done" % len(late) if late else None
