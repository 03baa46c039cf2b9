"""Shareable lists: lists whose values are in a block of shared memory, for all processes that attach to it.

A ShareableList has a fixed length and holds numbers, booleans, strings, bytes and None; otherwise it is like a list.
The blocks themselves are in ``shared_memory``, and the managers that create such lists are in ``managers``.
"""

import pickle
import struct
from contextlib import contextmanager

from conformance import Spec, arg, child, module, raises
from specs.memory.shared_memory import quietly, reserved

LIST = "multiprocessing.shared_memory.ShareableList"

spec = Spec("shareablelist", documents=LIST)

SIX = [100, -273.154, True, "howdy", b"HoWdY", None]
"""A value of every type, none larger than the room of a number."""

VALUES = [0, -1, 2**63 - 1, -(2**63), 1.5, -0.0, float("inf"), 5e-324, True, False, None, "", b"", "a\x00b", b"\0\xff"]
VALUES += ["\xe9t\xe9", "\u20ac", "\U0001f600"]
VALUES += ["s" * length for length in range(1, 18)] + [b"b" * length for length in range(1, 18)]


@contextmanager
def opened(mp, *args, **options):
    """An instance of a list, which is closed at the end."""
    shared = module(mp, "shared_memory").ShareableList(*args, **options)
    try:
        yield shared
    finally:
        quietly(shared.shm.close)


@contextmanager
def listed(mp, values):
    """A new list, which does not outlive the scenario."""
    with reserved(mp) as name, opened(mp, values, name=name) as shared:
        yield shared


def shown(values):
    """Returns the values as text, which distinguishes their types and the two zeros."""
    return [repr(value) for value in values]


# ------------------------------------------------------------------ what a list contains


@spec.scenario("values.kept")
def values_are_kept(mp):
    """A ShareableList preserves the values and types of int objects of up to 64 bits, and of float, bool, str, bytes
    and None.
    """
    with listed(mp, VALUES) as shared:
        assert shown(shared) == shown(VALUES)


