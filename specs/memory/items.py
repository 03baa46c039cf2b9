"""The items of shareable lists: how they are read, set, and found, as in a list of a fixed length."""

from conformance import arg, raises
from specs.memory.lists import LIST, SIX, listed, opened, shown, spec


@spec.scenario("length.fixed")
def the_length_is_fixed(mp):
    """len() returns the number of values, which is fixed: no value can be appended, inserted, removed or deleted."""
    for length in 0, 1, 5, 1000:
        with listed(mp, range(length)) as shared, opened(mp, name=shared.shm.name) as again:
            assert (len(shared), len(again)) == (length, length)
    with listed(mp, [1, 2, 3]) as shared:
        for method, args in ("append", [4]), ("insert", [0, 4]), ("extend", [[4]]), ("remove", [1]), ("pop", []):
            with raises(Exception):
                getattr(shared, method)(*args)
        with raises(Exception):
            del shared[0]
        assert (len(shared), list(shared)) == (3, [1, 2, 3])


@spec.scenario("getitem.position")
def read_by_position(mp):
    """Reading an item of a ShareableList returns the value at its index, which counts from the end if negative."""
    with listed(mp, SIX) as shared:
        for position in range(-len(SIX), len(SIX)):
            assert repr(shared[position]) == repr(SIX[position])


@spec.scenario("getitem.beyond-last")
def nothing_beyond_the_last(mp):
    """Reading beyond the last value of a ShareableList raises IndexError."""
    for values in [], ["only"], SIX:
        with listed(mp, values) as shared:
            for position in len(values), len(values) + 1, 10**6:
                with raises(IndexError):
                    shared[position]


@spec.scenario("getitem.before-first")
def nothing_before_the_first(mp):
    """Reading before the first value of a ShareableList raises IndexError."""
    with listed(mp, [7, 8]) as shared:
        for position in -3, -4, -100:
            with raises(IndexError):
                shared[position]


@spec.scenario("getitem.slice")
def no_slices(mp):
    """Slicing a ShareableList raises an exception, and so does assigning to a slice, which changes no value."""
    with listed(mp, [1, 2, 3]) as shared:
        for part in slice(0, 2), slice(None), slice(1, None):
            with raises(Exception):
                shared[part]
        with raises(Exception):
            shared[0:2] = [4, 5]
        assert list(shared) == [1, 2, 3]


@spec.scenario("setitem.position")
def set_by_position(mp):
    """Setting an item of a ShareableList stores the value at its index, which counts from the end if negative, and
    changes no other value.
    """
    expected = list(SIX)
    with listed(mp, SIX) as shared:
        for position in range(-len(SIX), len(SIX)):
            shared[position] = expected[position] = position
            assert shown(shared) == shown(expected)


@spec.scenario("setitem.types")
def types_change(mp):
    """Setting an item of a ShareableList can replace a value of any type with one of any other type, and changes no
    other value.
    """
    for position in range(len(SIX)):
        expected = list(SIX)
        with listed(mp, SIX) as shared:
            for value in [*SIX, *reversed(SIX), -(2**63), 0.0, False, "", "howdy", None, b"", b"HoWdY"]:
                shared[position] = expected[position] = value
                assert shown(shared) == shown(expected)


@spec.scenario("setitem.shorter")
def shorter_strings_leave_room(mp):
    """Setting an item can replace a string or bytes with something shorter or of another type, and later with
    something as long as the original.
    """
    for length in 1, 7, 8, 9, 40, 1001:
        text, data = "s" * length, b"b" * length
        with listed(mp, [text, data, "end"]) as shared, opened(mp, name=shared.shm.name) as again:
            for first, second in (text[1:], data[1:]), (data, text), (1, None), (text, data), (b"", ""), (data, text):
                shared[0], shared[1] = first, second
                assert (list(shared), list(again)) == ([first, second, "end"], [first, second, "end"])


