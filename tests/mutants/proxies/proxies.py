"""Broken proxies: calls, copies and pickles that are not as they should be."""

import array
import itertools
import os
from multiprocessing import managers

from mutants import Mutant, Patched


def mixed(mixin, proxytype):
    """A type of proxies that have something from a mixin; unless it says otherwise, they pickle as real ones."""

    def reduced(proxy):
        rebuild, args = proxytype.__reduce__(proxy)
        return rebuild, tuple(proxytype if arg is type(proxy) else arg for arg in args)

    def automatic(*args, **kwds):
        proxy = managers.AutoProxy(*args, **kwds)
        proxy.__class__ = type(type(proxy).__name__, (mixin, type(proxy)), {})
        return proxy

    if proxytype is managers.AutoProxy:
        return automatic
    return type(proxytype.__name__, (mixin, proxytype), {} if hasattr(mixin, "reduce") else {"__reduce__": reduced})


class Broken(managers.SyncManager):
    """A manager whose proxies are mixed with ``Mixin``, those of all types or of ``typeids``."""

    Mixin, typeids = None, None

    def __init_subclass__(cls):
        if cls.Mixin:
            for typeid, entry in managers.SyncManager._registry.items():
                if typeid in (cls.typeids or [typeid]) and typeid != "Iterator":
                    cls.register(typeid, entry[0], mixed(cls.Mixin, entry[3]), entry[1], entry[2], bool(entry[0]))

    @classmethod
    def register(cls, typeid, callable=None, proxytype=None, *others):
        if cls.Mixin and proxytype is None and not cls.typeids:
            proxytype = mixed(cls.Mixin, managers.AutoProxy)
        super().register(typeid, callable, proxytype, *others)


def sync(mixin, *typeids):
    """The class of a manager, and the module that has it."""
    made = type("SyncManager", (Broken,), {"Mixin": mixin, "typeids": typeids})
    return made, Patched(managers, SyncManager=made)


def serving(typeid, callable, proxytype):
    """The same, with another callable for one type."""
    made = type("SyncManager", (managers.SyncManager,), {})
    made.register(typeid, callable, proxytype)
    return made, Patched(managers, SyncManager=made)


def start(ctx, kind):
    made = kind(ctx=ctx)
    made.start()
    return made


def real(proxy, *call):
    return managers.BaseProxy._callmethod(proxy, *call)


class plain_objects(Mutant):
    """Returns copies instead of proxies."""

    breaks = ("proxy.instance", "proxy.passes", "proxy.value.writable", "proxy.repr")

    def Manager(ctx):
        made = start(ctx, managers.SyncManager)
        make = made.list
        made.list, made.Value = (lambda *args: make(*args)._getvalue()), managers.Value
        return made


class keywords_dropped(Mutant):
    """Calls without the keyword arguments."""

    breaks = ("proxy.callmethod.calls",)

    class Mixin:
        def _callmethod(self, name, args=(), kwds=None):
            return real(self, name, args)

    kind, managers = sync(Mixin)


class called_twice(Mutant):
    """Calls again what has returned nothing, to be sure."""

    breaks = ("proxy.callmethod.calls", "proxy.list.changes")

    class Mixin:
        def _callmethod(self, name, args=(), kwds=None):
            if name in ("append", "arguments"):
                real(self, name, args, kwds or {})
            return real(self, name, args, kwds or {})

    kind, managers = sync(Mixin)

    def Manager(ctx):
        return start(ctx, called_twice.kind)


class results_are_kept(Mutant):
    """Keeps what a call has returned, and returns it again."""

    breaks = ("proxy.callmethod.copies",)

    class Mixin:
        def calls(self):
            if "kept" not in self.__dict__:
                self.kept = real(self, "calls")
            return self.kept

    kind, managers = sync(Mixin)


class all_errors_are_remote(Mutant):
    """Raises RemoteError for every exception of a call."""

    breaks = ("proxy.callmethod.raises", "proxy.list.reads", "proxy.dict.reads", "proxy.array.items")

    class Mixin:
        def _callmethod(self, *call):
            try:
                return real(self, *call)
            except Exception as error:
                raise managers.RemoteError(repr(error)) from None

    kind, managers = sync(Mixin)

    def Manager(ctx):
        return start(ctx, all_errors_are_remote.kind)


