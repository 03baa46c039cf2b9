"""Shared ctypes: what shared values and arrays are built on, for ctypes objects of any kind.

Raw objects are in shared memory and have no lock; a synchronized wrapper adds one. The wrappers
themselves are described in ``values`` and ``arrays``.
"""

import ctypes
import gc

from conformance import Spec, arg, child, module, program, raises
from specs.sharedctypes.values import TYPECODES, Point, Record, ends_early, is_free

SHAREDCTYPES = "multiprocessing.sharedctypes"
RAW_VALUE, RAW_ARRAY = SHAREDCTYPES + ".RawValue", SHAREDCTYPES + ".RawArray"
VALUE, ARRAY = SHAREDCTYPES + ".Value", SHAREDCTYPES + ".Array"
COPY, SYNCHRONIZED = SHAREDCTYPES + ".copy", SHAREDCTYPES + ".synchronized"
SHARED = "library/multiprocessing#shared-ctypes-objects"

Pair, Chars = ctypes.c_short * 2, ctypes.c_char * 5

sharedctypes = Spec("sharedctypes", documents=SHAREDCTYPES)


class Number(ctypes.Union):
    _fields_ = [("whole", ctypes.c_int64), ("parts", ctypes.c_uint8 * 8)]


class Rectangle(ctypes.Structure):
    _fields_ = [("x", ctypes.c_int), ("y", ctypes.c_int)]

    def area(self):
        return self.x * self.y


class Box(Rectangle):
    _fields_ = [("z", ctypes.c_int)]


def fields(point):
    return point.x, point.y


@sharedctypes.scenario("raw_value.types", doc=RAW_VALUE)
def raw_values_of_any_type(mp):
    """RawValue() creates an object of the given ctypes type, or of the type that the typecode selects in the array
    module.
    """
    raw_value = module(mp, "sharedctypes").RawValue
    for code, kind in TYPECODES.items():
        number = 7 if kind is not ctypes.c_wchar else "7"
        for obj in raw_value(code, number), raw_value(kind, number):
            assert type(obj) is kind
            assert obj.value == number
    assert type(raw_value(Point)) is Point
    assert type(raw_value(Pair)) is Pair


@sharedctypes.scenario("raw_value.arguments", doc=RAW_VALUE)
def raw_value_passes_arguments_on(mp):
    """RawValue() passes all further arguments to the type, such as the fields of a structure, and raises TypeError if
    one has the wrong type or there are too many.
    """
    raw_value = module(mp, "sharedctypes").RawValue
    assert raw_value("d", 2.4).value == 2.4
    assert fields(raw_value(Point, 4, 6)) == (4.0, 6.0)
    assert raw_value(Pair, 8, 9)[:] == [8, 9]
    for wrong in ("i", "4"), ("i", 4, 6), (Point, "4"):
        with raises(TypeError):
            raw_value(*wrong)


@sharedctypes.scenario("raw_value.zero", doc=RAW_VALUE)
def raw_values_start_at_zero(mp):
    """RawValue() sets the object, or each field of a structure, to zero if no argument is given for it, even in
    memory that was in use before.
    """
    raw_value = module(mp, "sharedctypes").RawValue
    for _ in range(3):
        number, point = raw_value("i"), raw_value(Point, 1)
        assert (number.value, fields(point)) == (0, (1.0, 0.0))
        number.value, point.y = -1, 2
        del number, point
        gc.collect()


def change_raw(number, point, record, pair):
    assert (number.value, fields(point), record.name, pair[:]) == (5, (1.5, 2.5), b"first", [1, 2])
    number.value, point.y, record.name, record.at.x, pair[1] = 6, 3.5, b"second", 4.5, 7


