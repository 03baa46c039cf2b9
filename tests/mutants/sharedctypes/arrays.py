"""Broken shared arrays; tests/mutants/sharedctypes/sharedctypes.py has those faults that values have, too."""

import ctypes
from multiprocessing import sharedctypes
from time import sleep

from mutants import Mutant
from mutants.sharedctypes.sharedctypes import everywhere, items_of


@everywhere
class not_of_tuples(Mutant):
    """Takes a tuple for the sizes of several dimensions."""

    breaks = ("array.made", "array.sequence")

    def raw_array(code, size):
        if isinstance(size, tuple):
            raise NotImplementedError("arrays have one dimension")
        return sharedctypes.RawArray(code, size)


@everywhere
class room_for_a_null(Mutant):
    """Is one item longer than it should be."""

    breaks = ("array.length.tells", "array.slice.tells", "array.typecodes", "array.zeroed", "array.sequence")

    def raw_array(code, size):
        a = sharedctypes.RawArray(code, len(items_of(size)) + 1)
        for index, item in enumerate(() if isinstance(size, int) else size):
            a[index] = item
        return a


@everywhere
class size_in_two_bytes(Mutant):
    """Has no room for a large size."""

    breaks = ("array.zeroed", "array.large")

    def raw_array(code, size):
        return sharedctypes.RawArray(code, size & 0xFFFF if isinstance(size, int) else size)


@everywhere
class w_as_u(Mutant):
    """Takes the typecode w for u."""

    breaks = ("array.typecodes.unsupported",)

    def raw_array(code, size):
        return sharedctypes.RawArray(ctypes.c_wchar if code == "w" else code, size)


@everywhere
class indices_go_round(Mutant):
    """Counts from the start again beyond the end."""

    breaks = ("array.get.outside", "array.set.outside", "array.refuses")

    class Wrapper:
        def __getitem__(self, index):
            return super().__getitem__(index if isinstance(index, slice) else index % len(self))

        def __setitem__(self, index, number):
            super().__setitem__(index if isinstance(index, slice) else index % len(self), number)


@everywhere
class nothing_stored_from_the_end(Mutant):
    """Does not store at negative indices, nor in slices that have steps."""

    breaks = ("array.set.stores", "array.slices")

    class Wrapper:
        def __setitem__(self, index, number):
            if index.step if isinstance(index, slice) else index < 0:
                raise IndexError(index)
            super().__setitem__(index, number)


@everywhere
class no_slices(Mutant):
    """Reads slices as tuples and stores none."""

    breaks = ("array.slice.tells", "array.fill.stores", "array.slices")

    class Wrapper:
        def __getitem__(self, index):
            return tuple(super().__getitem__(index)) if isinstance(index, slice) else super().__getitem__(index)

        def __setitem__(self, index, number):
            if isinstance(index, slice):
                raise TypeError("indices must be integers")
            super().__setitem__(index, number)


@everywhere
class stored_in_two_steps(Mutant):
    """Releases the lock amid a slice."""

    breaks = ("array.whole",)

    class Wrapper:
        def __setitem__(self, index, number):
            if not isinstance(index, slice):
                return super().__setitem__(index, number)
            places = list(zip(range(len(self))[index], number, strict=True))
            for half in places[::2], places[1::2]:
                with self:
                    for place, item in half:
                        self._obj[place] = item
                sleep(0.0005)


@everywhere
class steps_ignored(Mutant):
    """Reads and stores slices without regard to their steps."""

    breaks = ("array.slices",)

    class Wrapper:
        def __getitem__(self, index):
            return super().__getitem__(slice(index.start, index.stop) if isinstance(index, slice) else index)


@everywhere
class chars_lock_only_value(Mutant):
    """Takes the lock for value and not for raw."""

    breaks = ("array.chars.wait",)

    class Wrapper:
        @property
        def raw(self):
            return self._obj.raw

        @raw.setter
        def raw(self, data):
            self._obj.raw = data
