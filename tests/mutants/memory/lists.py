"""Broken shareable lists: values that change, that stay with one instance, or that do not fit."""

from multiprocessing import shared_memory

from mutants import Mutant, Patched

List = shared_memory.ShareableList


def patched(kind):
    return Patched(shared_memory, ShareableList=kind)


class single_precision(Mutant):
    """Keeps floats in four bytes."""

    breaks = ("shareablelist.values.kept",)

    class ShareableList(List):
        _types_mapping = {**List._types_mapping, float: "f4x"}

    shared_memory = patched(ShareableList)


class one_megabyte(Mutant):
    """Takes no string or bytes above a megabyte."""

    breaks = ("shareablelist.values.large", "shareablelist.values.just-below-10m")

    class ShareableList(List):
        def __init__(self, sequence=None, *, name=None):
            if any(isinstance(value, (str, bytes)) and len(value) > 1_000_000 for value in sequence or ()):
                raise ValueError("too large")
            super().__init__(sequence, name=name)

    shared_memory = patched(ShareableList)


class ascii_only(Mutant):
    """Takes no string of other characters."""

    breaks = ("shareablelist.values.non-ascii", "shareablelist.setitem.non-ascii")

    class ShareableList(List):
        def __init__(self, sequence=None, *, name=None):
            for value in sequence or ():
                isinstance(value, str) and value.encode("ascii")
            super().__init__(sequence, name=name)

        def __setitem__(self, position, value):
            isinstance(value, str) and value.encode("ascii")
            super().__setitem__(position, value)

    shared_memory = patched(ShareableList)


class counts_characters(Mutant):
    """Cuts off the bytes of a string beyond its room, for which it has counted characters."""

    breaks = ("shareablelist.setitem.non-ascii",)

    class ShareableList(List):
        def __setitem__(self, position, value):
            while isinstance(value, str) and len(value) <= 24 < len(value.encode()):
                value = value[:-1]
            super().__setitem__(position, value)

    shared_memory = patched(ShareableList)


class others_as_text(Mutant):
    """Takes the text of a value whose type it does not know."""

    breaks = ("shareablelist.values.other-types", "shareablelist.setitem.other-types")

    class ShareableList(List):
        def __init__(self, sequence=None, *, name=None):
            super().__init__(None if sequence is None else [self.known(v) for v in sequence], name=name)

        def known(self, value):
            return value if type(value) in self._types_mapping else str(value)[:5]

        def __setitem__(self, position, value):
            super().__setitem__(position, self.known(value))

    shared_memory = patched(ShareableList)


class strings_are_values(Mutant):
    """Takes a string for the only value of a list."""

    breaks = ("shareablelist.sequence.any",)

    class ShareableList(List):
        def __init__(self, sequence=None, *, name=None):
            super().__init__([sequence] if isinstance(sequence, str) else sequence, name=name)

    shared_memory = patched(ShareableList)


class remembers_the_sequence(Mutant):
    """Reads from the sequence of which it was made, unless it has set a value."""

    breaks = ("shareablelist.sequence.copied", "shareablelist.attached.shares")

    class ShareableList(List):
        def __init__(self, sequence=None, *, name=None):
            super().__init__(sequence, name=name)
            self.sequence, self.changed = sequence, set()

        def __getitem__(self, position):
            if self.sequence is None or position in self.changed:
                return super().__getitem__(position)
            return self.sequence[position]

        def __setitem__(self, position, value):
            super().__setitem__(position, value)
            self.changed.add(position)

    shared_memory = patched(ShareableList)


class name_ignored(Mutant):
    """Makes up a name for every new list."""

    breaks = ("shareablelist.name.given", "shareablelist.name.taken")

    class ShareableList(List):
        def __init__(self, sequence=None, *, name=None):
            super().__init__(sequence, name=name if sequence is None else None)

    shared_memory = patched(ShareableList)


class attached_without_the_last(Mutant):
    """Forgets the last value when it attaches."""

    breaks = ("shareablelist.name.attaches", "shareablelist.pickle.same-list")

    class ShareableList(List):
        def __init__(self, sequence=None, *, name=None):
            super().__init__(sequence, name=name)
            self.short = sequence is None

        def __len__(self):
            return super().__len__() - getattr(self, "short", False)

        def __getitem__(self, position):
            if self.short and position >= len(self):
                raise IndexError(position)
            return super().__getitem__(position)

    shared_memory = patched(ShareableList)


class empty_where_missing(Mutant):
    """Makes an empty list where there is none to attach to."""

    breaks = ("shareablelist.name.missing",)

    class ShareableList(List):
        def __init__(self, sequence=None, *, name=None):
            try:
                super().__init__(sequence, name=name)
            except FileNotFoundError:
                super().__init__([], name=name)

    shared_memory = patched(ShareableList)


class set_for_itself(Mutant):
    """Keeps what is set to itself."""

    breaks = (
        "shareablelist.attached.shares",
        "shareablelist.attached.processes",
        "shareablelist.pickle.argument",
        "shareablelist.pickle.same-list",
        "shareablelist.shm.holds-values",
    )

    class ShareableList(List):
        def __init__(self, sequence=None, *, name=None):
            super().__init__(sequence, name=name)
            self.own = {}

        def __getitem__(self, position):
            return self.own[position] if position in self.own else super().__getitem__(position)

        def __setitem__(self, position, value):
            self.own[position] = value

    shared_memory = patched(ShareableList)


