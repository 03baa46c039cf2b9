"""Pools: worker processes that carry out tasks, and hand back what the tasks return or raise.

In the relation, threads of one process submit tasks to one pool at the same time, and each thread
gets the results of its own calls. What else holds for a single call is in ``tasks``, what the asynchronous
methods return in ``results`` and ``iterators``, and how pools start and end in ``workers``.
"""

import os
import socket
from contextlib import contextmanager
from functools import lru_cache

from conformance import Frozen, Secret, Spec, arg, call, raises, returns

POOL = "multiprocessing.pool.Pool"

UNLUCKY = 13  # tasks fail if given this number
SHORT = 0.012  # a timeout that elapses, in seconds
SLACK = 0.001  # tolerance of the clock, in seconds


def square(number):
    if number == UNLUCKY:
        raise KeyError(number)
    return number * number


def product(number, factor):
    return square(number) * factor


class Pool(Frozen):
    """A pool of worker processes.

    made: Pool(processes) creates a pool.
    """

    processes: int = 1


def finish(workers):
    workers.terminate()
    workers.join()


pool = Spec(
    "pool",
    Pool,
    make=lambda mp, processes: mp.Pool(processes),
    unmake=finish,
    documents=POOL,
    threads=True,
    cost=60,
    processes=arg.one_of(1, 2),
)


def pairs(first, count):
    return [(number, 3) for number in range(first, first + count)]


def outcome(tasks, result):
    if UNLUCKY in tasks:
        yield "raises", raises(KeyError, UNLUCKY)
    else:
        yield "returns", returns(result)


one = {"number": arg.one_of(0, 1, 2, -7, 10**20, UNLUCKY)}
some = {"first": arg.integers(0, 20), "count": arg.integers(0, 12), "chunksize": arg.one_of(1, 2, 5, 100)}


@pool.op(lambda workers, number: workers.apply(square, (number,)), **one)
def apply(state, me, number):
    """Calls a function in a worker.

    returns: apply() waits until the function returns, and returns its result.
    raises: apply() raises the exception that the function raises.
    """
    yield from outcome([number], number * number)


@pool.op(lambda workers, number: workers.apply_async(square, (number,)).get(), **one)
def apply_async(state, me, number):
    """Calls a function in a worker, without waiting for the result.

    returns: apply_async() returns a result whose get() method returns the result of the function.
    raises: apply_async() returns a result whose get() method raises the exception that the function raises.
    """
    yield from outcome([number], number * number)


@pool.op(
    lambda workers, first, count, *size, **named: workers.map(square, range(first, first + count), *size, **named),
    name="map",
    **some,
)
def map_items(state, me, first, count, chunksize=None):
    """Calls a function with each item of an iterable, in the workers.

    returns: map() returns a list of the results of the function, in the order of the items, for any chunksize.
    raises: map() raises the exception that the function raises for an item.
    """
    numbers = range(first, first + count)
    yield from outcome(numbers, [number * number for number in numbers])


@pool.op(
    lambda workers, first, count, *size, **named: workers.map_async(
        square, range(first, first + count), *size, **named
    ).get(),
    **some,
)
def map_async(state, me, first, count, chunksize=None):
    """Does what map() does, without waiting for the results.

    returns: map_async() returns a result whose get() method returns a list of the results of the function, in the order
        of the items, for any chunksize.
    raises: map_async() returns a result whose get() method raises the exception that the function raises for an item.
    """
    yield from map_items(state, me, first, count)


@pool.op(
    lambda workers, first, count, *size, **named: workers.starmap(product, pairs(first, count), *size, **named), **some
)
def starmap(state, me, first, count, chunksize=None):
    """Calls a function with the elements of each item as arguments, in the workers.

    returns: starmap() returns a list of the results of the function, in the order of the items, for any chunksize.
    raises: starmap() raises the exception that the function raises for an item.
    """
    numbers = range(first, first + count)
    yield from outcome(numbers, [number * number * 3 for number in numbers])


