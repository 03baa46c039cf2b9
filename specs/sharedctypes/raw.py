"""Raw objects: ctypes objects in shared memory that have no lock, and copies, which are raw objects as well."""

import ctypes
import gc

from conformance import arg, child, module, raises
from specs.sharedctypes.sharedctypes import SHAREDCTYPES, fields, sharedctypes
from specs.sharedctypes.values import TYPECODES, Point, Record

RAW_VALUE, RAW_ARRAY, COPY = SHAREDCTYPES + ".RawValue", SHAREDCTYPES + ".RawArray", SHAREDCTYPES + ".copy"
SHARED = "library/multiprocessing#shared-ctypes-objects"

Pair, Chars = ctypes.c_short * 2, ctypes.c_char * 5


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
    """Changing a copy does not change the original, and changing the original does not change the copy."""
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