@sharedctypes.scenario("raw_value.shared", doc=RAW_VALUE)
def raw_values_are_shared(mp):
    """A raw object passed as an argument to a new process refers to the same raw object in that process."""
    raw_value = module(mp, "sharedctypes").RawValue
    number, point, pair = raw_value("i", 5), raw_value(Point, 1.5, 2.5), raw_value(Pair, 1, 2)
    record = raw_value(Record, True, b"first")
    with child(mp, change_raw, number, point, record, pair) as process:
        pass
    assert process.exitcode == 0
    assert (number.value, fields(point), pair[:]) == (6, (1.5, 3.5), [1, 7])
    assert (record.flag, record.name, fields(record.at)) == (True, b"second", (4.5, 0.0))


@sharedctypes.scenario("raw_array.types", doc=RAW_ARRAY)
def raw_arrays_of_any_type(mp):
    """RawArray() creates a ctypes array with items of the given ctypes type, or of the type that the typecode selects
    in the array module.
    """
    raw_array = module(mp, "sharedctypes").RawArray
    for code, kind in TYPECODES.items():
        for a in raw_array(code, 3), raw_array(kind, 3):
            assert isinstance(a, ctypes.Array)
            assert (a._type_, len(a), ctypes.sizeof(a)) == (kind, 3, 3 * ctypes.sizeof(kind))
    assert [fields(point) for point in raw_array(Point, [(1, 2), (3, 4)])] == [(1.0, 2.0), (3.0, 4.0)]


@sharedctypes.scenario("raw_array.zeroed", doc=RAW_ARRAY, size=arg.one_of(0, 3, 100_000))
def raw_arrays_start_at_zero(mp, size):
    """RawArray() creates an array of zeros if a size is given, even in memory that was in use before."""
    for _ in range(3):
        a = module(mp, "sharedctypes").RawArray("h", size)
        assert a[:] == [0] * size
        ctypes.memset(a, 255, ctypes.sizeof(a))
        del a
        gc.collect()


@sharedctypes.scenario("raw_array.sequence", doc=RAW_ARRAY)
def raw_arrays_of_sequences(mp):
    """RawArray() creates an array with the length and the items of a sequence, which can be of any type and can be
    empty.
    """
    raw_array = module(mp, "sharedctypes").RawArray
    for given in (9, 2, 8), [1], range(4), b"bytes", (), Pair(5, 6):
        a = raw_array("i", given)
        assert (len(a), a[:]) == (len(given), list(given))
    with raises(TypeError):
        raw_array("i", ["9"])


@sharedctypes.scenario("raw_array.chars", doc=SHARED)
def raw_arrays_of_chars(mp):
    """A raw array of chars has the attributes value, its bytes before the first null byte, and raw, all of its bytes.
    Both can be set.
    """
    chars = module(mp, "sharedctypes").RawArray(ctypes.c_char, 5)
    chars.value = b"ab"
    assert (chars.value, chars.raw) == (b"ab", b"ab\0\0\0")
    chars.raw = b"c\0d\0e"
    assert (chars.value, chars.raw) == (b"c", b"c\0d\0e")


def change_raw_arrays(items, points, chars):
    assert (items[:], len(points), chars.raw) == ([1, 2, 3], 2, b"word")
    items[1], points[1].y, chars.value = 5, 2.5, b"new"


@sharedctypes.scenario("raw_array.shared", doc=RAW_ARRAY)
def raw_arrays_are_shared(mp):
    """A raw array passed as an argument to a new process refers to the same raw array in that process."""
    raw_array = module(mp, "sharedctypes").RawArray
    items, points, chars = raw_array("i", [1, 2, 3]), raw_array(Point, 2), raw_array(ctypes.c_char, b"word")
    with child(mp, change_raw_arrays, items, points, chars) as process:
        pass
    assert process.exitcode == 0
    assert (items[:], chars.raw) == ([1, 5, 3], b"new\0")
    assert [fields(point) for point in points] == [(0.0, 0.0), (0.0, 2.5)]


def change_raw_pair(pairs):
    pairs[1][0] = 7


