"""Shareable lists: lists whose values are in a block of shared memory, for all processes that attach to it.

A ShareableList has a fixed length and holds numbers, booleans, strings, bytes and None; otherwise it is like a list.
This module covers what lists contain; ``items`` covers how they are like lists, and ``attaching`` their names and other
processes. The blocks themselves are in ``shared_memory``, and the managers that create such lists are in ``managers``.
"""

import struct
from contextlib import contextmanager

from conformance import Spec, arg, module, raises
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