@spec.scenario("setitem.too-long", value=arg.one_of("longer " * 20, b"longer " * 20))
def longer_than_the_room(mp, value):
    """Setting an item to a string or bytes too long for the space of the old value raises ValueError, and no value
    changes.
    """
    values = [*SIX, "a somewhat longer string", b"somewhat longer bytes"]
    with listed(mp, values) as shared:
        before = shared.format
        for position in range(-len(values), len(values)):
            with raises(ValueError):
                shared[position] = value
            assert (shown(shared), shared.format) == (shown(values), before)
        shared[6] = "short"
        with raises(ValueError):
            shared[6] = value
        assert shared[6] == "short"


@spec.scenario("setitem.non-ascii")
def room_counts_in_bytes(mp):
    """Setting an item to a string stores the whole string, and raises ValueError only if its UTF-8 encoding is longer
    than the original string.
    """
    with listed(mp, ["a string of 25 characters", 77]) as shared:
        expected = shared[0]
        for value in [character * length for length in range(1, 40) for character in ("\xe9", "\u20ac", "\U0001f600")]:
            try:
                shared[0] = value
            except ValueError:
                assert (len(value.encode("utf-8")) > 25) is True
            else:
                expected = value
            assert list(shared) == [expected, 77]


@spec.scenario("setitem.other-types")
def others_are_not_set(mp):
    """Setting an item to a value of an unsupported type, or to an int that does not fit in 64 bits, raises an
    exception.
    """
    with listed(mp, ["before", "value", 3]) as shared:
        for value in [1], (1,), {}, 1j, object(), bytearray(b"bytes"):
            with raises(Exception):
                shared[1] = value
            assert list(shared) == ["before", "value", 3]
        for value in 2**63, -(2**63) - 1:
            with raises(Exception):
                shared[2] = value
            assert (shared[0], shared[1]) == ("before", "value")


@spec.scenario("setitem.beyond-last")
def nothing_is_set_beyond_the_last(mp):
    """Setting an item beyond the last value of a ShareableList raises IndexError and changes nothing."""
    for values in [], ["only"], SIX:
        with listed(mp, values) as shared:
            for position in len(values), len(values) + 1, 10**6:
                with raises(IndexError):
                    shared[position] = 1
            assert shown(shared) == shown(values)


@spec.scenario("setitem.before-first")
def nothing_is_set_before_the_first(mp):
    """Setting an item before the first value of a ShareableList raises IndexError and changes nothing."""
    with listed(mp, [7, 8]) as shared:
        for position in -3, -4, -100:
            with raises(IndexError):
                shared[position] = 1
        assert list(shared) == [7, 8]


@spec.scenario("iteration")
def iterated(mp):
    """Iterating over a ShareableList yields the values from first to last, any number of times, and the in operator
    finds them.
    """
    with listed(mp, SIX) as shared:
        for _ in range(2):
            assert [repr(value) for value in shared] == shown(SIX)
        assert [value in shared for value in (100, None, b"HoWdY", "HoWdY", 101, b"")] == [True] * 3 + [False] * 3


@spec.scenario("count.occurrences", doc=LIST + ".count")
def occurrences_are_counted(mp):
    """count() returns the number of occurrences of a value, which is zero if it does not occur."""
    with listed(mp, [42, "howdy", None, 42, b"HoWdY", "howdy", 42, 2.5]) as shared:
        counts = [shared.count(value) for value in (42, "howdy", None, b"HoWdY", 2.5, b"howdy", "HoWdY", 43, [42])]
        assert counts == [3, 2, 1, 1, 1, 0, 0, 0, 0]
        shared[0] = "howdy"
        assert (shared.count(42), shared.count("howdy")) == (2, 3)


@spec.scenario("index.first", doc=LIST + ".index")
def the_first_is_found(mp):
    """index() returns the first index at which a value occurs."""
    values = [42, "howdy", None, 42, b"HoWdY", "howdy", 2.5]
    with listed(mp, values) as shared:
        for value in values:
            assert shared.index(value) == values.index(value)
        shared[0] = "howdy"
        assert (shared.index(42), shared.index("howdy")) == (3, 0)


@spec.scenario("index.missing", doc=LIST + ".index")
def what_is_not_there(mp):
    """index() raises ValueError if the value is not in the list."""
    for values in [], [42, "howdy", None]:
        with listed(mp, values) as shared:
            for value in 43, b"howdy", "", 2.5:
                with raises(ValueError):
                    shared.index(value)