@sharedctypes.scenario("raw_array.nested", doc=RAW_ARRAY)
def raw_arrays_of_arrays(mp):
    """A raw array whose items are arrays is shared between processes like any other."""
    pairs = module(mp, "sharedctypes").RawArray(Pair, 3)
    with child(mp, change_raw_pair, pairs):
        pass
    assert [pair[:] for pair in pairs] == [[0, 0], [7, 0], [0, 0]]


def be_locked_by_default(mp, make):
    """Fails unless each object created with the default lock has a lock of its own."""
    first, second, third = make(ctx=mp), make(ctx=mp), make(lock=True, ctx=mp)
    with first.get_lock():
        assert [is_free(each.get_lock()) for each in (first, second, third)] == [False, True, True]
    assert is_free(first.get_lock())


def take_given_locks(mp, make, access):
    """Fails unless the object has the given lock and accesses acquire it."""
    for lock in mp.Lock(), mp.RLock():
        obj = make(lock=lock, ctx=mp)
        assert obj.get_lock() is lock
        assert ends_early(lock, lambda: access(obj)) == []  # noqa: B023 - called before the loop continues


@sharedctypes.scenario("value.lock", doc=VALUE)
def value_has_a_lock(mp):
    """Value() returns a wrapper with a lock of its own if lock is true, which is the default."""
    module_value = module(mp, "sharedctypes").Value
    be_locked_by_default(mp, lambda **kwargs: module_value("i", 5, **kwargs))
    v = module_value("i", 5, ctx=mp)
    v.value += 1
    assert (v.value, type(v.get_obj())) == (6, ctypes.c_int)


@sharedctypes.scenario("value.given", doc=VALUE)
def value_takes_a_given_lock(mp):
    """Value() returns a wrapper that synchronizes accesses with the Lock or RLock passed as lock."""
    module_value = module(mp, "sharedctypes").Value
    take_given_locks(mp, lambda **kwargs: module_value(Point, 1.5, **kwargs), lambda point: point.x)


@sharedctypes.scenario("value.raw", doc=VALUE)
def value_without_a_lock(mp):
    """Value() returns the ctypes object itself, without a wrapper, if lock is false."""
    module_value = module(mp, "sharedctypes").Value
    v = module_value("i", 5, lock=False)
    assert (type(v), v.value) == (ctypes.c_int, 5)
    assert fields(module_value(Point, 1, 2, lock=False)) == (1.0, 2.0)


@sharedctypes.scenario("value.keyword", doc=VALUE)
def value_keywords(mp):
    """Value() accepts lock and ctx only by keyword: positional arguments go to the type, and too many of them raise
    TypeError.
    """
    for more in (False,), (mp.Lock(),), (True, mp):
        with raises(TypeError):
            module(mp, "sharedctypes").Value("i", 5, *more)


def change_synchronized(v, a):
    v.value += 1  # undocumented: whether the default lock of this module is recursive
    a[1] = 7


@sharedctypes.scenario("value.context", doc=VALUE)
def value_of_a_context(mp):
    """Value() creates its lock in the context ctx, so that the object can be passed to processes of that context."""
    made = module(mp, "sharedctypes")
    v = made.Value("i", 5, ctx=mp)
    assert type(v.get_lock()) is type(mp.RLock())
    with child(mp, change_synchronized, v, [0, 0]) as process:
        pass
    assert (process.exitcode, v.value) == (0, 6)


@sharedctypes.scenario("array.lock", doc=ARRAY)
def array_has_a_lock(mp):
    """Array() returns a wrapper with a lock of its own if lock is true, which is the default."""
    module_array = module(mp, "sharedctypes").Array
    be_locked_by_default(mp, lambda **kwargs: module_array("i", 5, **kwargs))
    a = module_array("i", [1, 2], ctx=mp)
    a[0] = 5
    assert (a[:], len(a), a.get_obj()._type_) == ([5, 2], 2, ctypes.c_int)


