"""Wrappers: synchronized() adds a lock to a ctypes object of any kind."""

import ctypes

from conformance import child, module, raises
from specs.sharedctypes.raw import Chars, Pair
from specs.sharedctypes.sharedctypes import fields, sharedctypes
from specs.sharedctypes.values import SYNCHRONIZED, Point, ends_early, is_free


class Number(ctypes.Union):
    _fields_ = [("whole", ctypes.c_int64), ("parts", ctypes.c_uint8 * 8)]


class Rectangle(ctypes.Structure):
    _fields_ = [("x", ctypes.c_int), ("y", ctypes.c_int)]

    def area(self):
        return self.x * self.y


class Box(Rectangle):
    _fields_ = [("z", ctypes.c_int)]


RAW = (ctypes.c_int, 5), (Pair, 1, 2), (Point, 3.5, 4.5), (Chars, *b"chars")  # one for each kind of wrapper


@sharedctypes.scenario("synchronized.kinds", doc=SYNCHRONIZED)
def wrappers_of_all_kinds(mp):
    """A synchronized wrapper is used like the ctypes object that it wraps: a simple object, an array, a structure or
    a union.
    """
    made = module(mp, "sharedctypes")
    raw = [made.RawValue(*args) for args in (*RAW, (Rectangle, 3, 4), (Number, 0))]
    number, pair, point, chars, rectangle, union = (made.synchronized(obj, ctx=mp) for obj in raw)
    number.value, pair[0], chars.value, point.x, rectangle.x, union.whole = number.value + 1, 3, b"cd", 5, 6, -1
    assert (number.value, pair[:], len(pair)) == (6, [3, 2], 2)
    assert (chars.value, chars.raw) == (b"cd", b"cd\0rs")
    assert [fields(point), fields(rectangle), union.parts[:]] == [(5.0, 4.5), (6, 4), [255] * 8]


@sharedctypes.scenario("synchronized.plain", doc=SYNCHRONIZED)
def wrappers_of_plain_objects(mp):
    """synchronized() accepts a ctypes object even if it is not in shared memory."""
    number, point = ctypes.c_int(5), Point(1, 2)
    made = module(mp, "sharedctypes")
    made.synchronized(number, ctx=mp).value += 1
    made.synchronized(point, mp.Lock()).y = 3
    assert (number.value, point.y) == (6, 3.0)


@sharedctypes.scenario("synchronized.methods", doc=SYNCHRONIZED)
def wrappers_have_the_methods(mp):
    """A synchronized wrapper has the methods of the object that it wraps."""
    assert module(mp, "sharedctypes").synchronized(Rectangle(3, 4), ctx=mp).area() == 12


@sharedctypes.scenario("synchronized.base-fields", doc=SYNCHRONIZED)
def wrappers_have_the_fields_of_bases(mp):
    """A synchronized wrapper of a structure has all fields of the structure, even those defined in its base class."""
    box = module(mp, "sharedctypes").synchronized(Box(3, 4, 5), ctx=mp)
    box.x = box.z
    assert (box.x, box.y, box.z) == (5, 4, 5)


@sharedctypes.scenario("synchronized.object", doc=SYNCHRONIZED)
def get_obj_returns_the_object(mp):
    """get_obj() returns the wrapped object itself, whatever its type."""
    made = module(mp, "sharedctypes")
    for obj in made.RawValue("i", 5), made.RawArray("i", 2), made.RawArray("b", 2), made.RawValue(Point):
        assert made.synchronized(obj, ctx=mp).get_obj() is obj


@sharedctypes.scenario("synchronized.given", doc=SYNCHRONIZED)
def wrappers_take_a_given_lock(mp):
    """get_lock() returns the lock passed to synchronized(), and every read and write of a value blocks while another
    thread holds it.
    """
    made = module(mp, "sharedctypes")
    for lock in mp.RLock(), mp.Lock():
        number, pair, point, chars = wrappers = [made.synchronized(made.RawValue(*args), lock) for args in RAW]
        assert [w.get_lock() is lock for w in wrappers] == [True] * 4
        assert made.synchronized(ctypes.c_int(), lock=lock).get_lock() is lock
        reads = [lambda: number.value, lambda: pair[0], lambda: point.x, lambda: chars.value]  # noqa: B023
        writes = [
            lambda: setattr(number, "value", 6),  # noqa: B023
            lambda: pair.__setitem__(0, 7),  # noqa: B023
            lambda: setattr(point, "x", 8.0),  # noqa: B023
            lambda: setattr(chars, "value", b"9"),  # noqa: B023
        ]
        assert ends_early(lock, *reads, *writes) == []
        assert (number.value, pair[0], point.x, chars.value) == (6, 7, 8.0, b"9")


@sharedctypes.scenario("synchronized.default", doc=SYNCHRONIZED)
def wrappers_make_a_lock(mp):
    """synchronized() creates a separate RLock of the given context for each wrapper if lock is None, which is the
    default.
    """
    made = module(mp, "sharedctypes")
    number = made.RawValue("i", 5)
    wrappers = [
        made.synchronized(number, ctx=mp),
        made.synchronized(number, None, mp),
        made.synchronized(number, lock=None, ctx=mp),
    ]
    first, *others = [w.get_lock() for w in wrappers]
    assert [type(lock) for lock in (first, *others)] == [type(mp.RLock())] * 3
    with first, first:
        assert [is_free(lock) for lock in (first, *others)] == [False, True, True]


def find_locked(*wrappers):
    assert [w.get_lock().acquire(False) for w in wrappers] == [False] * len(wrappers)
    number, pair, point, chars = (w.get_obj() for w in wrappers)
    assert (number.value, pair[:], fields(point), chars.raw) == (5, [1, 2], (3.5, 4.5), b"chars")
    number.value, pair[1], point.y, chars.value = 6, 7, 8.5, b"new"


@sharedctypes.scenario("synchronized.shared", doc=SYNCHRONIZED)
def wrappers_are_shared(mp):
    """A synchronized wrapper passed as an argument to a new process refers to the same lock and the same object in
    that process.
    """
    made = module(mp, "sharedctypes")
    number, pair, point, chars = wrappers = [made.synchronized(made.RawValue(*args), ctx=mp) for args in RAW]
    with number, pair, point, chars, child(mp, find_locked, *wrappers) as process:
        pass
    assert process.exitcode == 0
    assert (number.value, pair[:], fields(point), chars.raw) == (6, [1, 7], (3.5, 8.5), b"new\0s")


@sharedctypes.scenario("synchronized.with", doc=SYNCHRONIZED)
def wrappers_are_context_managers(mp):
    """A with block of a synchronized wrapper holds the lock and releases it at the end, even if an exception ends the
    block. The exception propagates.
    """
    made = module(mp, "sharedctypes")
    for args in RAW:
        w = made.synchronized(made.RawValue(*args), ctx=mp)
        with w:
            assert not is_free(w.get_lock())
        assert is_free(w.get_lock())
        with raises(KeyError), w:
            raise KeyError("inside")
        assert is_free(w.get_lock())