class remote_errors_return(Mutant):
    """Returns what it should raise if the process of the manager has failed."""

    breaks = ("proxy.callmethod.remote-error", "proxy.callmethod.not-exposed", "proxy.getvalue.unpicklable")

    class Mixin:
        def _callmethod(self, *call):
            try:
                return real(self, *call)
            except managers.RemoteError as error:
                return error

    kind, managers = sync(Mixin)


class remote_errors_are_runtime_errors(Mutant):
    """Has another exception for what fails in the process of the manager."""

    breaks = ("proxy.callmethod.remote-error",)

    class Mixin:
        def _callmethod(self, *call):
            try:
                return real(self, *call)
            except managers.RemoteError as error:
                raise RuntimeError(str(error)) from None

    kind, managers = sync(Mixin)


class value_is_text(Mutant):
    """Returns the representation of the referent for its value."""

    breaks = ("proxy.getvalue.copies", "proxy.getvalue.unpicklable")

    class Mixin:
        def _getvalue(self):
            return str(self)

    kind, managers = sync(Mixin)

    def Manager(ctx):
        return start(ctx, value_is_text.kind)


class repr_is_str(Mutant):
    """Represents the referent where it should represent itself."""

    breaks = ("proxy.repr", "proxy.nested.same", "proxy.namespace.representation")

    class Mixin:
        def __repr__(self):
            return str(self)

    kind, managers = sync(Mixin)

    def Manager(ctx):
        return start(ctx, repr_is_str.kind)


class str_is_repr(Mutant):
    """Represents itself where it should represent the referent."""

    breaks = ("proxy.str", "proxy.namespace.representation")

    class Mixin:
        def __str__(self):
            return repr(self)

    kind, managers = sync(Mixin)

    def Manager(ctx):
        return start(ctx, str_is_repr.kind)


class str_is_str(Mutant):
    """Returns the referent as text instead of its representation."""

    breaks = ("proxy.str",)

    class Mixin:
        def __str__(self):
            return real(self, "__str__")

    kind, managers = sync(Mixin)


class equal_by_value(Mutant):
    """Compares the referent."""

    breaks = ("proxy.identity",)

    class Mixin:
        __hash__ = None

        def __eq__(self, other):
            return self is other or self._getvalue() == other

    kind, managers = sync(Mixin, "list", "dict")

    def Manager(ctx):
        return start(ctx, equal_by_value.kind)


def rebuilt(value):
    return value


class pickled_by_value(Mutant):
    """Pickles the referent."""

    breaks = ("proxy.pickles", "proxy.nested.same", "proxy.nested.elsewhere", "proxy.nested.mixed")

    class Mixin:
        def reduce(self):
            return rebuilt, (self._getvalue(),)

        __reduce__ = reduce

    kind, managers = sync(Mixin, "list", "dict")

    def Manager(ctx):
        return start(ctx, pickled_by_value.kind)


class not_measured_there(Mutant):
    """Has no length in the process of the manager itself."""

    breaks = ("proxy.nested.used-there",)

    class Mixin:
        def __len__(self):
            if hasattr(managers.process.current_process(), "_manager_server"):
                return 0
            return real(self, "__len__")

        def reduce(self):
            return measured_at_home, (managers.BaseProxy.__reduce__(self)[1][1:],)

        __reduce__ = reduce

    kind, managers = sync(Mixin, "list")

    def Manager(ctx):
        return start(ctx, not_measured_there.kind)


def measured_at_home(args):
    return managers.RebuildProxy(type("ListProxy", (not_measured_there.Mixin, managers.ListProxy), {}), *args)


class home_only(Mutant):
    """Does nothing in another process than that which made the proxy."""

    breaks = ("proxy.passes",)

    class Mixin:
        def _callmethod(self, *call):
            self.home = getattr(self, "home", os.getpid())
            return real(self, *call) if self.home == os.getpid() else None

    kind, managers = sync(Mixin, "list", "Array")

    def Manager(ctx):
        made = start(ctx, home_only.kind)
        for name in "list", "Array":
            setattr(made, name, home_only.used(getattr(made, name)))
        return made

    def used(make):
        def made(*args):
            proxy = make(*args)
            len(proxy)
            return proxy

        return made


class calls_get_lost(Mutant):
    """Loses every sixteenth call."""

    breaks = ("proxy.concurrent",)

    class Mixin:
        count = itertools.count(1)

        def append(self, obj):
            return real(self, "append", (obj,)) if next(self.count) % 16 else None

    kind, managers = sync(Mixin, "list")

    def Manager(ctx):
        return start(ctx, calls_get_lost.kind)