@pool.op(
    lambda workers, first, count, *size, **named: workers.starmap_async(
        product, pairs(first, count), *size, **named
    ).get(),
    **some,
)
def starmap_async(state, me, first, count, chunksize=None):
    """Does what starmap() does, without waiting for the results.

    returns: starmap_async() returns a result whose get() method returns a list of the results of the function, in the
        order of the items, for any chunksize.
    raises: starmap_async() returns a result whose get() method raises the exception that the function raises for an
        item.
    """
    yield from starmap(state, me, first, count)


@pool.op(
    lambda workers, first, count, *size, **named: list(
        workers.imap(square, range(first, first + count), *size, **named)
    ),
    **some,
)
def imap(state, me, first, count, chunksize=1):
    """Calls a function with each item of an iterable, in the workers, and returns an iterator.

    returns: imap() returns an iterator that yields the results of the function, in the order of the items, for any
        chunksize.
    raises: imap() returns an iterator that raises the exception that the function raises for an item.
    """
    yield from map_items(state, me, first, count)


@pool.op(
    lambda workers, first, count, *size, **named: sorted(
        workers.imap_unordered(square, range(first, first + count), *size, **named)
    ),
    **some,
)
def imap_unordered(state, me, first, count, chunksize=1):
    """Does what imap() does, in any order.

    returns: imap_unordered() returns an iterator that yields the result of the function once for each item, in any
        order, for any chunksize.
    raises: imap_unordered() returns an iterator that raises the exception that the function raises for an item.
    """
    yield from map_items(state, me, first, count)


# All clauses, with overlapping calls: pools cost so much that a run plays only a few of their scripts.
pool.pin(
    "map(), imap() and starmap_async() at once, first without a task that fails, then with one",
    {0: [call("map", 0, 12)], 1: [call("imap", 20, 12)], 2: [call("starmap_async", 40, 12, 5)]},
    {0: [call("map", 9, 9, 1)], 1: [call("imap", 9, 9)], 2: [call("starmap_async", 13, 2)]},
    processes=2,
)
pool.pin(
    "starmap(), imap_unordered() and map_async() at once, first without a task that fails, then with one",
    {0: [call("starmap", 0, 12, 2)], 1: [call("imap_unordered", 20, 12)], 2: [call("map_async", 40, 12)]},
    {0: [call("starmap", 9, 9)], 1: [call("imap_unordered", 9, 9, 2)], 2: [call("map_async", 13, 1)]},
    processes=2,
)
pool.pin(
    "apply() and apply_async() at once with a single worker, first without a task that fails, then with some",
    {0: [call("apply_async", 2)], 1: [call("apply_async", 3)], 2: [call("apply", 4)]},
    {0: [call("apply_async", UNLUCKY)], 1: [call("apply", 5)], 2: [call("apply", UNLUCKY)]},
    processes=1,
)


@lru_cache(maxsize=None)
def shared(mp, processes=2):
    """A pool for scenarios that only submit tasks; it ends with the stage."""
    return mp.Pool(processes)


def here(*_):
    return os.getpid()


@contextmanager
def gate():
    """A socket at whose address tasks wait; once a task has arrived there, it is known to have started."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener


def knock(address):
    """A task that waits at the gate with this address, if there is one, until it is admitted."""
    if address is not None:
        with socket.create_connection(address) as visitor:
            visitor.recv(1)
    return os.getpid()


def arrivals(door, count=1):
    return [door.accept()[0] for _ in range(count)]


def let_in(visitors):
    for visitor in visitors:
        with visitor:
            visitor.sendall(b".")


def note(path, *_):
    with open(path, "a") as file:
        file.write(".")


def of_one_chunk(workers, method, item=lambda address: address):
    """Returns the number of processes that handle the items of one chunk, the first of which waits."""
    from concurrent.futures import ThreadPoolExecutor

    with gate() as door, ThreadPoolExecutor(1) as thread:
        addresses = [door.getsockname()] + [None] * 9
        submitted = thread.submit(method, knock, [item(address) for address in addresses], chunksize=100)
        visitors = arrivals(door)
        workers.apply(here)  # the other worker would have completed what was submitted before
        let_in(visitors)
        chunk = submitted.result()
        return len(set(chunk.get() if hasattr(chunk, "get") else chunk))


def three_and_an_error():
    yield from [1, 2, 3]
    raise LookupError("no more")


def secret(number=0):
    return Secret()
