"""Shared ctypes: what shared values and arrays are built on, for ctypes objects of any kind.

Raw objects are in shared memory and have no lock; a synchronized wrapper adds one. This module covers Value() and
Array() of ``multiprocessing.sharedctypes``, which do either. ``raw`` covers raw objects, ``wrappers`` the function that
adds a lock, and ``values`` and ``arrays`` describe the wrappers themselves.
"""

import ctypes

from conformance import Spec, child, module, program, raises
from specs.sharedctypes.values import Point, ends_early, is_free

SHAREDCTYPES = "multiprocessing.sharedctypes"
VALUE, ARRAY = SHAREDCTYPES + ".Value", SHAREDCTYPES + ".Array"

sharedctypes = Spec("sharedctypes", documents=SHAREDCTYPES)


def fields(point):
    return point.x, point.y


def be_locked_by_default(mp, make):
    """Fails unless each object created with the default lock has a lock of its own."""
    first, second, third = make(ctx=mp), make(ctx=mp), make(lock=True, ctx=mp)
    with first.get_lock():
        assert [is_free(each.get_lock()) for each in (first, second, third)] == [False, True, True]
    assert is_free(first.get_lock())


def take_given_locks(mp, make, read, write):
    """Fails unless the object has the given lock and accesses acquire it."""
    for lock in mp.Lock(), mp.RLock():
        obj = make(lock=lock, ctx=mp)
        assert obj.get_lock() is lock
        assert ends_early(lock, lambda: read(obj), lambda: write(obj)) == []  # noqa: B023 - called before the loop continues


@sharedctypes.scenario("value.lock", doc=VALUE)
def value_has_a_lock(mp):
    """Value() returns a wrapper with a lock of its own if lock is true, which is the default."""
    module_value = module(mp, "sharedctypes").Value
    be_locked_by_default(mp, lambda **kwargs: module_value("i", 5, **kwargs))
    v = module_value("i", 5, ctx=mp)
    v.value += 1
    assert (v.value, type(v.get_obj())) == (6, ctypes.c_int)


@sharedctypes.scenario("value.given", doc=VALUE)
def value_takes_a_given_lock(mp):
    """Value() returns a wrapper that synchronizes accesses with the Lock or RLock passed as lock."""
    module_value = module(mp, "sharedctypes").Value
    take_given_locks(
        mp,
        lambda **kwargs: module_value(Point, 1.5, **kwargs),
        lambda point: point.x,
        lambda point: setattr(point, "x", 2.5),
    )


@sharedctypes.scenario("value.raw", doc=VALUE)
def value_without_a_lock(mp):
    """Value() returns the ctypes object itself, without a wrapper, if lock is false."""
    module_value = module(mp, "sharedctypes").Value
    v = module_value("i", 5, lock=False)
    assert (type(v), v.value) == (ctypes.c_int, 5)
    assert fields(module_value(Point, 1, 2, lock=False)) == (1.0, 2.0)


@sharedctypes.scenario("value.keyword", doc=VALUE)
def value_keywords(mp):
    """Value() accepts lock and ctx only by keyword: positional arguments go to the type, and too many of them raise
    TypeError.
    """
    for more in (False,), (mp.Lock(),), (True, mp):
        with raises(TypeError):
            module(mp, "sharedctypes").Value("i", 5, *more)


def change_synchronized(v, a):
    v.value += 1  # undocumented: whether the default lock of this module is recursive
    a[1] = 7


@sharedctypes.scenario("value.context", doc=VALUE)
def value_of_a_context(mp):
    """Value() creates its lock in the context ctx, so that the object can be passed to processes of that context."""
    made = module(mp, "sharedctypes")
    v = made.Value("i", 5, ctx=mp)
    assert type(v.get_lock()) is type(mp.RLock())
    with child(mp, change_synchronized, v, [0, 0]) as process:
        pass
    assert (process.exitcode, v.value) == (0, 6)


@sharedctypes.scenario("array.lock", doc=ARRAY)
def array_has_a_lock(mp):
    """Array() returns a wrapper with a lock of its own if lock is true, which is the default."""
    module_array = module(mp, "sharedctypes").Array
    be_locked_by_default(mp, lambda **kwargs: module_array("i", 5, **kwargs))
    a = module_array("i", [1, 2], ctx=mp)
    a[0] = 5
    assert (a[:], len(a), a.get_obj()._type_) == ([5, 2], 2, ctypes.c_int)


