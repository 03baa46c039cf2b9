"""Thread pools: pools with the same methods, whose workers are threads of the calling process."""

import builtins
import os
from contextlib import contextmanager
from functools import lru_cache
from queue import SimpleQueue
from threading import get_ident
from time import monotonic

from conformance import Spec, arg, module, raises
from specs.pools.pools import SHORT, SLACK, UNLUCKY, arrivals, finish, gate, knock, let_in, product, square
from specs.pools.results import fail
from specs.pools.workers import processors, refuses_tasks, some_processors

threads = Spec("threadpool", documents="multiprocessing.pool.ThreadPool")


@lru_cache(maxsize=None)
def shared_threads(mp):
    """A pool for scenarios that only submit tasks; it ends with the stage."""
    return module(mp, "pool").ThreadPool(2)


@contextmanager
def threads_of(mp, *args, **kwargs):
    """A separate pool, which is ended without a with statement: what that does to a pool is a clause here."""
    workers = module(mp, "pool").ThreadPool(*args, **kwargs)
    try:
        yield workers
    finally:
        finish(workers)


@threads.scenario("subclass")
def a_kind_of_pool(mp):
    """ThreadPool is a subclass of Pool, and its instances are instances of Pool."""
    pools = module(mp, "pool")
    assert issubclass(pools.ThreadPool, pools.Pool)
    assert isinstance(shared_threads(mp), pools.Pool)


@threads.scenario("dummy", doc="multiprocessing.dummy")
def the_pool_of_dummy(mp):
    """Pool(processes, initializer, initargs) of multiprocessing.dummy creates a ThreadPool with these arguments."""
    called = []
    with module(mp, "dummy").Pool(3, called.append, ["once"]) as workers:
        assert isinstance(workers, module(mp, "pool").ThreadPool)
        assert workers.map(square, [1, 2]) == [1, 4]
        workers.close()
        workers.join()
    assert called == ["once"] * 3


def show_up(address, seen):
    seen.append((os.getpid(), get_ident()))
    knock(address)


@threads.scenario("workers")
def as_many_threads_as_asked_for(mp):
    """ThreadPool(n) carries out n tasks at the same time, in n other threads of the calling process."""
    seen = []
    with gate() as door, threads_of(mp, processes=3) as workers:
        results = [workers.apply_async(show_up, (door.getsockname(), seen)) for _ in range(3)]
        let_in(arrivals(door, 3))
        for result in results:
            result.wait()
    assert {pid for pid, _ in seen} == {os.getpid()}
    assert len({ident for _, ident in seen} - {get_ident()}) == 3


@threads.scenario("workers-by-default")
def one_thread_for_each_processor(mp):
    """ThreadPool() starts as many threads as os.process_cpu_count() returns, or os.cpu_count() before Python 3.13."""
    for only_one in False, True:
        started = []
        with some_processors(only_one), threads_of(mp, initializer=started.append, initargs=(None,)) as workers:
            workers.close()
            workers.join()
            assert len(started) == processors()


@threads.scenario("initializer")
def the_initializer_is_called_in_each_thread(mp):
    """Each thread of a ThreadPool calls initializer(*initargs) once when it starts."""
    called = []

    def begin(*args):
        called.append((get_ident(), args))

    with threads_of(mp, 2, begin, (1, "two")) as workers:
        assert workers.apply(get_ident) in {ident for ident, _ in called}
        workers.close()
        workers.join()
    assert [args for _, args in called] == [(1, "two")] * 2


@threads.scenario("no-processes", argument=arg.one_of("maxtasksperchild", "context"))
def what_belongs_to_processes(mp, argument):
    """ThreadPool() raises TypeError if maxtasksperchild or context is given."""
    values = {"maxtasksperchild": 1, "context": mp}
    with raises(TypeError):
        module(mp, "pool").ThreadPool(1, **{argument: values[argument]})


@threads.scenario("apply")
def applied_in_threads(mp):
    """apply() and apply_async() of a ThreadPool pass arguments, results and exceptions like those of a pool of
    processes.
    """
    workers = shared_threads(mp)
    assert workers.apply(product, (2,), {"factor": 5}) == 20
    assert workers.apply_async(product, (2, 5)).get() == 20
    with raises(KeyError, UNLUCKY):
        workers.apply(square, (UNLUCKY,))
    failed = workers.apply_async(square, (UNLUCKY,))
    with raises(KeyError, UNLUCKY):
        failed.get()
    assert failed.successful() is False


@threads.scenario("exits", kind=arg.one_of("SystemExit", "KeyboardInterrupt"))
def exceptions_that_end_processes(mp, kind):
    """get() raises the exception that a task of a ThreadPool raised, even if the exception normally ends a process,
    such as SystemExit.
    """
    kind = getattr(builtins, kind)
    with threads_of(mp, 1) as workers:
        tasks = (workers.apply_async, (kind,)), (workers.map_async, [kind]), (workers.starmap_async, [(kind,)])
        for submit, items in tasks:
            with raises(kind, 3):
                submit(fail, items).get()


