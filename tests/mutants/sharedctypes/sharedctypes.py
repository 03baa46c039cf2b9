"""Broken shared ctypes: faults of raw objects, copies and wrappers, which values and arrays have in common."""

import ctypes
import mmap
import threading
from multiprocessing import get_context, sharedctypes

from mutants import Mutant, Patched


def everywhere(mutant):
    """Gives the mutant the functions that its ``raw_value``, ``raw_array``, ``synchronized`` or ``Wrapper`` reaches."""
    raw_value = getattr(mutant, "raw_value", sharedctypes.RawValue)
    raw_array = getattr(mutant, "raw_array", sharedctypes.RawArray)
    wrap = getattr(mutant, "synchronized", sharedctypes.synchronized)

    def synchronized(obj, lock=None, ctx=None):
        wrapper = wrap(obj, lock, ctx)
        if hasattr(mutant, "Wrapper"):
            wrapper.__class__ = type("Broken", (mutant.Wrapper, type(wrapper)), {})
        return wrapper

    def value(kind, *args, lock=True, ctx=None):
        obj = raw_value(kind, *args)
        return obj if lock is False else synchronized(obj, None if lock is True else lock, ctx)

    def array(kind, size, *, lock=True, ctx=None):
        obj = raw_array(kind, size)
        return obj if lock is False else synchronized(obj, None if lock is True else lock, ctx)

    mutant.Value = lambda ctx, *args, **kwargs: value(*args, ctx=ctx, **kwargs)
    mutant.Array = lambda ctx, *args, **kwargs: array(*args, ctx=ctx, **kwargs)
    mutant.sharedctypes = Patched(
        sharedctypes, RawValue=raw_value, RawArray=raw_array, Value=value, Array=array, synchronized=synchronized
    )
    return mutant


def kind_of(code):
    return sharedctypes.typecode_to_type.get(code, code)


def items_of(size):
    return (0,) * size if isinstance(size, int) else tuple(size)


@everywhere
class memory_of_one_process(Mutant):
    """Makes ordinary ctypes objects, of which every process has its own copy."""

    breaks = (
        "value.types",
        "value.structure",
        "value.outlives",
        "value.inherited.onward",
        "value.lock.none",
        "value.get.tells",
        "value.counted",
        "array.get.tells",
        "array.slice.tells",
        "array.increment.adds",
        "array.counted",
        "array.large",
        "array.chars",
        "array.structures",
        "array.lock.none",
        "sharedctypes.raw_value.shared",
        "sharedctypes.raw_array.shared",
        "sharedctypes.raw_array.nested",
        "sharedctypes.value.context",
        "sharedctypes.array.context",
        "sharedctypes.synchronized.shared",
        "sharedctypes.together",
    )

    def raw_value(code, *args):
        return kind_of(code)(*args)

    def raw_array(code, size):
        return (kind_of(code) * len(items_of(size)))(*(() if isinstance(size, int) else size))


@everywhere
class memory_as_it_was(Mutant):
    """Does not clear memory that was in use before."""

    breaks = ("value.zero", "array.zeroed", "sharedctypes.raw_value.zero", "sharedctypes.raw_array.zeroed")

    def raw_value(code, *args):
        obj = sharedctypes._new_value(kind_of(code))
        obj.__init__(*args)
        return obj

    def raw_array(code, size):
        if isinstance(size, int):
            return sharedctypes._new_value(kind_of(code) * size)
        return sharedctypes.RawArray(code, size)


@everywhere
class objects_overlap(Mutant):
    """Lets an object begin at the last byte of the one before."""

    breaks = ("value.distinct", "array.distinct", "array.large")
    memory, used = mmap.mmap(-1, 1 << 27), 8

    def raw_value(code, *args):
        place = objects_overlap.used - 1
        objects_overlap.used = (place + ctypes.sizeof(kind_of(code))) % (1 << 26)
        obj = kind_of(code).from_buffer(objects_overlap.memory, place)
        ctypes.memset(ctypes.addressof(obj), 0, ctypes.sizeof(obj))
        obj.__init__(*args)
        return obj

    def raw_array(code, size):
        return objects_overlap.raw_value(kind_of(code) * len(items_of(size)), *items_of(size))


@everywhere
class memory_given_out_by_each_process(Mutant):
    """A process that inherits free memory uses it, as its parent does."""

    breaks = ("value.distinct.processes",)
    memory, used = mmap.mmap(-1, 1 << 27), 0

    def raw_value(code, *args):
        obj = kind_of(code).from_buffer(memory_given_out_by_each_process.memory, memory_given_out_by_each_process.used)
        memory_given_out_by_each_process.used += (ctypes.sizeof(obj) + 7) // 8 * 8
        obj.__init__(*args)
        return obj


