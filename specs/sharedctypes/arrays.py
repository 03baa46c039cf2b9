"""Shared arrays: items of one type that several processes share.

A lock guards them as it guards the values of ``values``. Each item and each slice is read or stored
in one step. The types of the items and the ways to create an array are in ``items``.
"""

from __future__ import annotations

import ctypes

from conformance import Frozen, Spec, arg, blocks, call, child, laws, raises, replace, returns
from specs.sharedctypes.values import SYNCHRONIZED, Value, add_lock, ends_early, is_free, miscounted

ARRAY = "multiprocessing.Array"


class Array(Frozen):
    """A shared array of numbers, with an existing recursive lock.

    made: Array(typecode, size) creates a shared array of zeros; Array(typecode, sequence) creates one with the numbers
        of the sequence.
    inherited: A shared array passed as an argument to a new process refers to the same shared array in that process.
    """

    initial: object = 3  # size or sequence
    stored: tuple | None = None
    owner: int | None = None
    level: int = 0

    open_to, up, down = Value.open_to, Value.up, Value.down

    def items(self):
        zeros = (0,) * self.initial if isinstance(self.initial, int) else tuple(self.initial)
        return zeros if self.stored is None else self.stored

    def has(self, index):
        return -len(self.items()) <= index < len(self.items())

    def put(self, index, number):
        items = list(self.items())
        items[index] = number
        return replace(self, stored=tuple(items))


array = Spec(
    "array",
    Array,
    make=lambda mp, initial=3: mp.Array("i", initial, lock=mp.RLock()),  # the default lock may be of any kind
    documents=ARRAY,
    initial=arg.one_of(2, 3, (5, 6, 7), (-1, 8)),
)
INDEX = arg.one_of(0, 0, 1, -1, -2, 2, 3, -4)


def get_item(a, index):
    return a[index]


@array.op(get_item, doc=ARRAY, index=INDEX, weight=2)
def get(state, me, index):
    """Reads an item.

    tells: Reading an item of a shared array returns the number stored last at its index, which counts from the end if
        negative.
    outside: Reading an item of a shared array raises IndexError if the index is out of range.
    waits: Reading an item of a shared array blocks until the lock is released if another process owns it.
    """
    if not state.open_to(me):
        yield "waits", blocks
    if not state.has(index):
        yield "outside", raises(IndexError)
    elif state.open_to(me):
        yield "tells", returns(state.items()[index])


def set_item(a, index, number):
    a[index] = number


@array.op(set_item, doc=ARRAY, name="set", index=INDEX, number=arg.integers(-99, 99), weight=2)
def set_number(state, me, index, number):
    """Stores an item.

    stores: Setting an item of a shared array stores the number at its index for all processes, and changes no other
        item.
    outside: Setting an item of a shared array raises IndexError and changes nothing if the index is out of range.
    waits: Setting an item of a shared array blocks until the lock is released if another process owns it.
    """
    if not state.open_to(me):
        yield "waits", blocks
    if not state.has(index):
        yield "outside", raises(IndexError)
    elif state.open_to(me):
        yield "stores", returns(None), state.put(index, number)


def count_item(a, index):
    with a.get_lock():
        a[index] += 1
        return a[index]


@array.op(count_item, doc=ARRAY, index=arg.one_of(0, 1, -1), weight=3)
def increment(state, me, index):
    """Adds one to an item, in a with block of the lock that get_lock() returns.

    adds: Adding one to an item with += is atomic in a with block of the lock that get_lock() returns.
    waits: A with statement on the lock that get_lock() returns does not start its block until the lock is released if
        another process owns it.
    """
    if state.open_to(me):
        yield "adds", returns(state.items()[index] + 1), state.put(index, state.items()[index] + 1)
    else:
        yield "waits", blocks


def get_some(a, first, last):
    return a[first:last]


ENDS = arg.one_of(None, None, 0, 1, 2, -1)


@array.op(get_some, doc=ARRAY, name="slice", first=ENDS, last=ENDS, weight=2)
def get_slice(state, me, first, last):
    """Reads a slice.

    tells: Slicing a shared array returns a list of the items that the same slice selects from a list, all read in one
        step.
    waits: Slicing a shared array blocks until the lock is released if another process owns it.
    """
    if state.open_to(me):
        yield "tells", returns(list(state.items()[first:last]))
    else:
        yield "waits", blocks


def set_all(a, number):
    a[:] = [number] * len(a)


@array.op(set_all, doc=ARRAY, name="fill", number=arg.integers(-99, 99))
def set_slice(state, me, number):
    """Stores all items, through a slice.

    stores: Assigning to a slice of a shared array stores the numbers in all items of the slice, in one step.
    waits: Assigning to a slice of a shared array blocks until the lock is released if another process owns it.
    """
    if state.open_to(me):
        yield "stores", returns(None), replace(state, stored=(number,) * len(state.items()))
    else:
        yield "waits", blocks


@array.op(len, doc=ARRAY)
def length(state, me):
    """Returns the number of items.

    tells: len() returns the size with which the shared array was created, or the length of the sequence.
    """
    yield "tells", returns(len(state.items()))
    if not state.open_to(me):
        yield blocks  # undocumented: whether this acquires the lock