@sharedctypes.scenario("array.given", doc=ARRAY)
def array_takes_a_given_lock(mp):
    """Array() returns a wrapper that synchronizes accesses with the Lock or RLock passed as lock."""
    module_array = module(mp, "sharedctypes").Array
    take_given_locks(mp, lambda **kwargs: module_array("i", 5, **kwargs), lambda a: a[0], lambda a: a.__setitem__(0, 1))


@sharedctypes.scenario("array.raw", doc=ARRAY)
def array_without_a_lock(mp):
    """Array() returns the ctypes array itself, without a wrapper, if lock is false."""
    a = module(mp, "sharedctypes").Array("i", [1, 2], lock=False)
    assert isinstance(a, ctypes.Array)
    assert a[:] == [1, 2]


@sharedctypes.scenario("array.keyword", doc=ARRAY)
def array_keywords(mp):
    """Array() accepts lock and ctx only by keyword, and raises TypeError if they are positional arguments."""
    for more in (False,), (mp.Lock(),), (True, mp):
        with raises(TypeError):
            module(mp, "sharedctypes").Array("i", 5, *more)


@sharedctypes.scenario("array.context", doc=ARRAY)
def array_of_a_context(mp):
    """Array() creates its lock in the context ctx, so that the array can be passed to processes of that context."""
    made = module(mp, "sharedctypes")
    v, a = made.RawValue("i"), made.Array("i", 2, ctx=mp)
    with child(mp, change_synchronized, made.synchronized(v, a.get_lock(), ctx=mp), a) as process:
        pass
    assert (process.exitcode, v.value, a[:]) == (0, 1, [0, 7])


CURRENT_CONTEXT = """
import sys
from conformance import module

def change(v, a, w):
    v.value += 1
    a[0] = 5
    with w:
        w.value = 7

if __name__ == "__main__":
    mp.set_start_method(sys.argv[1])
    made = module(mp.get_context(), "sharedctypes")
    v, a, w = made.Value("i", 2), made.Array("i", 1), made.synchronized(made.RawValue("i"))
    process = mp.Process(target=change, args=(v, a, w))
    process.start()
    process.join()
    print(v.value, a[0], w.value)
"""


@sharedctypes.scenario("current-context")
def current_context(mp):
    """Value(), Array() and synchronized() create locks of the current context if ctx is not given, so that the
    objects can be passed to a Process of the module.
    """
    ended = program(CURRENT_CONTEXT, mp.get_start_method())
    assert (ended.status, ended.output) == (0, "3 5 7\n")


OF_THE_MAIN_MODULE = """
import ctypes, sys

class Place(ctypes.Structure):
    _fields_ = [("x", ctypes.c_int), ("y", ctypes.c_int)]

def move(place, places):
    place.x += 10
    for each in places:
        each.y += 20

if __name__ == "__main__":
    mp.set_start_method(sys.argv[1])
    place, places = mp.Value(Place, 1, 2), mp.Array(Place, [(3, 4), (5, 6)])
    process = mp.Process(target=move, args=(place, places))
    process.start()
    process.join()
    print(place.x, place.y, *((each.x, each.y) for each in places))
"""


@sharedctypes.scenario("of-the-main-module")
def structures_of_the_main_module(mp):
    """The type of a shared object can be a structure that the main module of the program defines."""
    ended = program(OF_THE_MAIN_MODULE, mp.get_start_method())
    assert (ended.status, ended.output) == (0, "11 2 (3, 24) (5, 26)\n")


def modify(n, x, s, points):
    n.value **= 2
    x.value **= 2
    s.value = s.value.upper()
    for point in points:
        point.x **= 2
        point.y **= 2


@sharedctypes.scenario("together")
def many_objects_with_one_lock(mp):
    """A process can modify shared objects of all kinds, even if several share a Lock, and its parent sees the
    changes.
    """
    made, lock = module(mp, "sharedctypes"), mp.Lock()
    n, x = made.Value("i", 7, ctx=mp), made.Value(ctypes.c_double, 1.0 / 3.0, lock=False)
    s = made.Array("c", b"hello world", lock=lock)
    points = made.Array(Point, [(1.875, -6.25), (-5.75, 2.0), (2.375, 9.5)], lock=lock)
    with child(mp, modify, n, x, s, points):
        pass
    assert (n.value, x.value, s.value) == (49, (1.0 / 3.0) ** 2, b"HELLO WORLD")
    assert [fields(point) for point in points] == [(3.515625, 39.0625), (33.0625, 4.0), (5.640625, 90.25)]