CODES = dict(sharedctypes.typecode_to_type, l=ctypes.c_int, L=ctypes.c_uint)


@everywhere
class long_is_int(Mutant):
    """Takes the typecodes l and L for four bytes, which they are elsewhere."""

    breaks = ("value.typecodes", "array.typecodes", "sharedctypes.raw_value.types", "sharedctypes.raw_array.types")

    def raw_value(code, *args):
        return sharedctypes.RawValue(CODES.get(code, code), *args)

    def raw_array(code, size):
        return sharedctypes.RawArray(CODES.get(code, code), size)


@everywhere
class one_argument(Mutant):
    """Passes no more than one argument on to the type."""

    breaks = ("value.arguments", "value.structure", "value.lock.keyword", "sharedctypes.raw_value.arguments")

    def raw_value(code, *args):
        return sharedctypes.RawValue(code, *args[:1])


@everywhere
class lists_and_tuples_only(Mutant):
    """Takes no other sequence to make an array of."""

    breaks = ("array.sequence", "sharedctypes.raw_array.sequence")

    def raw_array(code, size):
        if not isinstance(size, (int, list, tuple)):
            raise TypeError("a size, a list or a tuple is needed")
        return sharedctypes.RawArray(code, size)


@everywhere
class chars_are_bytes(Mutant):
    """Makes arrays of small numbers where arrays of chars are asked for."""

    breaks = ("array.chars", "array.typecodes", "sharedctypes.raw_array.chars", "sharedctypes.raw_array.shared")

    def raw_array(code, size):
        return sharedctypes.RawArray(ctypes.c_byte if kind_of(code) is ctypes.c_char else code, size)


@everywhere
class given_lock_ignored(Mutant):
    """Makes a lock also if one is given."""

    breaks = (
        "value.lock.given",
        "array.lock.given",
        "sharedctypes.value.given",
        "sharedctypes.array.given",
        "sharedctypes.synchronized.given",
    )

    def synchronized(obj, lock=None, ctx=None):
        return sharedctypes.synchronized(obj, None, ctx)


@everywhere
class one_lock_for_all(Mutant):
    """Makes one lock for all objects."""

    breaks = (
        "value.lock.new",
        "array.lock.new",
        "sharedctypes.value.lock",
        "sharedctypes.array.lock",
        "sharedctypes.synchronized.default",
    )
    lock = get_context("fork").RLock()

    def synchronized(obj, lock=None, ctx=None):
        return sharedctypes.synchronized(obj, lock or one_lock_for_all.lock, ctx)


@everywhere
class lock_of_one_process(Mutant):
    """Has a lock among threads."""

    breaks = (
        "value.acquire.waits",
        "value.enter.waits",
        "value.increment.waits",
        "array.acquire.waits",
        "array.enter.waits",
        "array.increment.waits",
        "array.lock.new",
        "sharedctypes.value.context",
        "sharedctypes.synchronized.shared",
    )

    def synchronized(obj, lock=None, ctx=None):
        return sharedctypes.synchronized(obj, threading.RLock(), ctx)


@everywhere
class lock_is_not_recursive(Mutant):
    """Makes a plain lock, with which an access in a with block waits for itself."""

    breaks = ("value.lock.new", "value.increment.adds", "sharedctypes.synchronized.default")

    def synchronized(obj, lock=None, ctx=None):
        return sharedctypes.synchronized(obj, lock or ctx.Lock(), ctx)


@everywhere
class lock_by_position(Mutant):
    """Takes a last argument that looks like a lock for one."""

    breaks = (
        "value.lock.keyword",
        "array.lock.keyword",
        "sharedctypes.value.keyword",
        "sharedctypes.array.keyword",
    )

    def raw_value(code, *args):
        return sharedctypes.RawValue(code, *args[:1])


def keywords_by_position(mutant, function):
    def array(kind, size, lock=True, ctx=None):
        return function(kind, size, lock=lock, ctx=ctx)

    mutant.Array = lambda ctx, kind, size, lock=True: array(kind, size, lock, ctx)
    mutant.sharedctypes.Array = array


keywords_by_position(lock_by_position, sharedctypes.Array)