add_lock(array)
SET, GET = [call("set", 0, 7)], [call("get", 0)]
HOLD, FREE, ALL = [call("acquire")] + SET, [call("release")], [call("slice", first=None, last=None)]

array.pin(
    "reading and setting items wait for the owner of the lock",
    {0: HOLD},
    {1: GET, 2: [call("set", 1, 5)]},
    {0: ALL},
    {0: FREE},
    {0: ALL},
)
array.pin(
    "reading and setting all items at once wait for the owner of the lock",
    {0: HOLD},
    {1: ALL, 2: [call("fill", 9)]},
    {0: ALL},
    {0: FREE},
    {0: ALL},
)
array.pin(
    "an increment and a with statement wait for the with block of another process",
    {0: [call("enter")]},
    {1: [call("increment", 0)], 2: [call("enter")]},
    {0: [call("exit")]},
)
array.pin(
    "indices out of range, two processes at once, and one release too many",
    {0: [call("get", 3), call("set", -4, 1)]},
    {1: ALL, 2: SET},
    {1: [call("acquire")]},
    {1: FREE + FREE},
)


@array.stream(stuck="counted", actors=arg.integers(2, 3), times=arg.integers(50, 200))
def counting(actors, times):
    """Processes increment the same item as fast as they can, starting at zero."""
    return [[call("increment", index=0)] * times for _ in range(actors)]


@array.law(counting, "counted")
def no_count_is_lost(history):
    """No number is skipped or reached twice while several processes increment an item at full speed under the lock of
    the array.
    """
    return miscounted(history)


@array.stream(stuck="whole", make={"initial": 1000}, readers=arg.integers(1, 2), times=arg.integers(20, 60))
def rewriting(readers, times):
    """One process fills an array with one number after another, while others read all of it."""
    fills = [call("fill", number) for number in range(times * 4)]
    return [fills] + [ALL * times for _ in range(readers)]


@array.law(rewriting, "whole", doc=SYNCHRONIZED)
def slices_are_whole(history):
    """Slices are read and stored in one step: no process reads a slice of which another process has stored only a
    part.
    """
    for step in laws.picked(history, "slice"):
        met = set(step.value[1:-1].split(", "))
        if len(met) > 1:
            return "process %d read %s in one slice, which were never stored together" % (step.actor, sorted(met))
    return None


@array.scenario("wrapper.object", doc=SYNCHRONIZED)
def wrapped_array(mp):
    """get_obj() returns the wrapped ctypes array, which can be used without acquiring the lock."""
    from concurrent.futures import ThreadPoolExecutor

    a = mp.Array("i", [1, 2, 3])
    assert isinstance(a.get_obj(), ctypes.Array)
    a.get_obj()[1] = 5
    assert a[:] == [1, 5, 3]
    with a.get_lock(), ThreadPoolExecutor(1) as thread:
        assert thread.submit(lambda: a.get_obj()[:]).result() == [1, 5, 3]


def hold(a, told, more):
    with a.get_lock():
        told.send("held")
        more.recv()


@array.scenario("lock.new")
def array_has_its_own_lock(mp):
    """Array() creates a separate lock for each array, which works across processes, if lock is true, which is the
    default.
    """
    first, second = mp.Array("i", 1), mp.Array("i", 1, lock=True)
    reports, told = mp.Pipe(False)
    orders, more = mp.Pipe(False)
    with child(mp, hold, first, told, orders):
        assert reports.recv() == "held"
        assert [is_free(a.get_lock()) for a in (first, second)] == [False, True]
        more.send("go on")
    assert is_free(first.get_lock())


@array.scenario("lock.given", kind=arg.one_of("Lock", "RLock"))
def array_with_a_given_lock(mp, kind):
    """get_lock() returns the Lock or RLock passed as lock, and all accesses to the array acquire it."""
    lock = getattr(mp, kind)()
    a = mp.Array("i", [1, 2], lock=lock)
    assert a.get_lock() is lock
    accesses = [lambda: a[0], lambda: a[:], lambda: set_item(a, 1, 5), lambda: list(a)]
    assert ends_early(lock, *accesses) == []
    assert a[:] == [1, 5]
    assert is_free(lock)


def store_raw(a):
    a[1] = 5


@array.scenario("lock.none")
def array_without_a_lock(mp):
    """Array() returns the ctypes array itself if lock is false, and the array is shared nevertheless."""
    a = mp.Array("i", [1, 2], lock=False)
    assert isinstance(a, ctypes.Array)
    with child(mp, store_raw, a):
        pass
    assert a[:] == [1, 5]


@array.scenario("lock.keyword")
def array_lock_by_name_only(mp):
    """Array() accepts lock only by keyword, and raises TypeError if it is a positional argument or if there is any
    other keyword argument.
    """
    for lock in mp.Lock(), False, True:
        with raises(TypeError):
            mp.Array("i", 2, lock)
    with raises(TypeError):
        mp.Array("i", 2, locks=False)


@array.scenario("with.raises", doc=SYNCHRONIZED)
def array_block_that_raises(mp):
    """A with block of the wrapper holds the lock and releases it if an exception ends the block, and the exception
    propagates.
    """
    a = mp.Array("i", 2, lock=mp.RLock())
    with raises(KeyError), a:
        assert not is_free(a.get_lock())
        a[0] = 5
        raise KeyError("inside")
    assert is_free(a.get_lock())
    assert a[:] == [5, 0]