@sharedctypes.scenario("array.given", doc=ARRAY)
def array_takes_a_given_lock(mp):
    """Array() returns a wrapper that synchronizes accesses with the Lock or RLock passed as lock."""
    module_array = module(mp, "sharedctypes").Array
    take_given_locks(mp, lambda **kwargs: module_array("i", 5, **kwargs), lambda a: a[0])


@sharedctypes.scenario("array.raw", doc=ARRAY)
def array_without_a_lock(mp):
    """Array() returns the ctypes array itself, without a wrapper, if lock is false."""
    a = module(mp, "sharedctypes").Array("i", [1, 2], lock=False)
    assert isinstance(a, ctypes.Array)
    assert a[:] == [1, 2]


@sharedctypes.scenario("array.keyword", doc=ARRAY)
def array_keywords(mp):
    """Array() accepts lock and ctx only by keyword, and raises TypeError if they are positional arguments."""
    for more in (False,), (mp.Lock(),), (True, mp):
        with raises(TypeError):
            module(mp, "sharedctypes").Array("i", 5, *more)


@sharedctypes.scenario("array.context", doc=ARRAY)
def array_of_a_context(mp):
    """Array() creates its lock in the context ctx, so that the array can be passed to processes of that context."""
    made = module(mp, "sharedctypes")
    v, a = made.RawValue("i"), made.Array("i", 2, ctx=mp)
    with child(mp, change_synchronized, made.synchronized(v, a.get_lock(), ctx=mp), a) as process:
        pass
    assert (process.exitcode, v.value, a[:]) == (0, 1, [0, 7])


def copy_truly(mp, *originals):
    """Fails unless a copy of each object has the same type and the same contents."""
    for original in originals:
        obj = original()
        copied = module(mp, "sharedctypes").copy(obj)
        assert type(copied) is type(obj)
        assert [bytes(copied), bytes(obj)] == [bytes(original())] * 2


@sharedctypes.scenario("copy.equal", doc=COPY)
def copies_are_equal(mp):
    """copy() returns an object with the same type and contents as the given ctypes object, which is unchanged."""
    copy_truly(mp, lambda: ctypes.c_int(-5), lambda: ctypes.c_double(0.1), lambda: ctypes.c_char(b"x"))
    copy_truly(mp, lambda: Point(1.5, 2.5), lambda: Record(True, b"name", Point(1.5, 2.5), (1, 2, 3)))


@sharedctypes.scenario("copy.array", doc=COPY)
def arrays_are_copied(mp):
    """copy() copies ctypes arrays, whatever the type of their items."""
    copy_truly(mp, lambda: (Point * 2)(Point(1, 2), Point(3, 4)), lambda: Pair(1, 2), lambda: Chars(*b"a\0b"))


@sharedctypes.scenario("copy.independent", doc=COPY)
def copies_are_independent(mp):
    """Changing a copy does not change the original, and changing the original does not change the copy, even if both
    are shared.
    """
    made = module(mp, "sharedctypes")
    number, point = made.RawValue("i", 5), made.RawValue(Point, 1, 2)
    copied, copied_point = made.copy(number), made.copy(point)
    number.value, point.x = 6, 7
    assert (copied.value, fields(copied_point)) == (5, (1.0, 2.0))
    copied.value, copied_point.y = 8, 9
    assert (number.value, fields(point)) == (6, (7.0, 2.0))


def change_copies(point, number):
    assert (fields(point), number.value) == ((1.5, 2.5), 5)
    point.x, number.value = 3.5, 6


