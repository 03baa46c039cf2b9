"""Tasks of a pool: what a single call submits, where it is carried out, and who is told of its result.

The relation in ``pools`` says what the methods return; this module covers arguments, callbacks, iterables and chunks,
and tasks and results that cannot be pickled.
"""

import os
import tempfile
from queue import SimpleQueue

from conformance import arg, raises
from specs.pools.pools import (
    POOL,
    UNLUCKY,
    arrivals,
    gate,
    knock,
    let_in,
    note,
    of_one_chunk,
    pool,
    product,
    secret,
    shared,
    square,
    three_and_an_error,
)

MAP = POOL + ".map"


def recite(*args, **kwds):
    return args, kwds


@pool.scenario("apply.arguments", doc=POOL + ".apply")
def apply_passes_arguments(mp):
    """apply() passes the positional arguments in args and the keyword arguments in kwds to the function; both are
    empty by default.
    """
    workers = shared(mp)
    assert workers.apply(recite) == ((), {})
    assert workers.apply(recite, (1, [2])) == ((1, [2]), {})
    assert workers.apply(func=recite, args=["a"], kwds={"key": None}) == (("a",), {"key": None})


@pool.scenario("apply_async.arguments", doc=POOL + ".apply_async")
def apply_async_passes_arguments(mp):
    """apply_async() passes the positional arguments in args and the keyword arguments in kwds to the function; both
    are empty by default.
    """
    workers = shared(mp)
    assert workers.apply_async(recite).get() == ((), {})
    assert workers.apply_async(recite, (1, [2])).get() == ((1, [2]), {})
    assert workers.apply_async(func=recite, args=["a"], kwds={"key": None}).get() == (("a",), {"key": None})


@pool.scenario("apply.worker", doc=POOL + ".apply")
def apply_uses_a_worker(mp):
    """apply() calls the function in a worker process, not in the process that calls apply()."""
    workers = shared(mp)
    assert workers.apply(os.getpid) in {process.pid for process in mp.active_children()}


@pool.scenario("apply.blocks", doc=POOL + ".apply")
def apply_blocks(mp):
    """apply() does not return before the function has returned."""
    from concurrent.futures import ThreadPoolExecutor

    workers = shared(mp)
    with gate() as door, ThreadPoolExecutor(1) as thread:
        waiting = thread.submit(workers.apply, knock, (door.getsockname(),))
        visitors = arrivals(door)
        assert waiting.done() is False
        let_in(visitors)
        assert isinstance(waiting.result(), int)


@pool.scenario("remains-available", doc="library/multiprocessing#using-a-pool-of-workers")
def a_pool_remains_available(mp):
    """A pool carries out other tasks while one task occupies a worker, even after get() on its result has timed out."""
    workers = shared(mp)
    with gate() as door:
        slow = workers.apply_async(knock, (door.getsockname(),))
        visitors = arrivals(door)
        with raises(mp.TimeoutError):
            slow.get(timeout=0)
        assert workers.map(square, range(4), 1) == [0, 1, 4, 9]
        let_in(visitors)
        assert slow.get() in {process.pid for process in mp.active_children()}


@pool.scenario("once", doc="multiprocessing.pool")
def each_task_is_carried_out_once(mp):
    """A pool carries out each task exactly once, whichever method submits it."""
    workers = shared(mp)
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "notes")
        workers.apply(note, (path,))
        workers.map(note, [path] * 10, 3)
        workers.starmap(note, [(path, n) for n in range(10)])
        assert len(list(workers.imap(note, [path] * 10))) == 10
        assert len(list(workers.imap_unordered(note, [path] * 10, 3))) == 10
        with open(path) as file:
            assert len(file.read()) == 41


def calls_back(mp, submit, result):
    """Fails unless a method calls back once with a result and once with an exception, in this process."""
    workers, called, wrong = shared(mp), SimpleQueue(), []

    def good(value):
        called.put((os.getpid(), value))

    def bad(error):
        called.put((os.getpid(), type(error), getattr(error, "args", None)))

    submit(workers, 2, good, wrong.append)
    assert called.get() == (os.getpid(), result)
    submit(workers, UNLUCKY, wrong.append, bad)
    assert called.get() == (os.getpid(), KeyError, (UNLUCKY,))
    workers.apply_async(square, (4,), {}, good)  # one thread handles results: a second call would have come by now
    assert called.get() == (os.getpid(), 16)
    assert (wrong, called.empty()) == ([], True)


