"""The iterators of a pool: results that are available one by one, while other tasks are still to come.

That all results come, in order from imap() and in any order from imap_unordered(), is in ``pools``.
"""

import threading
from time import monotonic

from conformance import Spec, arg, raises
from specs.pools.pools import (
    POOL,
    SHORT,
    SLACK,
    UNLUCKY,
    arrivals,
    gate,
    here,
    knock,
    let_in,
    of_one_chunk,
    shared,
    square,
    three_and_an_error,
)

IMAP, IMAP_UNORDERED = POOL + ".imap", POOL + ".imap_unordered"

imap = Spec("imap", documents=IMAP)


@imap.scenario("ordered.chunks")
def lazy_chunks_stay_together(mp):
    """A chunk is one task: imap() and imap_unordered() pass all of its items to the function in the same worker."""
    workers = shared(mp)
    assert of_one_chunk(workers, workers.imap) == 1
    assert of_one_chunk(workers, workers.imap_unordered) == 1


def named(item):
    name, address = item
    knock(address)
    return name


@imap.scenario("ordered.order", chunksize=arg.one_of(1, 2))
def the_order_is_kept(mp, chunksize):
    """imap() yields the results in the order of the items, even if results of later items are ready first."""
    workers = shared(mp)
    with gate() as door:
        it = workers.imap(named, [(0, door.getsockname())] + [(name, None) for name in range(1, 7)], chunksize)
        visitors = arrivals(door)
        workers.apply(here)  # the other worker has completed what was submitted before
        let_in(visitors)
        assert list(it) == list(range(7))


@imap.scenario("ordered.iterable-raises")
def imap_passes_on_errors_of_the_iterable(mp):
    """The iterator of imap() raises an exception that the iterable itself raises, after the results of all items
    before it, and then ends.
    """
    it = shared(mp).imap(square, three_and_an_error())
    assert [next(it), next(it), next(it)] == [1, 4, 9]
    with raises(LookupError, "no more"):
        next(it)
    with raises(StopIteration):
        next(it)


@imap.scenario("ordered.iterator")
def imap_returns_an_iterator(mp):
    """imap() returns an iterator that has a next() method with an optional timeout, and that stays exhausted once it
    is exhausted.
    """
    it = shared(mp).imap(func=square, iterable=[1, 2, 3])
    assert iter(it) is it
    assert [next(it), it.next(), it.next(timeout=3600)] == [1, 4, 9]
    for _ in range(2):
        with raises(StopIteration):
            next(it)


@imap.scenario("ordered.goes-on")
def imap_goes_on_after_an_exception(mp):
    """imap() returns an iterator that raises the exception of an item instead of returning its result, and then
    continues, if chunksize is 1.
    """
    it = shared(mp).imap(square, [1, UNLUCKY, 3])
    assert next(it) == 1
    with raises(KeyError, UNLUCKY):
        next(it)
    assert list(it) == [9]


@imap.scenario("unordered.goes-on", doc=IMAP_UNORDERED)
def imap_unordered_goes_on_after_an_exception(mp):
    """imap_unordered() returns an iterator that raises the exception of an item instead of returning its result, and
    then continues, if chunksize is 1.
    """
    it, got = shared(mp).imap_unordered(square, [1, UNLUCKY, 3]), []
    for _ in range(3):
        try:
            got.append(next(it))
        except KeyError as error:
            got.append(error.args[0])
    assert sorted(got) == [1, 9, UNLUCKY]
    with raises(StopIteration):
        next(it)


def before_the_end(method):
    """Returns the results for items of which the last comes only after the first result."""
    first = threading.Event()

    def items():
        yield from range(4)
        first.wait()
        yield 4

    it = method(square, items())
    try:
        result = next(it)
    finally:
        first.set()
    return sorted([result, *it])


@imap.scenario("ordered.lazy")
def imap_does_not_wait_for_the_end(mp):
    """imap() yields results before the iterable is exhausted."""
    assert before_the_end(shared(mp).imap) == [0, 1, 4, 9, 16]


@imap.scenario("unordered.lazy", doc=IMAP_UNORDERED)
def imap_unordered_does_not_wait_for_the_end(mp):
    """imap_unordered() yields results before the iterable is exhausted."""
    assert before_the_end(shared(mp).imap_unordered) == [0, 1, 4, 9, 16]


def with_a_late_end(method):
    """Returns the results for an iterable that ends a while after its last result, while another is waited for."""
    had = threading.Event()

    def items():
        yield 2
        had.wait()
        threading.Event().wait(SHORT)

    it = method(square, items())
    try:
        result = next(it)
    finally:
        had.set()
    return [result, *it]


@imap.scenario("ordered.late-end")
def imap_tells_of_a_late_end(mp):
    """next() on an imap() iterator raises StopIteration if the iterable ends while next() waits for a result."""
    assert with_a_late_end(shared(mp).imap) == [4]


@imap.scenario("unordered.late-end", doc=IMAP_UNORDERED)
def imap_unordered_tells_of_a_late_end(mp):
    """next() on an imap_unordered() iterator raises StopIteration if the iterable ends while next() waits for a
    result.
    """
    assert with_a_late_end(shared(mp).imap_unordered) == [4]


def keeps_its_deadline(mp, method):
    """Fails unless next() times out no earlier than promised; returns the results that come after that."""
    with gate() as door:
        it = method(knock, [door.getsockname(), None])
        visitors = arrivals(door)
        for _ in range(2):  # without an order, the result of the other task may come first
            started = monotonic()
            try:
                it.next(timeout=SHORT)
            except mp.TimeoutError:
                assert monotonic() - started >= SHORT - SLACK
                break
        else:
            raise AssertionError("TimeoutError was promised")
        let_in(visitors)
        return list(it)


@imap.scenario("ordered.timeout")
def imap_gives_up(mp):
    """The next() method of an imap() iterator raises TimeoutError once timeout seconds have elapsed, and no earlier.
    The result can be retrieved later.
    """
    assert len(keeps_its_deadline(mp, shared(mp).imap)) == 2


@imap.scenario("unordered.timeout", doc=IMAP_UNORDERED)
def imap_unordered_gives_up(mp):
    """The next() method of an imap_unordered() iterator raises TimeoutError once timeout seconds have elapsed, and no
    earlier. The result can be retrieved later.
    """
    assert len(keeps_its_deadline(mp, shared(mp).imap_unordered)) in (1, 2)


@imap.scenario("unordered.one-worker", doc=IMAP_UNORDERED, chunksize=arg.one_of(1, 2))
def one_worker_keeps_the_order(mp, chunksize):
    """imap_unordered() yields the results in the order of the items if the pool has only one worker."""
    workers = shared(mp, 1)
    it = workers.imap_unordered(square, range(10), chunksize)
    workers.apply(here)  # by now, results are waiting
    assert list(it) == [n * n for n in range(10)]