@spec.scenario("values.large", size=arg.one_of(100_000, 1_000_003, 9_000_000))
def large_values_are_kept(mp, size):
    """A ShareableList preserves strings and bytes of several megabytes, and the values beside them."""
    data = bytes(range(1, 251)) * (size // 250 + 1)
    values = ["first", data[:size], "s" * size, "last"]
    with listed(mp, values) as shared:
        assert (list(shared) == values) is True


def kept(mp, value):
    """Whether a list preserves a value; the name of the exception if the list cannot be created or read."""
    try:
        with listed(mp, [value]) as shared:
            return shared[0] == value
    except Exception as error:
        return type(error).__name__


@spec.scenario("values.just-below-10m")
def the_largest_value(mp):
    """A ShareableList preserves bytes whose length is just below ten million."""
    assert [kept(mp, b"x" * length) for length in (9_999_991, 9_999_999)] == [True, True]


@spec.scenario("values.trailing-null", doc="multiprocessing.shared_memory.ShareableList")
def null_characters_at_the_end(mp):
    """A ShareableList preserves null characters at the end of a string, and null bytes at the end of bytes."""
    values = ["text\x00", b"bytes\x00\x00", "\x00", b"\x00"]
    with listed(mp, values) as shared:
        assert list(shared) == values


@spec.scenario("values.non-ascii")
def strings_of_any_language(mp):
    """A ShareableList preserves whole strings, however many bytes their characters take in UTF-8."""
    values = ["\xe9" * 9, "\u20ac\u20ac\u20ac", "\U0001f600" * 20]
    with listed(mp, values) as shared:
        assert list(shared) == values


@spec.scenario("values.other-types")
def other_types_are_refused(mp):
    """ShareableList(sequence) raises an exception if a value has an unsupported type or is an int that does not fit
    in 64 bits.
    """
    for value in [1], (1,), {}, 1j, object(), bytearray(b"bytes"), 2**63, -(2**63) - 1:
        with reserved(mp) as name, raises(Exception):
            module(mp, "shared_memory").ShareableList(["before", value, 3], name=name).shm.close()


@spec.scenario("sequence.any", kind=arg.one_of("list", "tuple", "range"))
def made_of_any_sequence(mp, kind):
    """ShareableList(sequence) creates a list from any sequence, even an empty one, and from the characters of a
    string.
    """
    sequence = {"list": [5, 6, 7], "tuple": (5, 6, 7), "range": range(5, 8)}[kind]
    with listed(mp, sequence) as shared:
        assert list(shared) == [5, 6, 7]
    with listed(mp, "alpha") as shared:
        assert list(shared) == ["a", "l", "p", "h", "a"]
    with listed(mp, sequence[:0]) as shared:
        assert (len(shared), list(shared)) == (0, [])


@spec.scenario("sequence.copied")
def the_sequence_is_copied(mp):
    """ShareableList(sequence) copies the values of the sequence: a later change to one does not affect the other."""
    sequence = [1, 2, 3]
    with listed(mp, sequence) as shared:
        sequence[0] = 10
        shared[1] = 20
        assert (sequence, list(shared)) == ([10, 2, 3], [1, 20, 3])


# ------------------------------------------------------------------ names, blocks, other processes


@spec.scenario("name.given", attributes=arg.one_of(True, False))
def a_list_under_a_name(mp, attributes):
    """ShareableList(sequence, name=name) creates the list in a new block with that name, or with a novel name if name
    is None, which is the default.
    """
    with reserved(mp) as name, opened(mp, [1, 2], name=name) as shared:
        assert shared.shm.name == name
        with opened(mp, (3, 4)) as second, opened(mp, sequence=[5], name=None) as third:
            try:
                assert len({name, second.shm.name, third.shm.name}) == 3
                assert [list(each) for each in (shared, second, third)] == [[1, 2], [3, 4], [5]]
            finally:
                quietly(second.shm.unlink, third.shm.unlink)


@spec.scenario("name.taken")
def names_are_unique(mp):
    """ShareableList(sequence, name=name) raises FileExistsError if the name is in use, and leaves the existing list
    unchanged.
    """
    with listed(mp, ["here", 1]) as shared:
        for sequence in [2, 3, 4], []:
            with raises(FileExistsError):
                module(mp, "shared_memory").ShareableList(sequence, name=shared.shm.name)
        assert list(shared) == ["here", 1]


@spec.scenario("name.attaches", explicit=arg.one_of(False, True))
def attached_by_name(mp, explicit):
    """ShareableList(name=name) attaches to the existing list with that name if sequence is omitted or None."""
    with listed(mp, VALUES) as shared, opened(mp, *[None] if explicit else [], name=shared.shm.name) as again:
        assert (len(again), again.shm.name, again.format) == (len(VALUES), shared.shm.name, shared.format)
        assert shown(again) == shown(VALUES)


@spec.scenario("name.missing")
def nothing_to_attach_to(mp):
    """ShareableList(name=name) raises FileNotFoundError and creates nothing if there is no list with that name."""
    with reserved(mp) as name:
        for _ in range(2):
            with raises(FileNotFoundError):
                module(mp, "shared_memory").ShareableList(name=name)


@spec.scenario("attached.shares")
def instances_share_the_values(mp):
    """A value set through one instance of a ShareableList is visible through all instances, even if its type or
    length changes.
    """
    with listed(mp, ["first", 2, b"third", None]) as one, opened(mp, name=one.shm.name) as other:
        expected = ["first", 2, b"third", None]
        for writer, position, value in (one, 0, 1.5), (other, -1, "four"), (other, 0, "1st"), (one, 2, False):
            writer[position] = expected[position] = value
            assert (shown(one), shown(other)) == (shown(expected), shown(expected))
            assert one.format == other.format


def double(mp, name):
    with opened(mp, name=name) as shared:
        for position, value in enumerate(shared):
            shared[position] = value * 2


@spec.scenario("attached.processes")
def processes_share_the_values(mp):
    """A process that attaches to a ShareableList by name reads its values, and other processes read what that process
    sets.
    """
    with listed(mp, [1, 2.5, "to", b"\x01", 21]) as shared:
        with child(mp, double, mp, shared.shm.name) as p:
            pass
        assert (p.exitcode, list(shared)) == (0, [2, 5.0, "toto", b"\x01\x01", 42])


def replace_all(shared, value):
    for position in range(len(shared)):
        shared[position] = value
    shared.shm.close()


@spec.scenario("pickle.argument")
def passed_to_a_process(mp):
    """A ShareableList passed as an argument to a new process refers to the same ShareableList in that process."""
    with listed(mp, list(range(5))) as shared:
        with child(mp, replace_all, shared, "set") as p:
            pass
        assert (p.exitcode, list(shared)) == (0, ["set"] * 5)


@spec.scenario("pickle.same-list", protocol=arg.one_of(2, 5))
def pickled(mp, protocol):
    """A pickled ShareableList is unpickled as an instance of the same type, attached to the same list."""
    with listed(mp, list(range(10))) as shared:
        again = pickle.loads(pickle.dumps(shared, protocol))
        try:
            assert (type(again), again.shm.name) == (type(shared), shared.shm.name)
            assert list(again) == list(range(10))
            shared[0], again[1] = -1, "two"
            assert (list(shared)[:3], list(again)[:3]) == ([-1, "two", 2], [-1, "two", 2])
        finally:
            quietly(again.shm.close)


@spec.scenario("shm.holds-values", doc=LIST + ".shm")
def values_are_in_the_block(mp):
    """The attribute shm is the SharedMemory that stores the values of the list: its bytes determine them."""
    with listed(mp, ["howdy", 5, None]) as shared:
        assert isinstance(shared.shm, module(mp, "shared_memory").SharedMemory)
        before = bytes(shared.shm.buf)
        shared[0], shared[1] = "there", 6
        shared.shm.buf[:] = before
        assert list(shared) == ["howdy", 5, None]


@spec.scenario("shm.unlinks", doc=LIST + ".shm")
def lists_end_with_their_block(mp):
    """Attaching to a ShareableList raises FileNotFoundError once its block has been unlinked through the attribute
    shm.
    """
    with listed(mp, [1, 2]) as shared:
        shared.shm.close()
        shared.shm.unlink()
        with raises(FileNotFoundError):
            module(mp, "shared_memory").ShareableList(name=shared.shm.name)


# ------------------------------------------------------------------ like a list


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


# ------------------------------------------------------------------ how values are stored


def encoded(values):
    """Returns the values in the form in which struct packs them."""
    return [value.encode("utf-8") if isinstance(value, str) else value for value in values]


def stripped(values):
    """Returns unpacked values without the padding that struct adds to bytes."""
    return [value.rstrip(b"\x00") if isinstance(value, bytes) else value for value in values]


@spec.scenario("format.packs", doc=LIST + ".format")
def format_is_that_of_struct(mp):
    """The attribute format is a struct format that packs all current values, and unpacks them again."""
    values = [7, 2.5, True, "text", b"data", -(2**63), "a somewhat longer string", b"somewhat longer bytes"]
    with listed(mp, values) as shared, opened(mp, name=shared.shm.name) as again:
        for position, value in (0, 0.125), (3, 3), (5, "short"), (7, False), (1, b"1"):
            for each in shared, again:
                assert isinstance(each.format, str)
                packed = struct.pack(each.format, *encoded(values))
                assert stripped(struct.unpack(each.format, packed)) == encoded(values)
            shared[position] = values[position] = value


@spec.scenario("format.read-only", doc=LIST + ".format")
def the_format_stays(mp):
    """The attribute format is read-only: setting it raises AttributeError."""
    with listed(mp, [1, "two"]) as shared:
        before = shared.format
        with raises(AttributeError):
            shared.format = "qq"
        assert shared.format == before


@spec.scenario("repr")
def shown_as_text(mp):
    """repr() of a ShareableList shows the type, the values and the name of the block."""
    with listed(mp, [1, "two", None]) as shared:
        for part in type(shared).__name__, repr([1, "two", None]), repr(shared.shm.name):
            assert part in repr(shared)
