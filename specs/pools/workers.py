"""The workers of a pool: how many there are, how they start, and how they and the pool end."""

import gc
import os
import sys
import tempfile
import weakref
from contextlib import contextmanager

from conformance import Spec, arg, module, program, raises
from specs.pools.pools import POOL, arrivals, gate, here, knock, let_in, note, shared, square

CLOSE, TERMINATE, JOIN = POOL + ".close", POOL + ".terminate", POOL + ".join"

workers = Spec("workers", documents=POOL)


@workers.scenario("count")
def as_many_workers_as_asked_for(mp):
    """Pool(n) starts n worker processes, which carry out n tasks at the same time."""
    before = {process.pid for process in mp.active_children()}
    with gate() as door, mp.Pool(processes=3) as workers:
        started = {process.pid for process in mp.active_children()} - before
        results = [workers.apply_async(knock, (door.getsockname(),)) for _ in range(3)]
        let_in(arrivals(door, 3))
        assert sorted(result.get() for result in results) == sorted(started)


@contextmanager
def some_processors(only_one):
    """Restricts this thread and the processes it starts to one processor, if asked to and where the system can."""
    if not only_one or not hasattr(os, "sched_setaffinity"):
        yield
        return
    usable = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(usable)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, usable)


def processors():
    """Returns the default number of workers according to the manual of this version."""
    return os.process_cpu_count() if sys.version_info >= (3, 13) else os.cpu_count()


@workers.scenario("count-by-default")
def one_worker_for_each_processor(mp):
    """Pool() starts as many workers as os.process_cpu_count() returns, or os.cpu_count() before Python 3.13."""
    before = mp.active_children()
    for only_one in False, True:
        with some_processors(only_one), mp.Pool() as started:
            processes = workers_since(mp, before)
            assert len(processes) == processors()
        started.join()


CALLED = []


def begin(*args):
    CALLED.append(args)


def begun(address):
    knock(address)
    return CALLED


@workers.scenario("initializer")
def the_initializer_is_called(mp):
    """Each worker of a Pool calls initializer(*initargs) once when it starts."""
    with gate() as door, mp.Pool(2, initializer=begin, initargs=("a", 2)) as workers:
        both = [workers.apply_async(begun, (door.getsockname(),)) for _ in range(2)]
        let_in(arrivals(door, 2))
        assert [result.get() for result in both] == [[("a", 2)]] * 2


REBINDING = """
import sys

factor = None

def set_factor(value):
    global factor
    factor = value

def multiply(number):
    return factor and number * factor

if __name__ == "__main__":
    mp.set_start_method(sys.argv[1])
    with mp.Pool(1, set_factor, (10,)) as pool:
        print(pool.map(multiply, [1, 2, 3]))
"""


@workers.scenario("initializer.rebinds")
def the_initializer_rebinds_globals(mp):
    """Tasks see the global variables of the main module that the initializer of their worker has bound."""
    assert program(REBINDING, mp.get_start_method())[:2] == (0, "[10, 20, 30]\n")


def count(number):
    CALLED.append(number)
    return CALLED


@workers.scenario("maxtasksperchild")
def workers_are_replaced(mp):
    """A worker that has completed maxtasksperchild tasks is replaced with a new one, which calls the initializer as
    well.
    """
    with mp.Pool(1, begin, ("fresh",), maxtasksperchild=2) as workers:
        fresh = ("fresh",)
        results = [workers.apply(count, (number,)) for number in range(5)]
        assert results == [[fresh, 0], [fresh, 0, 1], [fresh, 2], [fresh, 2, 3], [fresh, 4]]


@workers.scenario("stay")
def workers_stay(mp):
    """The workers of a pool live as long as the pool if maxtasksperchild is omitted."""
    workers = shared(mp)
    assert len({pid for _ in range(20) for pid in workers.map(here, range(8), 1)}) <= 2


INHERITED = []


def ancestry():
    return os.getppid(), list(INHERITED)


@workers.scenario("context")
def workers_of_a_context(mp):
    """Workers use the start method of the context whose Pool() created the pool, or of the context passed to the
    class Pool.
    """
    method = mp.get_start_method()
    INHERITED[:] = ["in memory"]
    try:
        with module(mp, "pool").Pool(1, context=mp) as given, mp.Pool(1) as made:
            for workers in given, made:
                parent, inherited = workers.apply(ancestry)
                assert (parent == os.getpid()) is (method != "forkserver")
                assert inherited == (["in memory"] if method == "fork" else [])
    finally:
        INHERITED.clear()


@workers.scenario("arguments")
def arguments_by_position(mp):
    """The class Pool accepts processes, initializer, initargs, maxtasksperchild and context as positional arguments,
    in this order.
    """
    with module(mp, "pool").Pool(1, begin, ("first",), 1, mp) as workers:
        assert [workers.apply(count, (number,)) for number in range(2)] == [[("first",), 0], [("first",), 1]]
        parent, _ = workers.apply(ancestry)
        assert (parent == os.getpid()) is (mp.get_start_method() != "forkserver")


