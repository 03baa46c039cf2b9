"""The items of shared arrays: their types, how many there are, and what of a list or of a byte string an array has."""

import array as numbers
import ctypes
import gc
from functools import partial
from random import Random

from conformance import arg, child, raises
from specs.sharedctypes.arrays import array
from specs.sharedctypes.values import SYNCHRONIZED, TYPECODES, Point, ends_early, is_free


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
    """Reading or setting value or raw of an array of chars blocks while another thread holds the lock."""
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