@pool.scenario("apply_async.callbacks", doc=POOL + ".apply_async")
def apply_async_calls_back(mp):
    """apply_async() passes the result to callback, or the exception to error_callback, once and in the process that
    created the pool.
    """
    calls_back(mp, lambda workers, n, good, bad: workers.apply_async(square, (n,), {}, good, bad), 4)
    calls_back(mp, lambda workers, n, good, bad: workers.apply_async(square, [n], callback=good, error_callback=bad), 4)


@pool.scenario("map_async.callbacks", doc=POOL + ".map_async")
def map_async_calls_back(mp):
    """map_async() passes the list of all results to callback, or the exception to error_callback, once."""
    calls_back(mp, lambda workers, n, good, bad: workers.map_async(square, [1, n, 3], 1, good, bad), [1, 4, 9])
    calls_back(
        mp, lambda workers, n, good, bad: workers.map_async(square, [n, 1], callback=good, error_callback=bad), [4, 1]
    )
    calls_back(mp, lambda workers, n, good, bad: workers.map_async(square, [n] * 4, 1, good, bad), [4] * 4)


@pool.scenario("starmap_async.callbacks", doc=POOL + ".starmap_async")
def starmap_async_calls_back(mp):
    """starmap_async() passes the list of all results to callback, or the exception to error_callback, once."""
    calls_back(mp, lambda workers, n, good, bad: workers.starmap_async(product, [(n, 5)], 1, good, bad), [20])
    calls_back(
        mp, lambda workers, n, good, bad: workers.starmap_async(square, [[n]], callback=good, error_callback=bad), [4]
    )
    calls_back(mp, lambda workers, n, good, bad: workers.starmap_async(square, [(n,)] * 4, 1, good, bad), [4] * 4)


def called_back_without_items(workers, method):
    """Returns what is passed to callback if the iterable is empty."""
    called, later = [], SimpleQueue()
    assert method(square, [], callback=called.append).get() == []
    workers.apply_async(square, (4,), callback=later.put)
    later.get()  # one thread handles the results, so the first callback has returned
    return called


@pool.scenario("map_async.callback-empty", doc=POOL + ".map_async")
def an_empty_list_is_a_result(mp):
    """The result of map_async() is an empty list if the iterable is empty, and callback receives it."""
    workers = shared(mp)
    assert called_back_without_items(workers, workers.map_async) == [[]]


@pool.scenario("starmap_async.callback-empty", doc=POOL + ".starmap_async")
def an_empty_list_is_a_starred_result(mp):
    """The result of starmap_async() is an empty list if the iterable is empty, and callback receives it."""
    workers = shared(mp)
    assert called_back_without_items(workers, workers.starmap_async) == [[]]


@pool.scenario("map.iterables", doc=MAP)
def any_iterable_is_mapped(mp):
    """map() accepts any iterable, with or without a length, and returns an empty list if the iterable is empty."""
    workers = shared(mp)
    for iterable in [1, 2, 3], (4, 5), range(7), {8: "value"}, frozenset([9]), b"bytes", "":
        assert workers.map(recite, iterable) == [((item,), {}) for item in iterable]
    for count in 0, 1, 9:
        assert workers.map(func=square, iterable=iter(range(count))) == [n * n for n in range(count)]
    assert workers.map(square, (n for n in range(5)), chunksize=2) == [0, 1, 4, 9, 16]


@pool.scenario("starmap.unpacks", doc=POOL + ".starmap")
def any_item_is_unpacked(mp):
    """starmap() passes the elements of each item as arguments, and an item can be any iterable of any length."""
    workers = shared(mp)
    items = [(1, 2), [3], "abc", range(2), {4: "value"}, ()]
    assert workers.starmap(recite, items) == [(tuple(item), {}) for item in items]
    assert workers.starmap(func=recite, iterable=iter(items), chunksize=4) == [(tuple(item), {}) for item in items]