class any_keyword(Mutant):
    """Drops keywords that it does not know, as billiard does."""

    breaks = ("value.lock.keyword", "array.lock.keyword")

    def Value(ctx, *args, lock=True, **kwargs):
        return sharedctypes.Value(*args, lock=lock, ctx=ctx)

    def Array(ctx, *args, lock=True, **kwargs):
        return sharedctypes.Array(*args, lock=lock, ctx=ctx)


@everywhere
class always_wrapped(Mutant):
    """Returns a wrapper with lock false, too."""

    breaks = ("value.lock.none", "array.lock.none", "sharedctypes.value.raw", "sharedctypes.array.raw")

    def raw_value(code, *args):
        return sharedctypes.synchronized(sharedctypes.RawValue(code, *args), None, get_context("fork"))

    def raw_array(code, size):
        return sharedctypes.synchronized(sharedctypes.RawArray(code, size), None, get_context("fork"))

    def synchronized(wrapper, lock=None, ctx=None):
        return wrapper


@everywhere
class context_ignored(Mutant):
    """Makes locks of the fork context for processes of any."""

    breaks = (
        "sharedctypes.value.context",
        "sharedctypes.array.context",
        "sharedctypes.current-context",
        "sharedctypes.synchronized.shared",
    )
    start_method = "spawn"

    def synchronized(obj, lock=None, ctx=None):
        return sharedctypes.synchronized(obj, lock, get_context("fork"))


@everywhere
class shared_objects_only(Mutant):
    """Refuses to wrap an object that is not shared."""

    breaks = ("sharedctypes.synchronized.plain",)

    def synchronized(obj, lock=None, ctx=None):
        if not hasattr(obj, "_wrapper"):
            raise TypeError("not a shared object")
        return sharedctypes.synchronized(obj, lock, ctx)


@everywhere
class wrapped_copy(Mutant):
    """get_obj() returns a copy of the object."""

    breaks = ("value.wrapper.object", "array.wrapper.object", "sharedctypes.synchronized.object")

    class Wrapper:
        def get_obj(self):
            return type(self._obj).from_buffer_copy(self._obj)


@everywhere
class chars_wrapped_as_arrays(Mutant):
    """Does not give the attributes value and raw to the wrapper of an array of chars."""

    breaks = ("array.chars", "sharedctypes.synchronized.kinds")

    def synchronized(obj, lock=None, ctx=None):
        if isinstance(obj, ctypes.Array):
            return sharedctypes.SynchronizedArray(obj, lock, ctx)
        return sharedctypes.synchronized(obj, lock, ctx)


@everywhere
class accesses_take_no_lock(Mutant):
    """Reads and stores without the lock."""

    breaks = (
        "value.get.waits",
        "value.set.waits",
        "value.lock.given",
        "value.structure.waits",
        "array.get.waits",
        "array.set.waits",
        "array.slice.waits",
        "array.fill.waits",
        "array.lock.given",
        "array.chars.wait",
        "sharedctypes.value.given",
        "sharedctypes.array.given",
        "sharedctypes.synchronized.given",
    )

    def synchronized(obj, lock=None, ctx=None):
        wrapper = sharedctypes.synchronized(obj, lock, ctx)
        wrapper.acquire = wrapper.release = lambda: None  # of which only the accesses make use
        return wrapper

    class Wrapper:
        def __getitem__(self, index):
            return self._obj[index]

        def __setitem__(self, index, number):
            self._obj[index] = number


@everywhere
class stores_take_no_lock(Mutant):
    """Reads with the lock, and stores without it."""

    breaks = ("array.set.waits", "sharedctypes.array.given", "sharedctypes.synchronized.given")

    class Wrapper:
        def __setitem__(self, index, number):
            self._obj[index] = number


@everywhere
class lock_kept_after_a_failure(Mutant):
    """Does not release the lock where an access fails."""

    breaks = ("value.refuses", "array.refuses")

    class Wrapper:
        def __getitem__(self, index):
            self.acquire()
            number = self._obj[index]
            self.release()
            return number

        @property
        def value(self):
            with self:
                return self._obj.value

        @value.setter
        def value(self, number):
            self.acquire()
            self._obj.value = number
            self.release()


@everywhere
class lock_kept_after_an_exception(Mutant):
    """A with block that ends with an exception leaves the lock locked."""

    breaks = ("value.with.raises", "array.with.raises", "sharedctypes.synchronized.with")

    class Wrapper:
        def __exit__(self, kind, error, trace):
            if kind is None:
                self._lock.release()