SETS_THE_START_METHOD = """
from conformance import module

if __name__ == "__main__":
    Pool = module(mp.get_context("spawn"), "pool").Pool
    assert mp.get_start_method(allow_none=True) is None
    with Pool(1) as workers:
        print(mp.get_start_method(allow_none=True) == mp.get_all_start_methods()[0])
"""


@workers.scenario("context.default")
def the_default_context_is_settled(mp):
    """The class Pool, called without a context, sets the global start method to the default if no start method has
    been set.
    """
    ended = program(SETS_THE_START_METHOD)
    assert ended.output.split() == ["True"]


def submissions(workers):
    """Returns every way of submitting a task."""
    return [
        lambda: workers.apply(square, (2,)),
        lambda: workers.apply_async(square, (2,)),
        lambda: workers.map(square, [2]),
        lambda: workers.map_async(square, [2]),
        lambda: workers.starmap(square, [(2,)]),
        lambda: workers.starmap_async(square, [(2,)]),
        lambda: list(workers.imap(square, [2])),
        lambda: list(workers.imap(square, [2], 5)),
        lambda: list(workers.imap_unordered(square, [2])),
        lambda: list(workers.imap_unordered(square, [2], 5)),
    ]


def refuses_tasks(workers):
    for submit in submissions(workers):
        with raises(Exception):
            submit()


@workers.scenario("close.refuses", doc=CLOSE)
def a_closed_pool_refuses_tasks(mp):
    """Every method that submits tasks raises an exception after close()."""
    with mp.Pool(1) as workers:
        workers.close()
        refuses_tasks(workers)


def workers_since(mp, before):
    return [process for process in mp.active_children() if process not in before]


@workers.scenario("close.completes", doc=CLOSE)
def a_closed_pool_completes_its_tasks(mp):
    """Tasks submitted before close() are completed, by new workers if necessary, and then the workers exit."""
    with gate() as door, mp.Pool(1, maxtasksperchild=3) as workers:
        first = workers.apply_async(knock, (door.getsockname(),))
        others = workers.map_async(square, range(3), 1), workers.imap(square, [7])
        workers.close()
        let_in(arrivals(door))
        workers.join()
        assert first.get() != os.getpid()
        assert (others[0].get(), list(others[1])) == ([0, 1, 4], [49])


@workers.scenario("join.waits", doc=JOIN, how=arg.one_of("close", "terminate"))
def join_waits_for_the_workers(mp, how):
    """join() waits until all workers have exited if close() or terminate() was called, and can be called again."""
    before = mp.active_children()
    with mp.Pool(2) as workers:
        processes = workers_since(mp, before)
        getattr(workers, how)()
        workers.join()
        assert [process.is_alive() for process in processes] == [False, False]
        workers.join()


@workers.scenario("join.running", doc=JOIN)
def a_running_pool_cannot_be_joined(mp):
    """join() raises an exception unless close() or terminate() was called first, and the pool remains usable."""
    workers = shared(mp)
    with raises(Exception):
        workers.join()
    assert workers.apply(square, (2,)) == 4


@workers.scenario("terminate.discards", doc=TERMINATE)
def a_terminated_pool_discards_its_tasks(mp):
    """terminate() stops workers in the middle of a task, and tasks that have not started never start."""
    with tempfile.TemporaryDirectory() as directory, gate() as door, mp.Pool(1) as workers:
        path = os.path.join(directory, "notes")
        workers.apply_async(knock, (door.getsockname(),))
        workers.map_async(note, [path] * 3, 1)
        (visitor,) = arrivals(door)
        workers.terminate()
        with visitor:
            assert visitor.recv(1) == b""  # no process is at the other end
        workers.join()
        assert os.path.exists(path) is False


@workers.scenario("terminate.refuses", doc=TERMINATE)
def a_terminated_pool_refuses_tasks(mp):
    """Every method that submits tasks raises an exception after terminate()."""
    with mp.Pool(1) as workers:
        workers.terminate()
        refuses_tasks(workers)


@workers.scenario("terminate.garbage", doc=TERMINATE)
def garbage_is_terminated(mp):
    """The workers of a pool are stopped when the pool is garbage collected."""
    before = mp.active_children()
    workers = mp.Pool(1)
    processes, reference = workers_since(mp, before), weakref.ref(workers)
    del workers
    for _ in range(3):  # without reference counts, a finalizer may need another round
        gc.collect()
    left = reference()  # the manual does not promise that it is collected
    if left is not None:
        left.terminate()
    for process in processes:
        process.join()


@workers.scenario("with.terminates", failing=arg.one_of(False, True))
def the_end_of_a_block_terminates(mp, failing):
    """A with statement binds the pool itself, terminates it at the end of the block, and lets exceptions propagate."""
    workers = mp.Pool(1)
    with gate() as door:
        try:
            with workers as entered:
                assert entered is workers
                workers.apply_async(knock, (door.getsockname(),))
                (visitor,) = arrivals(door)
                if failing:
                    raise LookupError("inside")
        except LookupError:
            assert failing
        else:
            assert not failing
        with visitor:
            assert visitor.recv(1) == b""
    workers.join()