@pool.scenario("map.parallel", doc=MAP, chunksize=arg.one_of((), (1,)))
def map_is_parallel(mp, chunksize):
    """map() submits chunks as separate tasks: two items occupy two workers at the same time if chunksize is 1 or
    omitted.
    """
    from concurrent.futures import ThreadPoolExecutor

    workers = shared(mp)
    with gate() as door, ThreadPoolExecutor(1) as thread:
        mapped = thread.submit(workers.map, knock, [door.getsockname()] * 2, *chunksize)
        let_in(arrivals(door, 2))
        assert len(set(mapped.result())) == 2


@pool.scenario("map.chunks", doc=MAP)
def chunks_stay_together(mp):
    """A chunk is one task: map() and map_async() pass all of its items to the function in the same worker."""
    workers = shared(mp)
    assert of_one_chunk(workers, workers.map) == 1
    assert of_one_chunk(workers, workers.map_async) == 1


@pool.scenario("starmap.chunks", doc=POOL + ".starmap")
def starred_chunks_stay_together(mp):
    """A chunk is one task: starmap() and starmap_async() pass all of its items to the function in the same worker."""
    workers = shared(mp)
    assert of_one_chunk(workers, workers.starmap, lambda address: (address,)) == 1
    assert of_one_chunk(workers, workers.starmap_async, lambda address: (address,)) == 1


@pool.scenario("map.iterable-raises", doc=MAP)
def map_passes_on_errors_of_the_iterable(mp):
    """map() and starmap() raise an exception that the iterable itself raises, and the pool remains usable."""
    workers = shared(mp)
    for method in workers.map, workers.starmap:
        with raises(LookupError, "no more"):
            method(square, three_and_an_error())
    assert workers.map(square, [1, 2]) == [1, 4]


class Cut:
    """Three items, of which the second cannot be read."""

    def __len__(self):
        return 3

    def __iter__(self):
        yield (1,)
        raise LookupError("no more")


@pool.scenario("map.sized-iterable-raises", doc=MAP, method=arg.one_of("map", "starmap"))
def map_passes_on_errors_of_a_sized_iterable(mp, method):
    """map() and starmap() raise an exception that the iterable itself raises even if the iterable has a length."""
    with mp.Pool(1) as workers, raises(LookupError, "no more"):
        getattr(workers, method)(str, Cut())


class Liar(list):
    """A list that claims to be longer than it is."""

    def __len__(self):
        return 4


@pool.scenario(
    "map.lying-length",
    doc=MAP,
    doubt="an iterable whose length is not the number of its items has broken a promise of its own",
    method=arg.one_of("map", "starmap"),
)
def map_counts_items(mp, method):
    """map() and starmap() return a result for each item of the iterable even if its length says that there are more."""
    with mp.Pool(1) as workers:
        assert getattr(workers, method)(str, Liar(["a", "b", "c"]), 1) == ["a", "b", "c"]


@pool.scenario("result-unpicklable")
def results_that_do_not_pickle(mp):
    """Waiting for a result that cannot be pickled raises an exception, and the pool remains usable."""
    workers = shared(mp)
    for method, items in (workers.apply, (1,)), (workers.map, [1, 2]), (workers.starmap, [(1,)]):
        with raises(Exception):
            method(secret, items)
    for method in workers.imap, workers.imap_unordered:
        with raises(Exception):
            next(method(secret, [1]))
    assert workers.map(square, [1, 2, 3, 4]) == [1, 4, 9, 16]


@pool.scenario("task-unpicklable")
def tasks_that_do_not_pickle(mp):
    """Waiting for the result of a task that cannot be pickled raises an exception, and the pool remains usable."""
    workers = shared(mp)
    for method, items in (workers.apply, (1,)), (workers.map, [1, 2]), (workers.starmap, [(1,)]):
        with raises(Exception):
            method(secret(), items)
    for method in workers.imap, workers.imap_unordered:
        with raises(Exception):
            next(method(square, [secret()]))
    assert workers.map(square, [1, 2, 3, 4]) == [1, 4, 9, 16]
