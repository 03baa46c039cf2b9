"""The types of shared values: numbers of every type, and structures."""

import array as numbers
import ctypes
import gc

from conformance import child, raises
from specs.sharedctypes.values import SYNCHRONIZED, TYPECODES, Point, Record, ends_early, is_free, value

WHOLE = "bBhHiIlLqQ"  # typecodes of integers


@value.scenario("typecodes")
def typecodes(mp):
    """A typecode passed to Value() selects the same C type as in the array module, and the value holds any number of
    that type.
    """
    for code, kind in TYPECODES.items():
        assert type(mp.Value(code).get_obj()) is kind
    for code in WHOLE:
        size = numbers.array(code).itemsize
        assert ctypes.sizeof(mp.Value(code).get_obj()) == size
        low, high = (0, 256**size - 1) if code.isupper() else (-(256**size) // 2, 256**size // 2 - 1)
        assert [mp.Value(code, low).value, mp.Value(code, high).value] == [low, high]
    assert [mp.Value("u", "x").value, mp.Value("f", 0.5).value, mp.Value("d", 0.1).value] == ["x", 0.5, 0.1]


@value.scenario("typecodes.half", since=(3, 15))
def typecode_of_half_floats(mp):
    """Value() accepts the typecode e, which stands for a float of two bytes as in the array module."""
    assert mp.Value("e", 0.5).value == 0.5


OF_TYPES = (
    (ctypes.c_bool, True, False),
    (ctypes.c_char, b"x", b"\xff"),
    (ctypes.c_wchar, "y", "\u00e9"),
    (ctypes.c_int8, -128, 127),
    (ctypes.c_uint64, 2**64 - 1, 1),
    (ctypes.c_float, 0.25, -1.5),
    (ctypes.c_double, 2.4, 1 / 3),
)


def store_others(values):
    for v, (_, first, second) in zip(values, OF_TYPES):
        assert v.value == first
        v.value = second


@value.scenario("types")
def types(mp):
    """A shared value of any simple ctypes type holds its initial value, and then the value that another process
    stores.
    """
    values = [mp.Value(kind, first) for kind, first, _ in OF_TYPES]
    for v, (kind, first, _) in zip(values, OF_TYPES):
        assert type(v.get_obj()) is kind
        assert v.value == first
        assert type(v.value) is type(first)
    with child(mp, store_others, values) as process:
        pass
    assert process.exitcode == 0
    assert [v.value for v in values] == [second for _, _, second in OF_TYPES]


@value.scenario("zero")
def zero_by_default(mp):
    """Value() initializes the object to zero if only a type is given, even in memory that was in use before."""
    for kind, used in (ctypes.c_int, -1), (ctypes.c_bool, True), (ctypes.c_double, 1 / 3), (ctypes.c_uint64, 2**64 - 1):
        for _ in range(3):
            v = mp.Value(kind)
            assert v.value == kind().value
            v.value = used
            del v
            gc.collect()
    point = mp.Value(Point, 1.5, 2.5)
    del point
    gc.collect()
    assert (mp.Value(Point).x, mp.Value(Point).y) == (0.0, 0.0)


@value.scenario("arguments")
def arguments_are_passed_on(mp):
    """Value() passes all further arguments to the type, and raises TypeError if one has the wrong type or there are
    too many.
    """
    point = mp.Value(Point, 1.5)
    assert (point.x, point.y) == (1.5, 0.0)
    for wrong in ("i", "1"), ("i", 1.5), ("i", 1, 2), ("d", "1"), ("b", None), (ctypes.c_char, "text"), (Point, "1"):
        with raises(TypeError):
            mp.Value(*wrong)
    assert mp.Value("H", -3).value == 65533  # ctypes does not check for overflow


@value.scenario("refuses")
def refuses_other_types(mp):
    """Setting the value attribute to an object of the wrong type raises TypeError, and leaves the number unchanged
    and the lock released.
    """
    v = mp.Value("i", 5)
    for wrong in "6", 6.5, None:
        with raises(TypeError):
            v.value = wrong
    assert v.value == 5
    assert is_free(v.get_lock())


def change_record(record):
    assert (record.flag, record.name, record.at.x, record.counts[2]) == (True, b"first", 1.5, 3)
    record.flag, record.name, record.at = False, b"second", Point(3.5, 4.5)
    record.counts[2] = 7


@value.scenario("structure")
def structures_are_shared(mp):
    """Each field of a shared structure is an attribute of its own type, which processes share."""
    record = mp.Value(Record, True, b"first", Point(1.5, 2.5), (1, 2, 3))
    other = mp.Value(Record, False, b"other")
    with child(mp, change_record, record) as process:
        pass
    assert process.exitcode == 0
    assert (record.flag, record.name) == (False, b"second")
    assert (record.at.x, record.at.y, record.counts[:]) == (3.5, 4.5, [1, 2, 7])
    assert (other.flag, other.name, other.at.x, other.counts[:]) == (False, b"other", 0.0, [0, 0, 0])


@value.scenario("structure.waits", doc=SYNCHRONIZED)
def structures_wait(mp):
    """Reading or setting a field of a shared structure blocks while another thread holds its lock."""
    point = mp.Value(Point, 1.5, 2.5)
    setters = [lambda: setattr(point, "x", 3.5), lambda: setattr(point, "y", 4.5)]
    assert ends_early(point.get_lock(), lambda: point.x, lambda: point.y, *setters) == []
    assert (point.x, point.y) == (3.5, 4.5)
    assert is_free(point.get_lock())