class calls_overtake(Mutant):
    """Puts new items before the last one."""

    breaks = ("proxy.concurrent", "proxy.list.changes")

    class Mixin:
        def append(self, obj):
            return real(self, "insert", (-1, obj))

    kind, managers = sync(Mixin, "list")

    def Manager(ctx):
        return start(ctx, calls_overtake.kind)


class items_are_remembered(Mutant):
    """Remembers what it has read until something is assigned."""

    breaks = ("proxy.nested.plain",)

    class Mixin:
        def __getitem__(self, key):
            self.__dict__.setdefault("read", {})
            if isinstance(key, slice) or key not in self.read:
                return self.read.setdefault(repr(key), real(self, "__getitem__", (key,)))
            return self.read[key]

        def __setitem__(self, key, value):
            real(self, "__setitem__", (key, value))
            self.__dict__.pop("read", None)

    kind, managers = sync(Mixin, "list", "dict")

    def Manager(ctx):
        return start(ctx, items_are_remembered.kind)


class items_are_never_replaced(Mutant):
    """Does not replace an item that is there."""

    breaks = ("proxy.nested.plain", "proxy.dict.changes")

    class Mixin:
        def __setitem__(self, key, value):
            real(self, "setdefault", (key, value))

    kind, managers = sync(Mixin, "dict")

    def Manager(ctx):
        return start(ctx, items_are_never_replaced.kind)


class always_empty(Mutant):
    """Makes empty lists, whatever it is given."""

    breaks = ("proxy.list.made",)
    kind, managers = serving("list", lambda *given: [], managers.ListProxy)

    def Manager(ctx):
        return start(ctx, always_empty.kind)


def one_for_all(sequence=None, made=[]):  # noqa: B006
    return made if sequence is None else list(sequence)


class the_same_empty_list(Mutant):
    """Has a mutable default argument."""

    breaks = ("proxy.list.made",)
    kind, managers = serving("list", one_for_all, managers.ListProxy)

    def Manager(ctx):
        return start(ctx, the_same_empty_list.kind)


class indexes_only(Mutant):
    """Takes no slices."""

    breaks = ("proxy.list.reads",)

    class Mixin:
        def __getitem__(self, index):
            return real(self, "__getitem__", (index if isinstance(index, str) else int(index),))

    kind, managers = sync(Mixin, "list")

    def Manager(ctx):
        return start(ctx, indexes_only.kind)


class added_at_home(Mutant):
    """Binds the name to a plain list in an augmented assignment."""

    breaks = ("proxy.list.changes",)

    class Mixin:
        def __iadd__(self, other):
            return self._getvalue() + list(other)

    kind, managers = sync(Mixin, "list")

    def Manager(ctx):
        return start(ctx, added_at_home.kind)


class cleared_at_home(Mutant):
    """Clears a copy."""

    breaks = ("proxy.list.clears-and-copies",)

    class Mixin:
        def clear(self):
            self._getvalue().clear()

    kind, managers = sync(Mixin, "list")

    def Manager(ctx):
        return start(ctx, cleared_at_home.kind)


class only_mappings(Mutant):
    """Takes the keys of what it is given, and has no value for them."""

    breaks = ("proxy.dict.made",)
    kind, managers = serving("dict", lambda given=(): dict.fromkeys(given), managers.DictProxy)

    def Manager(ctx):
        return start(ctx, only_mappings.kind)


class get_without_default(Mutant):
    """Forgets the default of get()."""

    breaks = ("proxy.dict.reads",)

    class Mixin:
        def get(self, key, default=None):
            return real(self, "get", (key,))

    kind, managers = sync(Mixin, "dict")

    def Manager(ctx):
        return start(ctx, get_without_default.kind)


class one_loop_at_a_time(Mutant):
    """Has one iterator for all loops."""

    breaks = ("proxy.dict.iterates",)

    class Mixin:
        def __iter__(self):
            self.loop = getattr(self, "loop", None) or iter(real(self, "keys"))
            return self.loop

    kind, managers = sync(Mixin, "dict")

    def Manager(ctx):
        return start(ctx, one_loop_at_a_time.kind)


class loops_over_values(Mutant):
    """Loops over the values of a dict."""

    breaks = ("proxy.dict.iterates",)

    class Mixin:
        def __iter__(self):
            return iter(real(self, "values"))

    kind, managers = sync(Mixin, "dict")

    def Manager(ctx):
        return start(ctx, loops_over_values.kind)


