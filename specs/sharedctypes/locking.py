"""The locks of shared values: whose they are, and what happens without one."""

import ctypes

from conformance import arg, child, raises
from specs.sharedctypes.values import SYNCHRONIZED, Point, ends_early, is_free, value


@value.scenario("wrapper.object", doc=SYNCHRONIZED)
def wrapped_object(mp):
    """get_obj() always returns the same object, the wrapped ctypes object, which can be used without acquiring the
    lock.
    """
    from concurrent.futures import ThreadPoolExecutor

    v = mp.Value("i", 5)
    v.get_obj().value = 6
    assert v.value == 6
    v.value = 7
    with v.get_lock(), ThreadPoolExecutor(1) as thread:
        assert thread.submit(getattr, v.get_obj(), "value").result() == 7
    assert v.get_obj() is v.get_obj()


@value.scenario("lock.new")
def new_recursive_lock(mp):
    """Value() creates a separate recursive lock for each object if lock is true, which is the default."""
    first, second, third = mp.Value("i"), mp.Value("i"), mp.Value("i", lock=True)
    locks = [v.get_lock() for v in (first, second, third)]
    for lock in locks:
        assert type(lock) is type(mp.RLock())
    with locks[0], locks[0]:
        assert first.get_lock() is locks[0]
        assert [is_free(lock) for lock in locks] == [False, True, True]
    assert is_free(locks[0])


@value.scenario("lock.given", kind=arg.one_of("Lock", "RLock"))
def given_lock(mp, kind):
    """get_lock() returns the Lock or RLock passed as lock, and all accesses acquire it, even if several objects share
    it.
    """
    lock = getattr(mp, kind)()
    first, second = mp.Value("i", 1, lock=lock), mp.Value("d", 0.5, lock=lock)
    assert first.get_lock() is lock
    assert second.get_lock() is lock
    assert ends_early(lock, lambda: first.value, lambda: second.value, lambda: setattr(first, "value", 2)) == []
    assert (first.value, second.value) == (2, 0.5)
    assert is_free(lock)


def store_unlocked(v, point):
    v.value, point.x = 6, 2.5


@value.scenario("lock.none")
def without_a_lock(mp):
    """Value() returns the ctypes object itself if lock is false, and the object is shared nevertheless."""
    v, point = mp.Value("i", 5, lock=False), mp.Value(Point, 1.5, lock=False)
    assert [type(v), type(point)] == [ctypes.c_int, Point]
    with child(mp, store_unlocked, v, point):
        pass
    assert (v.value, point.x) == (6, 2.5)


@value.scenario("lock.keyword")
def lock_by_name_only(mp):
    """Value() accepts lock only by keyword, since positional arguments go to the type, and raises TypeError for any
    other keyword argument.
    """
    with raises(TypeError):
        mp.Value("i", 5, mp.Lock())
    with raises(TypeError):
        mp.Value("i", 5, False)
    with raises(TypeError):
        mp.Value("i", 5, locks=False)


@value.scenario("with.raises", doc=SYNCHRONIZED)
def block_that_raises(mp):
    """A with block of the wrapper holds the lock and releases it if an exception ends the block, and the exception
    propagates.
    """
    v = mp.Value("i", 5)
    with raises(KeyError), v:
        assert not is_free(v.get_lock())
        v.value += 1
        raise KeyError("inside")
    assert is_free(v.get_lock())
    assert v.value == 6