@everywhere
class exception_swallowed(Mutant):
    """A with block that ends with an exception hides it."""

    breaks = ("value.with.raises", "array.with.raises", "sharedctypes.synchronized.with")

    class Wrapper:
        def __exit__(self, *error):
            super().__exit__(*error)
            return True


@everywhere
class blocks_do_not_lock(Mutant):
    """A with block of the wrapper leaves the lock alone."""

    breaks = ("value.enter.waits", "value.undisturbed", "value.exit.refused", "array.enter.waits", "array.exit.refused")

    class Wrapper:
        def __enter__(self):
            return self

        def __exit__(self, *error):
            pass


@everywhere
class blocks_are_not_nested(Mutant):
    """Refuses a with block where its process holds the lock already, and an end that leaves it locked."""

    breaks = ("value.enter.takes", "value.exit.releases", "array.enter.takes", "array.exit.releases")

    class Wrapper:
        def __enter__(self):
            if self._lock._semlock._is_mine():
                raise RuntimeError("the lock is held already")
            self._lock.acquire()

        def __exit__(self, *error):
            if self._lock._semlock._count() > 1:
                raise RuntimeError("the lock is held still")
            self._lock.release()


class Lock:
    """What get_lock() returns instead of the lock."""

    def __init__(self, lock):
        self.lock = lock

    def __enter__(self):
        return self.lock.__enter__()

    def __exit__(self, *error):
        return self.lock.__exit__(*error)

    def acquire(self, *args):
        return self.lock.acquire(*args)

    def release(self):
        self.lock.release()


@everywhere
class acquire_tells_nothing(Mutant):
    """acquire() of the lock returns None."""

    breaks = ("value.acquire.takes", "array.acquire.takes")

    class Silent(Lock):
        def acquire(self, *args):
            self.lock.acquire(*args)

    class Wrapper:
        def get_lock(self):
            return acquire_tells_nothing.Silent(self._lock)


@everywhere
class anybody_may_release(Mutant):
    """A release by somebody who does not hold the lock goes unnoticed."""

    breaks = ("value.release.refused", "array.release.refused")

    class Tolerant(Lock):
        def release(self):
            if self.lock._semlock._is_mine():
                self.lock.release()

    class Wrapper:
        def get_lock(self):
            return anybody_may_release.Tolerant(self._lock)


@everywhere
class release_at_level_one_only(Mutant):
    """Cannot be released as often as it was acquired."""

    breaks = ("value.release.releases", "array.release.releases")

    class Shallow(Lock):
        def release(self):
            assert self.lock._semlock._count() == 1, "acquired more than once"
            self.lock.release()

    class Wrapper:
        def get_lock(self):
            return release_at_level_one_only.Shallow(self._lock)


@everywhere
class unpicklable(Mutant):
    """Cannot be passed to a process that does not inherit it by fork."""

    breaks = ("value.inherited", "array.inherited", "sharedctypes.synchronized.shared")
    start_method = "spawn"

    class Wrapper:
        def __reduce__(self):
            raise TypeError("cannot pickle a wrapper")


def copy_in_own_memory(obj):
    return type(obj).from_buffer_copy(obj)


class copies_are_not_shared(Mutant):
    """Copies into ordinary memory."""

    breaks = ("sharedctypes.copy.shared",)
    sharedctypes = Patched(sharedctypes, copy=copy_in_own_memory)


class copies_are_the_same(Mutant):
    """Returns a shared object itself where a copy is asked for."""

    breaks = ("sharedctypes.copy.independent",)
    sharedctypes = Patched(sharedctypes, copy=lambda obj: obj if hasattr(obj, "_wrapper") else sharedctypes.copy(obj))


def copy_in_part(obj):
    copied = sharedctypes.RawValue(type(obj))
    ctypes.memmove(ctypes.addressof(copied), ctypes.addressof(obj), min(8, ctypes.sizeof(obj)))
    return copied


class copies_are_incomplete(Mutant):
    """Copies no more than eight bytes."""

    breaks = ("sharedctypes.copy.equal", "sharedctypes.copy.array")
    sharedctypes = Patched(sharedctypes, copy=copy_in_part)


class types_of_modules_only(Mutant):
    """Has no objects of a type that the main module defines."""

    breaks = ("sharedctypes.of-the-main-module",)

    @staticmethod
    def Value(kind, *args, **named):
        if getattr(kind, "__module__", None) == "__main__":
            raise TypeError("this type cannot be found by its name")
        return get_context("fork").Value(kind, *args, **named)
