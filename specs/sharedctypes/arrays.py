"""Shared arrays: items of one type that several processes share.

A lock guards them as it guards the values of ``values``. Each item and each slice is read or stored
in one step, and an array of chars can also be used as a byte string.
"""

from __future__ import annotations

import array as numbers
import ctypes
import gc
from functools import partial
from random import Random

from conformance import Frozen, Spec, arg, blocks, call, child, laws, raises, replace, returns
from specs.sharedctypes.values import SYNCHRONIZED, TYPECODES, Point, Value, add_lock, ends_early, is_free, miscounted

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

array.pin({0: HOLD}, {1: GET, 2: [call("set", 1, 5)]}, {0: ALL}, {0: FREE}, {0: ALL})
array.pin({0: HOLD}, {1: ALL, 2: [call("fill", 9)]}, {0: ALL}, {0: FREE}, {0: ALL})
array.pin({0: [call("enter")]}, {1: [call("increment", 0)], 2: [call("enter")]}, {0: [call("exit")]})
array.pin({0: [call("get", 3), call("set", -4, 1)]}, {1: ALL, 2: SET}, {1: [call("acquire")]}, {1: FREE + FREE})


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


@array.scenario("typecodes")
def array_typecodes(mp):
    """A typecode passed to Array() selects the same C type as in the array module, and c selects c_char."""
    for code, kind in list(TYPECODES.items()) + [("c", ctypes.c_char)]:
        a = mp.Array(code, 2)
        assert (a.get_obj()._type_, len(a), a[:]) == (kind, 2, (kind * 2)()[:])
    assert mp.Array("d", (0.1, 2.5))[:] == [0.1, 2.5]
    assert mp.Array("u", "word")[:] == "word"


@array.scenario("typecodes.half", since=(3, 15))
def array_of_half_floats(mp):
    """Array() accepts the typecode e, which stands for floats of two bytes as in the array module."""
    assert mp.Array("e", [0.5, -2])[:] == [0.5, -2.0]


@array.scenario("typecodes.unsupported", since=(3, 13))
def array_without_w(mp):
    """Array() raises an exception if the typecode is w, which is not supported."""
    with raises(Exception):  # of an undocumented type
        mp.Array("w", 3)


@array.scenario("zeroed", size=arg.one_of(0, 1, 700_000))
def array_of_zeros(mp, size):
    """Array() creates an array of zeros if a size is given, even in memory that was in use before."""
    for _ in range(3):
        a = mp.Array(ctypes.c_uint64, size)
        assert len(a) == size
        assert a.get_obj()[:] == [0] * size
        ctypes.memset(a.get_obj(), 255, 8 * size)
        del a
        gc.collect()


@array.scenario("sequence")
def array_of_a_sequence(mp):
    """Array() creates an array with the length and the items of a sequence, which can be of any type and can be
    empty.
    """
    for given in (
        [3, 1, 2],
        (4, 5),
        range(3),
        numbers.array("h", [6, 7]),
        b"bytes",
        (),
        [True],
        (ctypes.c_int * 2)(8, 9),
    ):
        a = mp.Array("i", given)
        assert (len(a), a[:], list(a)) == (len(given), list(given), list(given))


@array.scenario("slices")
def slices_of_any_kind(mp):
    """Slices of a shared array with any bounds and any step read and store the same items as slices of a list."""
    a, model = mp.Array("h", range(8)), list(range(8))
    for part in slice(2, 5), slice(None, None, 2), slice(-3, None), slice(5, 1, -2), slice(3, 3), slice(4, 99):
        assert a[part] == model[part]
        new = [number + 10 for number in model[part]]
        a[part] = new
        model[part] = new
        assert a[:] == model


@array.scenario("refuses")
def array_refuses(mp):
    """Creating an array with an item of the wrong type, or storing one, raises TypeError, and leaves the items
    unchanged and the lock released.
    """
    a = mp.Array("i", [1, 2])
    with raises(TypeError):
        mp.Array("i", [1, "2"])
    with raises(TypeError):
        a[0] = "3"
    assert a[:] == [1, 2]
    with raises(IndexError):
        a[2]
    assert is_free(a.get_lock())


def capitalize(chars):
    chars.value = chars.value.upper()


@array.scenario("chars", code=arg.one_of("c", ctypes.c_char))
def arrays_of_chars(mp, code):
    """An array of chars has the attributes value, its bytes before the first null byte, and raw, all of its bytes.
    Both can be set, and processes share them.
    """
    chars = mp.Array(code, 8)
    assert (chars.value, chars.raw) == (b"", bytes(8))
    chars.value = b"hello"
    assert (chars.value, chars.raw) == (b"hello", b"hello\0\0\0")
    chars.raw = b"a\0b\0c\0d\0"
    assert (chars.value, chars.raw, chars[2], len(chars)) == (b"a", b"a\0b\0c\0d\0", b"b", 8)
    chars[1] = b"-"
    assert (chars.value, chars[:4]) == (b"a-b", b"a-b\0")
    full = mp.Array(code, b"full")
    assert (full.value, full.raw, len(full)) == (b"full", b"full", 4)
    with child(mp, capitalize, chars):
        pass
    assert (chars.value, chars.raw) == (b"A-B", b"A-B\0c\0d\0")


@array.scenario("chars.wait", doc=SYNCHRONIZED)
def chars_wait(mp):
    """Reading or setting value or raw of an array of chars blocks while another thread or process holds the lock."""
    chars, other = mp.Array("c", b"before"), mp.Array("c", b"before")
    for a, name in (chars, "value"), (other, "raw"):
        assert ends_early(a.get_lock(), partial(getattr, a, name), partial(setattr, a, name, b"after!")) == []
        assert getattr(a, name) == b"after!"
        assert is_free(a.get_lock())


def square(points):
    for point in points:
        point.x **= 2
        point.y **= 2


@array.scenario("structures")
def array_of_structures(mp):
    """The items of an array of structures are the structures themselves, whose fields any process can set."""
    points = mp.Array(Point, [(1.5, -0.5), (-5.0, 2.0), (2.5, 9.5)])
    with child(mp, square, points):
        pass
    assert [(point.x, point.y) for point in points] == [(2.25, 0.25), (25.0, 4.0), (6.25, 90.25)]


def store_at(a, *indexes):
    for index in indexes:
        a[index] = index % 100


@array.scenario("large", size=arg.one_of(5_000, 600_000, 6_000_000))
def large_arrays(mp, size):
    """A shared array of any size is shared from its first item to its last, and does not overlap in memory with other
    arrays.
    """
    before, a, after = (mp.Array("b", b"\x7f" * 9), mp.Array("b", size), mp.Array("b", b"\x7f" * 9))
    with child(mp, store_at, a, 0, 1, size // 2, size - 1):
        pass
    assert [a[0], a[1], a[size // 2], a[size - 1]] == [0, 1, size // 2 % 100, 99]
    assert before[:] == after[:] == [127] * 9


@array.scenario("distinct", seed=arg.integers(0, 9999))
def arrays_come_and_go(mp, seed):
    """Arrays of any size keep exactly what is stored in them while arrays are created and deleted in any order."""
    random, kept = Random(seed), []
    for number in range(300):
        filled = bytes([number % 256]) * random.choice((0, 1, 7, 8, 9, 24, 500, 5000))
        kept.append((mp.Array("B", filled, lock=False), filled))
        if random.random() < 0.8:
            del kept[random.randrange(len(kept))]
        assert [bytes(a) for a, _ in kept[::7]] == [filled for _, filled in kept[::7]]
    assert [bytes(a) for a, _ in kept] == [filled for _, filled in kept]


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
