"""Asynchronous results: what a pool returns at once, instead of what a task will return."""

import builtins
from time import monotonic

from conformance import Spec, arg, module, raises
from specs.pools.pools import SHORT, SLACK, UNLUCKY, arrivals, gate, here, knock, let_in, secret, shared, square

RESULT = "multiprocessing.pool.AsyncResult"
GET, WAIT, READY, SUCCESSFUL = RESULT + ".get", RESULT + ".wait", RESULT + ".ready", RESULT + ".successful"

result = Spec("asyncresult", documents=RESULT)


class Refused(Exception):
    """An exception with state of its own."""

    def __init__(self, reason, amount):
        super().__init__(reason, amount)
        self.amount = amount


class Unreadable(Exception):
    """An exception that can be pickled but not unpickled."""

    def __init__(self, amount):
        super().__init__()


def fail(kind):
    raise kind(3)


def refuse(amount):
    raise Refused("too much", amount)


def one_by_one(workers, task, item):
    """Yields the result of each asynchronous method for a task with one argument, submitted when it is asked for."""
    yield workers.apply_async(task, (item,))
    yield workers.map_async(task, [item])
    yield workers.starmap_async(task, [(item,)])


def ways(workers, task, item):
    """Returns the same results, for tasks that are all submitted at once."""
    return list(one_by_one(workers, task, item))


def held_up(workers, door):
    """Yields results that are not ready until their tasks are admitted, each with its visitors."""
    for submit in (
        lambda address: workers.apply_async(knock, (address,)),
        lambda address: workers.map_async(knock, [None, address, None], 1),
        lambda address: workers.starmap_async(knock, [(address,), (None,)], 2),
    ):
        waiting = submit(door.getsockname())
        visitors = arrivals(door)
        yield waiting, visitors
        waiting.get()


@result.scenario("class")
def the_class_of_results(mp):
    """apply_async(), map_async() and starmap_async() return an AsyncResult."""
    for each in ways(shared(mp), square, 2):
        assert isinstance(each, module(mp, "pool").AsyncResult)


@result.scenario("get.returns", doc=GET, timeout=arg.one_of((), (None,), (3600,)))
def get_returns_the_result(mp, timeout):
    """get() waits for the result and returns it, each time it is called, if timeout is omitted, None or long enough."""
    workers = shared(mp)
    for each, promised in zip(ways(workers, square, 3), (9, [9], [9])):
        assert [each.get(*timeout), each.get(timeout=None), each.get(0)] == [promised] * 3


@result.scenario("get.timeout", doc=GET, timeout=arg.one_of(SHORT, 0))
def get_gives_up(mp, timeout):
    """get() raises TimeoutError once timeout seconds have elapsed without a result, and no earlier. The result can be
    retrieved later.
    """
    with gate() as door:
        for each, visitors in held_up(shared(mp), door):
            started = monotonic()
            with raises(mp.TimeoutError):
                each.get(timeout)
            assert monotonic() - started >= timeout - SLACK
            let_in(visitors)


@result.scenario("timeout-error", doc="multiprocessing.TimeoutError")
def the_class_of_timeouts(mp):
    """TimeoutError, which get() raises, is a subclass of ProcessError."""
    with gate() as door:
        for each, visitors in held_up(shared(mp), door):
            with raises(mp.ProcessError):
                each.get(timeout=0)
            let_in(visitors)


@result.scenario("get.reraises", doc=GET)
def get_raises_what_the_task_raised(mp):
    """get() raises the exception that the task raised, with the same type and state, each time it is called."""
    for each in ways(shared(mp), refuse, 7):
        for _ in range(2):
            try:
                each.get()
            except Refused as error:
                assert (error.args, error.amount) == (("too much", 7), 7)
            else:
                raise AssertionError("Refused was promised")


@result.scenario("get.reraises-exits", doc=GET, kind=arg.one_of("SystemExit", "KeyboardInterrupt"))
def get_raises_what_ends_processes(mp, kind):
    """get() raises the exception that the task raised, even if the exception normally ends a process, such as
    SystemExit.
    """
    kind = getattr(builtins, kind)
    with mp.Pool(1) as workers:
        for each in one_by_one(workers, fail, kind):
            with raises(kind, 3):
                each.get()


@result.scenario("get.exception-unreadable", doc=GET)
def get_raises_where_the_exception_cannot_be_recreated(mp):
    """get() raises another exception if the exception of the task cannot be passed to the calling process, and the
    pool remains usable.
    """
    with mp.Pool(1) as workers:
        for each in one_by_one(workers, fail, Unreadable):
            with raises(Exception):
                each.get()
        assert workers.apply(square, (2,)) == 4


@result.scenario("get.unpicklable", doc=GET)
def get_raises_where_the_result_does_not_pickle(mp):
    """get() raises an exception if the result cannot be passed to the calling process, and successful() returns
    False.
    """
    for each in ways(shared(mp), secret, 7):
        with raises(Exception):
            each.get()
        assert each.successful() is False


@result.scenario("wait.waits", doc=WAIT, timeout=arg.one_of((), (None,), (3600,)))
def wait_waits(mp, timeout):
    """wait() blocks until the task has returned or raised an exception if timeout is omitted, None or long enough."""
    workers = shared(mp)
    for each in ways(workers, square, 3) + ways(workers, square, UNLUCKY):
        each.wait(*timeout)
        assert each.ready() is True


@result.scenario("wait.timeout", doc=WAIT)
def wait_gives_up(mp):
    """wait() returns once timeout seconds have elapsed without a result, and no earlier."""
    with gate() as door:
        for each, visitors in held_up(shared(mp), door):
            started = monotonic()
            each.wait(timeout=SHORT)
            assert monotonic() - started >= SHORT - SLACK
            assert each.ready() is False
            let_in(visitors)


@result.scenario("ready.tells", doc=READY)
def ready_tells(mp):
    """ready() returns False until every task has completed, and True from then on, even if a task raised an
    exception.
    """
    workers = shared(mp)
    with gate() as door:
        for each, visitors in held_up(workers, door):
            workers.apply(here)  # the other worker has completed its task, if any
            assert each.ready() is False
            let_in(visitors)
            each.wait()
            assert each.ready() is True
        partly = workers.map_async(knock, [UNLUCKY, door.getsockname()], 1)  # the first is no address: it fails
        visitors = arrivals(door)
        workers.apply(here)
        assert partly.ready() is False
        let_in(visitors)
    for each in ways(workers, square, UNLUCKY):
        each.wait()
        assert each.ready() is True


@result.scenario("successful.tells", doc=SUCCESSFUL)
def successful_tells(mp):
    """successful() returns True if every task completed without an exception, and False if a task raised an
    exception.
    """
    workers = shared(mp)
    for number in 2, UNLUCKY:
        for each in ways(workers, square, number):
            each.wait()
            assert each.successful() is (number != UNLUCKY)
    partly = workers.map_async(square, [1, UNLUCKY, 3, 4], 1)
    partly.wait()
    assert partly.successful() is False


@result.scenario("successful.not-ready", doc=SUCCESSFUL)
def successful_before_the_end(mp):
    """successful() raises ValueError if a task has not completed yet."""
    with gate() as door:
        for each, visitors in held_up(shared(mp), door):
            with raises(ValueError):
                each.successful()
            let_in(visitors)