class pickled_as_a_copy(Mutant):
    """Unpickles a new list with the same values."""

    breaks = ("shareablelist.pickle.same-list",)

    class ShareableList(List):
        def __reduce__(self):
            return type(self), (list(self),)

    shared_memory = patched(ShareableList)


class block_is_kept(Mutant):
    """Does nothing in unlink() of its block."""

    breaks = ("shareablelist.shm.unlinks",)

    class Block(shared_memory.SharedMemory):
        def unlink(self):
            pass

    class ShareableList(List):
        def __init__(self, sequence=None, *, name=None):
            super().__init__(sequence, name=name)
            self.shm.__class__ = block_is_kept.Block

    shared_memory = patched(ShareableList)


class appends_nowhere(Mutant):
    """Has the method append(), which does nothing."""

    breaks = ("shareablelist.length.fixed",)

    class ShareableList(List):
        def append(self, value):
            pass

    shared_memory = patched(ShareableList)


class not_from_the_end(Mutant):
    """Knows no position from the end."""

    breaks = (
        "shareablelist.getitem.position",
        "shareablelist.getitem.before-first",
        "shareablelist.setitem.position",
        "shareablelist.setitem.before-first",
    )

    class ShareableList(List):
        def __getitem__(self, position):
            if position < 0:
                raise TypeError("positions are unsigned")
            return super().__getitem__(position)

        def __setitem__(self, position, value):
            if position < 0:
                raise TypeError("positions are unsigned")
            super().__setitem__(position, value)

    shared_memory = patched(ShareableList)


class none_beyond_the_last(Mutant):
    """Reads None far beyond the last value, and sets nothing there."""

    breaks = ("shareablelist.getitem.beyond-last", "shareablelist.setitem.beyond-last")

    class ShareableList(List):
        def __getitem__(self, position):
            return None if position > len(self) else super().__getitem__(position)

        def __setitem__(self, position, value):
            if position < len(self):
                super().__setitem__(position, value)

    shared_memory = patched(ShareableList)


class slices_are_lists(Mutant):
    """Gives a list for a slice."""

    breaks = ("shareablelist.getitem.slice",)

    class ShareableList(List):
        def __getitem__(self, position):
            if isinstance(position, slice):
                return [self[each] for each in range(*position.indices(len(self)))]
            return super().__getitem__(position)

    shared_memory = patched(ShareableList)


class type_stays(Mutant):
    """Takes no value of another type than the old one."""

    breaks = ("shareablelist.setitem.types", "shareablelist.setitem.position")

    class ShareableList(List):
        def __setitem__(self, position, value):
            if type(self[position]) is not type(value):
                raise TypeError(type(value))
            super().__setitem__(position, value)

    shared_memory = patched(ShareableList)


class room_shrinks(Mutant):
    """Has no more room than the last value took."""

    breaks = ("shareablelist.setitem.shorter",)

    class ShareableList(List):
        def __setitem__(self, position, value):
            old = self[position]
            if type(old) is type(value) and isinstance(value, (str, bytes)) and len(value) > max(8, len(old)):
                raise ValueError("no room")
            super().__setitem__(position, value)

    shared_memory = patched(ShareableList)


class cut_off(Mutant):
    """Cuts off what finds no room."""

    breaks = ("shareablelist.setitem.too-long",)

    class ShareableList(List):
        def __setitem__(self, position, value):
            try:
                super().__setitem__(position, value)
            except ValueError:
                super().__setitem__(position, value[:8])

    shared_memory = patched(ShareableList)


class none_ends_iteration(Mutant):
    """Stops an iteration at the first None."""

    breaks = ("shareablelist.iteration",)

    class ShareableList(List):
        def __iter__(self):
            for position in range(len(self)):
                if self[position] is None:
                    return
                yield self[position]

    shared_memory = patched(ShareableList)


class counts_to_one(Mutant):
    """Stops counting at the first occurrence."""

    breaks = ("shareablelist.count.occurrences",)

    class ShareableList(List):
        def count(self, value):
            return int(value in self)

    shared_memory = patched(ShareableList)


class finds_the_last(Mutant):
    """Looks for a value from the end."""

    breaks = ("shareablelist.index.first",)

    class ShareableList(List):
        def index(self, value):
            return len(self) - 1 - list(self)[::-1].index(value)

    shared_memory = patched(ShareableList)


class minus_one_for_missing(Mutant):
    """Says -1 for the position of what is not there, as str.find() does."""

    breaks = ("shareablelist.index.missing",)

    class ShareableList(List):
        def index(self, value):
            try:
                return super().index(value)
            except ValueError:
                return -1

    shared_memory = patched(ShareableList)


class first_format(Mutant):
    """Keeps the format as it was at first, and lets it be set."""

    breaks = ("shareablelist.format.packs", "shareablelist.format.read-only")

    class ShareableList(List):
        format = None

        def __init__(self, sequence=None, *, name=None):
            super().__init__(sequence, name=name)
            self.format = List.format.fget(self)

    shared_memory = patched(ShareableList)


class shown_as_an_object(Mutant):
    """Shows its type and its address."""

    breaks = ("shareablelist.repr",)

    class ShareableList(List):
        __repr__ = object.__repr__

    shared_memory = patched(ShareableList)
