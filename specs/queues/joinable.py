"""Joinable queues: queues that count the tasks in them, and wait until all are finished.

A task is an object that was put. It is finished by a task_done(), whoever calls it; get does
not count. Everything else is as in a ``Queue``.
"""

from conformance import Spec, arg, blocks, call, laws, raises, replace, returns
from specs.queues import queues
from specs.queues.queues import PUTS, Queue


class JoinableQueue(Queue):
    """A queue that also counts unfinished tasks: objects put for which task_done() was not called.

    made: JoinableQueue(maxsize) makes an empty queue with no unfinished tasks.
    inherited: A queue that is passed to a process when that is created is the same queue there.
    """

    unfinished: int = 0

    def push(self, me, obj):
        return replace(super().push(me, obj), unfinished=self.unfinished + 1)


joinable = Spec(
    "joinablequeue",
    JoinableQueue,
    make=lambda mp, **kwargs: mp.JoinableQueue(**kwargs),
    documents="multiprocessing.JoinableQueue",
    maxsize=arg.one_of(0, 1, 2, -1),
)
joinable.adopt(queues.queue, *queues.queue.operations)


@joinable.op(weight=3)
def task_done(q, me, *, others):
    """Says that the work on an object that was got is done.

    counts: With unfinished tasks, the call returns None and there is one less.
    too-many: Called more often than objects were put, it raises ValueError.
    """
    if q.unfinished:
        yield "counts", returns(None), replace(q, unfinished=q.unfinished - 1)
    if q.unfinished <= others.count_leaving(*PUTS):  # a put that has not returned may not count yet
        yield "too-many", raises(ValueError)


@joinable.op(weight=2)
def join(q, me, *, others):
    """Waits until every task is finished.

    returns: With no unfinished task, the call returns None: at once, or as soon as it is so.
    waits: With an unfinished task, it waits.
    """
    if q.unfinished <= others.count_leaving(*PUTS):
        yield "returns", returns(None)
    if q.unfinished:
        yield "waits", blocks


joinable.rescue(call("put", "rescue", False), call("get"), call("task_done"))
joinable.pin({0: [call("put", 1), call("close"), call("join_thread")]}, {1: [call("empty")]}, {1: [call("get_nowait")]})


@joinable.scenario("class")
def a_kind_of_queue(mp):
    """A JoinableQueue is a Queue: its class is a subclass."""
    assert isinstance(mp.JoinableQueue(), type(mp.Queue()))


@joinable.stream(stuck="progress", workers=arg.integers(1, 2), tasks=arg.integers(5, 20))
def work(workers, tasks):
    """One process puts tasks and joins; workers get them and call task_done."""
    shares = [tasks // workers + (w < tasks % workers) for w in range(workers)]
    boss = [call("put", (0, i)) for i in range(tasks)] + [call("join")]
    return [boss] + [[call("get"), call("task_done")] * share for share in shares]


@joinable.law(work, "progress", doc="multiprocessing.JoinableQueue.join")
def join_comes_back(history):
    """With a task_done() for every object that was put, join() returns and no object is lost."""
    return laws.nothing_lost(laws.picked(history, "put"), laws.picked(history, "get"))


@joinable.law(work, "patience", doc="multiprocessing.JoinableQueue.join")
def join_returns_at_zero(history):
    """join() does not return while a task is unfinished."""
    (joined,) = laws.picked(history, "join")
    late = [step for step in laws.picked(history, "task_done") if step.start > joined.end]
    return "join() returned before %d of the tasks were done" % len(late) if late else None