class setdefault_sets(Mutant):
    """Sets the default even if there is a value."""

    breaks = ("proxy.dict.changes",)

    class Mixin:
        def setdefault(self, key, default=None):
            self[key] = default
            return default

    kind, managers = sync(Mixin, "dict")

    def Manager(ctx):
        return start(ctx, setdefault_sets.kind)


class merged_at_home(Mutant):
    """Binds the name to a plain dict in an augmented assignment."""

    breaks = ("proxy.dict.merges",)

    class Mixin:
        def __ior__(self, other):
            return {**self._getvalue(), **other}

    kind, managers = sync(Mixin, "dict")

    def Manager(ctx):
        return start(ctx, merged_at_home.kind)


class one_item_sets(Mutant):
    """Makes a set of the object that it is given."""

    breaks = ("proxy.set.made",)

    def Manager(ctx):
        kind, _ = serving("set", lambda *items: set(map(repr, items)), managers.SetProxy)
        return start(ctx, kind)


class subtracted_from_the_wrong_side(Mutant):
    """Subtracts the other from the set where the set should be subtracted."""

    breaks = ("proxy.set.reads",)

    class Mixin:
        def __rsub__(self, other):
            return self - other

    kind, managers = sync(Mixin, "set")

    def Manager(ctx):
        return start(ctx, subtracted_from_the_wrong_side.kind)


class united_at_home(Mutant):
    """Binds the name to a plain set in an augmented assignment."""

    breaks = ("proxy.set.changes",)

    class Mixin:
        def __ior__(self, other):
            return self._getvalue() | other

    kind, managers = sync(Mixin, "set")

    def Manager(ctx):
        return start(ctx, united_at_home.kind)


class value_is_kept(Mutant):
    """Keeps the value that was assigned in the proxy."""

    breaks = ("proxy.value.writable",)

    class Mixin:
        value = property(
            lambda self: self.__dict__.get("mine", real(self, "get")), lambda self, value: setattr(self, "mine", value)
        )

    kind, managers = sync(Mixin, "Value")

    def Manager(ctx):
        return start(ctx, value_is_kept.kind)


class arrays_are_lists(Mutant):
    """Makes a list and forgets the typecode."""

    breaks = ("proxy.array.items", "proxy.array.typed")
    kind, managers = serving("Array", lambda typecode, sequence: list(sequence), managers.ArrayProxy)

    def Manager(ctx):
        return start(ctx, arrays_are_lists.kind)


class arrays_of_doubles(Mutant):
    """Makes every array one of floating point numbers."""

    breaks = ("proxy.array.typed",)
    kind, managers = serving("Array", lambda typecode, sequence: array.array("d", sequence), managers.ArrayProxy)

    def Manager(ctx):
        return start(ctx, arrays_of_doubles.kind)


class attributes_of_the_proxy(Mutant):
    """Assigns to the proxy what belongs to the namespace."""

    breaks = ("proxy.namespace.attributes",)

    class Mixin:
        __setattr__ = object.__setattr__

    kind, managers = sync(Mixin, "Namespace")

    def Manager(ctx):
        return start(ctx, attributes_of_the_proxy.kind)


class private_for_all(Mutant):
    """Assigns to the namespace what belongs to the proxy, once that is made."""

    breaks = ("proxy.namespace.underscore",)

    class Mixin:
        def __init__(self, *args, **kwds):
            super().__init__(*args, **kwds)
            self.__dict__["made"] = True

        def __setattr__(self, key, value):
            if "made" in self.__dict__:
                real(self, "__setattr__", (key, value))
            else:
                object.__setattr__(self, key, value)

    kind, managers = sync(Mixin, "Namespace")

    def Manager(ctx):
        return start(ctx, private_for_all.kind)


class Secretive(managers.Namespace):
    def __repr__(self):
        return "Namespace(%s)" % ", ".join(sorted(self.__dict__))


class names_without_values(Mutant):
    """Has a namespace whose representation shows names only."""

    breaks = ("proxy.namespace.representation",)
    kind, managers = serving("Namespace", Secretive, managers.NamespaceProxy)

    def Manager(ctx):
        return start(ctx, names_without_values.kind)


class counts_nothing(Mutant):
    """Has a method for locks that their referents do not have."""

    breaks = ("proxy.methods",)

    class Mixin:
        def depth(self):
            return self._callmethod("depth")

    kind, managers = sync(Mixin, "Lock")

    def Manager(ctx):
        return start(ctx, counts_nothing.kind)