@sharedctypes.scenario("copy.shared", doc=COPY)
def copies_are_shared(mp):
    """copy() returns a shared object even if the original is not: a copy passed as an argument to a new process
    refers to the same copy in that process.
    """
    made = module(mp, "sharedctypes")
    point, number = Point(1.5, 2.5), ctypes.c_int(5)
    copied, copied_number = made.copy(point), made.copy(number)
    with child(mp, change_copies, copied, copied_number) as process:
        pass
    assert (process.exitcode, fields(copied), copied_number.value) == (0, (3.5, 2.5), 6)
    assert (fields(point), number.value) == ((1.5, 2.5), 5)


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
    """get_lock() returns the lock passed to synchronized(), and every access blocks while another thread or process
    holds it.
    """
    made = module(mp, "sharedctypes")
    for lock in mp.RLock(), mp.Lock():
        number, pair, point, chars = wrappers = [made.synchronized(made.RawValue(*args), lock) for args in RAW]
        assert [w.get_lock() is lock for w in wrappers] == [True] * 4
        assert made.synchronized(ctypes.c_int(), lock=lock).get_lock() is lock
        reads = [lambda: number.value, lambda: pair[0], lambda: point.x, lambda: chars.value]  # noqa: B023
        assert ends_early(lock, *reads) == []


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


CURRENT_CONTEXT = """
import sys
from conformance import module

def change(v, a, w):
    v.value += 1
    a[0] = 5
    with w:
        w.value = 7

if __name__ == "__main__":
    mp.set_start_method(sys.argv[1])
    made = module(mp.get_context(), "sharedctypes")
    v, a, w = made.Value("i", 2), made.Array("i", 1), made.synchronized(made.RawValue("i"))
    process = mp.Process(target=change, args=(v, a, w))
    process.start()
    process.join()
    print(v.value, a[0], w.value)
"""


@sharedctypes.scenario("current-context")
def current_context(mp):
    """Value(), Array() and synchronized() create locks of the current context if ctx is not given, so that the
    objects can be passed to a Process of the module.
    """
    ended = program(CURRENT_CONTEXT, mp.get_start_method())
    assert (ended.status, ended.output) == (0, "3 5 7\n")


OF_THE_MAIN_MODULE = """
import ctypes, sys

class Place(ctypes.Structure):
    _fields_ = [("x", ctypes.c_int), ("y", ctypes.c_int)]

def move(place, places):
    place.x += 10
    for each in places:
        each.y += 20

if __name__ == "__main__":
    mp.set_start_method(sys.argv[1])
    place, places = mp.Value(Place, 1, 2), mp.Array(Place, [(3, 4), (5, 6)])
    process = mp.Process(target=move, args=(place, places))
    process.start()
    process.join()
    print(place.x, place.y, *((each.x, each.y) for each in places))
"""


@sharedctypes.scenario("of-the-main-module")
def structures_of_the_main_module(mp):
    """The type of a shared object can be a structure that the main module of the program defines."""
    ended = program(OF_THE_MAIN_MODULE, mp.get_start_method())
    assert (ended.status, ended.output) == (0, "11 2 (3, 24) (5, 26)\n")


def modify(n, x, s, points):
    n.value **= 2
    x.value **= 2
    s.value = s.value.upper()
    for point in points:
        point.x **= 2
        point.y **= 2


@sharedctypes.scenario("together")
def many_objects_with_one_lock(mp):
    """A process can modify shared objects of all kinds, even if several share a Lock, and its parent sees the
    changes.
    """
    made, lock = module(mp, "sharedctypes"), mp.Lock()
    n, x = made.Value("i", 7, ctx=mp), made.Value(ctypes.c_double, 1.0 / 3.0, lock=False)
    s = made.Array("c", b"hello world", lock=lock)
    points = made.Array(Point, [(1.875, -6.25), (-5.75, 2.0), (2.375, 9.5)], lock=lock)
    with child(mp, modify, n, x, s, points):
        pass
    assert (n.value, x.value, s.value) == (49, (1.0 / 3.0) ** 2, b"HELLO WORLD")
    assert [fields(point) for point in points] == [(3.515625, 39.0625), (33.0625, 4.0), (5.640625, 90.25)]