@threads.scenario("map", chunksize=arg.one_of((), (1,), (4,)))
def mapped_by_threads(mp, chunksize):
    """map(), starmap() and their asynchronous variants in a ThreadPool produce all results in order, or the exception
    of a task.
    """
    workers, numbers, squares = shared_threads(mp), range(10), [n * n for n in range(10)]
    pairs = [(n, 1) for n in numbers]
    assert workers.map(square, numbers, *chunksize) == squares
    assert workers.starmap(product, pairs, *chunksize) == squares
    assert workers.map_async(square, iter(numbers), *chunksize).get() == squares
    assert workers.starmap_async(product, iter(pairs), *chunksize).get() == squares
    assert workers.map(square, [], *chunksize) == []
    with raises(KeyError, UNLUCKY):
        workers.map(square, [1, 2, UNLUCKY], *chunksize)
    with raises(KeyError, UNLUCKY):
        workers.starmap(product, [(UNLUCKY, 2)], *chunksize)
    with raises(KeyError, UNLUCKY):
        workers.map_async(square, [1, 2, UNLUCKY], *chunksize).get()
    with raises(KeyError, UNLUCKY):
        workers.starmap_async(product, [(UNLUCKY, 2)], *chunksize).get()


@threads.scenario("imap", chunksize=arg.one_of((), (1,), (4,)))
def iterated_by_threads(mp, chunksize):
    """imap() of a ThreadPool yields all results in order, imap_unordered() in any order, and both raise the
    exceptions of tasks and of iterables.
    """
    workers, squares = shared_threads(mp), [n * n for n in range(10)]
    assert list(workers.imap(square, iter(range(10)), *chunksize)) == squares
    assert sorted(workers.imap_unordered(square, range(10), *chunksize)) == squares
    for method in workers.imap, workers.imap_unordered:
        with raises(KeyError, UNLUCKY):
            list(method(square, [1, UNLUCKY, 2], *chunksize))
        with raises(TypeError):
            list(method(square, (n + "1" for n in range(3)), *chunksize))


@threads.scenario("callbacks")
def called_back_by_threads(mp):
    """The asynchronous methods of a ThreadPool pass the result to callback, or the exception to error_callback."""
    workers, called = shared_threads(mp), SimpleQueue()
    workers.apply_async(square, (2,), callback=called.put)
    assert called.get() == 4
    workers.map_async(square, [1, 2], callback=called.put)
    assert called.get() == [1, 4]
    workers.starmap_async(product, [(2, 2), (2, 3)], callback=called.put)
    assert called.get() == [8, 12]
    workers.apply_async(square, (UNLUCKY,), error_callback=called.put)
    assert called.get().args == (UNLUCKY,)
    workers.map_async(square, [UNLUCKY], error_callback=called.put)
    assert called.get().args == (UNLUCKY,)
    workers.starmap_async(product, [(UNLUCKY, 1)], error_callback=called.put)
    assert called.get().args == (UNLUCKY,)


@threads.scenario("timeouts")
def timeouts_of_threads(mp):
    """get() and next() of a ThreadPool's results raise TimeoutError once timeout seconds have elapsed, and no
    earlier. The result can be retrieved later.
    """
    workers = shared_threads(mp)
    with gate() as door:
        waiting = workers.apply_async(knock, (door.getsockname(),))
        it = workers.imap(knock, [door.getsockname()])
        visitors = arrivals(door, 2)
        for wait in waiting.get, it.next:
            started = monotonic()
            with raises(mp.TimeoutError):
                wait(SHORT)
            assert monotonic() - started >= SHORT - SLACK
        assert waiting.ready() is False
        let_in(visitors)
        assert [waiting.get(), next(it)] == [os.getpid()] * 2


@threads.scenario("close")
def threads_complete_their_tasks(mp):
    """A closed ThreadPool refuses new tasks, completes those it has, and can be joined. join() raises an exception
    before close().
    """
    with gate() as door, threads_of(mp, 1) as workers:
        with raises(Exception):
            workers.join()
        first = workers.apply_async(knock, (door.getsockname(),))
        others = workers.map_async(square, range(5), 1)
        workers.close()
        refuses_tasks(workers)
        let_in(arrivals(door))
        workers.join()
        assert (first.get(), others.get()) == (os.getpid(), [0, 1, 4, 9, 16])


@threads.scenario("terminate")
def threads_discard_their_tasks(mp):
    """A terminated ThreadPool refuses new tasks, and tasks that have not started never start."""
    begun = []
    with gate() as door, threads_of(mp, 1) as workers:
        workers.apply_async(knock, (door.getsockname(),))
        workers.map_async(begun.append, [1, 2, 3], 1)
        visitors = arrivals(door)
        workers.terminate()
        refuses_tasks(workers)
        let_in(visitors)
        workers.join()
    assert begun == []


@threads.scenario("with")
def the_end_of_a_block_terminates_threads(mp):
    """A with statement binds the ThreadPool itself, terminates it at the end of the block, and lets exceptions
    propagate.
    """
    begun = []
    with gate() as door, threads_of(mp, 1) as workers:
        with raises(KeyError, "inside"), workers as entered:
            assert entered is workers
            workers.apply_async(knock, (door.getsockname(),))
            workers.map_async(begun.append, [1, 2, 3], 1)
            visitors = arrivals(door)
            raise KeyError("inside")
        refuses_tasks(workers)
        let_in(visitors)
        workers.join()
    assert begun == []
