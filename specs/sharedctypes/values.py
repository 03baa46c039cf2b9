"""Shared values: numbers and structures in memory that several processes share.

A wrapper acquires its lock for each single access. An operation of several accesses, such as
``+=``, is atomic only among processes that hold this lock throughout. Arrays are in ``arrays``,
and what values and arrays are built on is in ``sharedctypes``.
"""

from __future__ import annotations

import array as numbers
import ctypes
import gc

from conformance import Frozen, Spec, arg, blocks, call, child, laws, raises, replace, returns

VALUE = "multiprocessing.Value"
SYNCHRONIZED = "multiprocessing.sharedctypes.synchronized"
SHARED, SHARING = (
    "library/multiprocessing#shared-ctypes-objects",
    "library/multiprocessing#sharing-state-between-processes",
)
GLANCE = 0.02  # how long calls that must wait are watched, in seconds

TYPECODES = {
    "b": ctypes.c_byte,
    "B": ctypes.c_ubyte,
    "u": ctypes.c_wchar,
    "h": ctypes.c_short,
    "H": ctypes.c_ushort,
    "i": ctypes.c_int,
    "I": ctypes.c_uint,
    "l": ctypes.c_long,
    "L": ctypes.c_ulong,
    "q": ctypes.c_longlong,
    "Q": ctypes.c_ulonglong,
    "f": ctypes.c_float,
    "d": ctypes.c_double,
}
WHOLE = "bBhHiIlLqQ"  # typecodes of integers


class Point(ctypes.Structure):
    _fields_ = [("x", ctypes.c_double), ("y", ctypes.c_double)]


class Record(ctypes.Structure):
    _fields_ = [("flag", ctypes.c_bool), ("name", ctypes.c_char * 8), ("at", Point), ("counts", ctypes.c_int * 3)]


class Value(Frozen):
    """A shared number, and the recursive lock with which it was created.

    made: Value(typecode, number) creates a shared value that holds number; its lock has no owner.
    inherited: A shared value passed as an argument to a new process refers to the same shared value in that process.
    """

    number: int = 0
    given: bool = False  # whether an existing lock is passed in
    owner: int | None = None
    level: int = 0

    def open_to(self, me):
        return self.owner in (None, me)

    def up(self, me):
        return replace(self, owner=me, level=self.level + 1)

    def down(self):
        return replace(self, level=self.level - 1, owner=self.owner if self.level > 1 else None)


def some_value(mp, number=0, given=False):
    return mp.Value("i", number, lock=mp.RLock()) if given else mp.Value("i", number)


value = Spec(
    "value",
    Value,
    make=some_value,
    documents=VALUE,
    number=arg.integers(-3, 3),
    given=arg.one_of(False, False, True),
)


def get_value(v):
    return v.value


@value.op(get_value, doc=VALUE, weight=2)
def get(state, me):
    """Reads the number.

    tells: Reading the value attribute returns the number stored last, whichever process stored it.
    waits: Reading the value attribute blocks until the lock is released if another process owns it.
    """
    if state.open_to(me):
        yield "tells", returns(state.number)
    else:
        yield "waits", blocks


def set_value(v, number):
    v.value = number


@value.op(set_value, doc=VALUE, name="set", number=arg.integers(-99, 99), weight=2)
def set_number(state, me, number):
    """Stores a number.

    stores: Setting the value attribute stores the number for all processes.
    waits: Setting the value attribute blocks until the lock is released if another process owns it.
    """
    if state.open_to(me):
        yield "stores", returns(None), replace(state, number=number)
    else:
        yield "waits", blocks


def count_up(v):
    with v.get_lock():
        v.value += 1
        return v.value


@value.op(count_up, doc=VALUE, weight=3)
def increment(state, me):
    """Adds one in a with block of the lock that get_lock() returns.

    adds: Adding one to the value attribute with += is atomic in a with block of the lock that get_lock() returns.
    waits: A with statement on the lock that get_lock() returns does not start its block until the lock is released if
        another process owns it.
    """
    if state.open_to(me):
        yield "adds", returns(state.number + 1), replace(state, number=state.number + 1)
    else:
        yield "waits", blocks


def acquire_lock(wrapper):
    return wrapper.get_lock().acquire()


def acquire(state, me):
    """Acquires the lock that get_lock() returns.

    takes: get_lock().acquire() makes the process the owner, adds one to the recursion level, and returns True if no
        other process owns the lock.
    waits: get_lock().acquire() blocks until the lock is released if another process owns it.
    """
    if state.open_to(me):
        yield "takes", returns(True), state.up(me)
    else:
        yield "waits", blocks


def release_lock(wrapper):
    wrapper.get_lock().release()


def release(state, me):
    """Releases the lock that get_lock() returns.

    releases: get_lock().release() subtracts one from the recursion level, and at level 0 leaves the lock without an
        owner, if the process owns it.
    refused: get_lock().release() raises AssertionError and changes nothing if the process does not own the lock.
    """
    if state.owner == me:
        yield "releases", returns(None), state.down()
    else:
        yield "refused", raises(AssertionError)


def enter_block(wrapper):
    wrapper.__enter__()  # its return value is undocumented


def enter(state, me):
    """The start of a with block of the wrapper.

    takes: A with statement on the wrapper adds one to the recursion level of its lock and starts its block if no other
        process owns the lock.
    waits: A with statement on the wrapper does not start its block until the lock is released if another process owns
        it.
    """
    if state.open_to(me):
        yield "takes", returns(None), state.up(me)
    else:
        yield "waits", blocks


def leave_block(wrapper):
    wrapper.__exit__(None, None, None)


def leave(state, me):
    """The end of a with block of the wrapper.

    releases: A with block of the wrapper subtracts one from the recursion level of its lock at the end, and at level 0
        leaves the lock without an owner.
    refused: A with block of the wrapper raises AssertionError at its end if the process does not own the lock.
    """
    yield from release(state, me)


def add_lock(spec):
    """Adds the operations of the lock, which are the same for values and arrays."""
    spec.op(acquire_lock, doc=spec.documents, weight=2)(acquire)
    spec.op(release_lock, doc=spec.documents, weight=2)(release)
    spec.op(enter_block, doc=SYNCHRONIZED)(enter)
    spec.op(leave_block, doc=SYNCHRONIZED, name="exit")(leave)
    spec.rescue(call("release"))


add_lock(value)
READ, WRITE, COUNT = [call("get")], [call("set", number=7)], [call("increment")]
HOLD, BLOCK = [call("acquire"), call("set", number=5)], [call("enter"), call("acquire"), call("release")]

value.pin({0: HOLD}, {1: READ, 2: WRITE}, {0: READ}, {0: [call("release")]}, {0: READ})
value.pin({0: BLOCK}, {1: READ, 2: COUNT}, {0: COUNT}, {0: [call("exit")]}, {0: READ}, given=True)
value.pin({0: HOLD}, {1: [call("enter")], 2: [call("acquire")]}, {0: [call("release")]})
value.pin({0: HOLD}, {1: [call("release"), call("exit")], 2: READ}, {0: COUNT}, {0: [call("release")]})


@value.stream(stuck="counted", actors=arg.integers(2, 3), times=arg.integers(50, 200))
def counting(actors, times):
    """Processes increment the number as fast as they can, starting at zero."""
    return [COUNT * times for _ in range(actors)]


def miscounted(history):
    """Returns what is wrong with the numbers that processes reached while counting up together, or None."""
    met = sorted(int(step.value) for step in laws.picked(history, "increment"))
    wrong = [(number, promised) for promised, number in enumerate(met, 1) if number != promised]
    return "no increment led to %d, and one led to %d" % wrong[0][::-1] if wrong else None


@value.law(counting, "counted", doc=VALUE)
def nothing_is_lost(history):
    """No number is skipped or reached twice while several processes increment a shared value at full speed under its
    lock.
    """
    return miscounted(history)


@value.stream(stuck="undisturbed", actors=arg.integers(2, 3), times=arg.integers(20, 80))
def holding(actors, times):
    """Each process repeatedly stores its own number and reads it back, while it holds the lock."""
    turn = [[call("acquire"), call("set", n), call("get"), call("get"), call("release")] for n in range(actors)]
    block = [[call("enter"), call("set", n), call("get"), call("get"), call("exit")] for n in range(actors)]
    return [(a + b) * times for a, b in zip(turn, block)]


@value.law(holding, "undisturbed", doc=SYNCHRONIZED)
def nobody_interferes(history):
    """No other process changes a shared value while a process holds its lock, acquired by acquire() or a with
    statement.
    """
    for step in laws.picked(history, "get"):
        if step.value != str(step.actor):
            return "process %d, which held the lock and had stored %d, read %s" % (step.actor, step.actor, step.value)
    return None


def is_free(lock):
    """Whether another thread can acquire the lock right now."""
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: lock.acquire(False) and lock.release() is None).result()


def ends_early(lock, *accesses):
    """Returns which accesses, each in its own thread, end while this thread holds the lock; none if all wait for it."""
    from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait

    with ThreadPoolExecutor(len(accesses)) as threads, lock:
        begun = [threads.submit(access) for access in accesses]
        wait(begun, GLANCE, FIRST_COMPLETED)
        return [index for index, future in enumerate(begun) if future.done()]


@value.scenario("typecodes")
def typecodes(mp):
    """A typecode passed to Value() selects the same C type as in the array module, and the value holds any number of
    that type.
    """
    for code, kind in TYPECODES.items():
        assert type(mp.Value(code).get_obj()) is kind
    for code in WHOLE:
        size = numbers.array(code).itemsize
        assert ctypes.sizeof(mp.Value(code).get_obj()) == size
        low, high = (0, 256**size - 1) if code.isupper() else (-(256**size) // 2, 256**size // 2 - 1)
        assert [mp.Value(code, low).value, mp.Value(code, high).value] == [low, high]
    assert [mp.Value("u", "x").value, mp.Value("f", 0.5).value, mp.Value("d", 0.1).value] == ["x", 0.5, 0.1]


@value.scenario("typecodes.half", since=(3, 15))
def typecode_of_half_floats(mp):
    """Value() accepts the typecode e, which stands for a float of two bytes as in the array module."""
    assert mp.Value("e", 0.5).value == 0.5


OF_TYPES = (
    (ctypes.c_bool, True, False),
    (ctypes.c_char, b"x", b"\xff"),
    (ctypes.c_wchar, "y", "\u00e9"),
    (ctypes.c_int8, -128, 127),
    (ctypes.c_uint64, 2**64 - 1, 1),
    (ctypes.c_float, 0.25, -1.5),
    (ctypes.c_double, 2.4, 1 / 3),
)


def store_others(values):
    for v, (_, first, second) in zip(values, OF_TYPES):
        assert v.value == first
        v.value = second


@value.scenario("types")
def types(mp):
    """A shared value of any simple ctypes type holds its initial value, and then the value that another process
    stores.
    """
    values = [mp.Value(kind, first) for kind, first, _ in OF_TYPES]
    for v, (kind, first, _) in zip(values, OF_TYPES):
        assert type(v.get_obj()) is kind
        assert v.value == first
        assert type(v.value) is type(first)
    with child(mp, store_others, values) as process:
        pass
    assert process.exitcode == 0
    assert [v.value for v in values] == [second for _, _, second in OF_TYPES]


@value.scenario("zero")
def zero_by_default(mp):
    """Value() initializes the object to zero if only a type is given, even in memory that was in use before."""
    for kind, used in (ctypes.c_int, -1), (ctypes.c_bool, True), (ctypes.c_double, 1 / 3), (ctypes.c_uint64, 2**64 - 1):
        for _ in range(3):
            v = mp.Value(kind)
            assert v.value == kind().value
            v.value = used
            del v
            gc.collect()
    point = mp.Value(Point, 1.5, 2.5)
    del point
    gc.collect()
    assert (mp.Value(Point).x, mp.Value(Point).y) == (0.0, 0.0)


@value.scenario("arguments")
def arguments_are_passed_on(mp):
    """Value() passes all further arguments to the type, and raises TypeError if one has the wrong type or there are
    too many.
    """
    point = mp.Value(Point, 1.5)
    assert (point.x, point.y) == (1.5, 0.0)
    for wrong in ("i", "1"), ("i", 1.5), ("i", 1, 2), ("d", "1"), ("b", None), (ctypes.c_char, "text"), (Point, "1"):
        with raises(TypeError):
            mp.Value(*wrong)
    assert mp.Value("H", -3).value == 65533  # ctypes does not check for overflow


@value.scenario("refuses")
def refuses_other_types(mp):
    """Setting the value attribute to an object of the wrong type raises TypeError, and leaves the number unchanged
    and the lock released.
    """
    v = mp.Value("i", 5)
    for wrong in "6", 6.5, None:
        with raises(TypeError):
            v.value = wrong
    assert v.value == 5
    assert is_free(v.get_lock())


def change_record(record):
    assert (record.flag, record.name, record.at.x, record.counts[2]) == (True, b"first", 1.5, 3)
    record.flag, record.name, record.at = False, b"second", Point(3.5, 4.5)
    record.counts[2] = 7


@value.scenario("structure")
def structures_are_shared(mp):
    """Each field of a shared structure is an attribute of its own type, which processes share."""
    record = mp.Value(Record, True, b"first", Point(1.5, 2.5), (1, 2, 3))
    other = mp.Value(Record, False, b"other")
    with child(mp, change_record, record) as process:
        pass
    assert process.exitcode == 0
    assert (record.flag, record.name) == (False, b"second")
    assert (record.at.x, record.at.y, record.counts[:]) == (3.5, 4.5, [1, 2, 7])
    assert (other.flag, other.name, other.at.x, other.counts[:]) == (False, b"other", 0.0, [0, 0, 0])


@value.scenario("structure.waits", doc=SYNCHRONIZED)
def structures_wait(mp):
    """Reading or setting a field of a shared structure blocks while another thread or process holds its lock."""
    point = mp.Value(Point, 1.5, 2.5)
    setters = [lambda: setattr(point, "x", 3.5), lambda: setattr(point, "y", 4.5)]
    assert ends_early(point.get_lock(), lambda: point.x, lambda: point.y, *setters) == []
    assert (point.x, point.y) == (3.5, 4.5)
    assert is_free(point.get_lock())


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


def fill(values, first):
    for number, v in enumerate(values, first):
        v.value = number


@value.scenario("distinct", doc=SHARED)
def objects_are_distinct(mp):
    """Shared objects of any size do not overlap in memory, even while other objects are created and deleted."""
    codes = "bhild" * 40
    kept = [mp.Value(code, lock=False) for code in codes]
    fill(kept, -99)
    for _ in range(2):
        del kept[::3]
        gc.collect()
        arrays = [mp.Array("b", b"\x7f" * size, lock=False) for size in (1, 7, 9, 500, 5000)]
        fill(kept, -99)
        kept += [mp.Value(code, -1, lock=False) for code in codes[:50]]
        assert [v.value for v in kept[:-50]] == list(range(-99, len(kept) - 149))
        assert [bytes(each) == b"\x7f" * len(each) for each in arrays] == [True] * 5
        assert [v.value for v in kept[-50:]] == [-1] * 50


def make_and_keep(make, inherited, told, more):
    mine = [make("i", 77, lock=False) for _ in range(20)]
    told.send("made")
    more.recv()
    assert [v.value for v in inherited + mine] == [5] * 20 + [77] * 20


@value.scenario("distinct.processes", doc=SHARED)
def processes_make_their_own(mp):
    """An object that a process creates does not overlap in memory with any that another process has or creates
    meanwhile.
    """
    inherited = [mp.Value("i", 5, lock=False) for _ in range(20)]
    reports, told = mp.Pipe(False)
    orders, more = mp.Pipe(False)
    with child(mp, make_and_keep, mp.Value, inherited, told, orders) as process:
        assert reports.recv() == "made"
        mine = [mp.Value("i", -1, lock=False) for _ in range(20)]
        more.send("go on")
    assert process.exitcode == 0
    assert [v.value for v in inherited + mine] == [5] * 20 + [-1] * 20


def store(v, a):
    with v.get_lock():
        v.value += 1
        a[:] = [v.value] * len(a)


def pass_on(process_class, *objects):
    store(*objects)
    process = process_class(target=store, args=objects)
    process.start()
    process.join()


@value.scenario("inherited.onward", doc=SHARED)
def passed_on_to_a_grandchild(mp):
    """A shared object received as an argument can be passed on to a new process, and refers to the same object in
    that process.
    """
    v, a = mp.Value("i", 5), mp.Array("i", 2, lock=False)
    with child(mp, pass_on, mp.Process, v, a):
        pass
    assert (v.value, a[:]) == (7, [7, 7])


def change_all(n, a):
    n.value = 3.1415927
    for i in range(len(a)):
        a[i] = -a[i]


@value.scenario("outlives", doc=SHARING)
def stored_for_good(mp):
    """The numbers that a process stores in a Value and an Array are available to its parent after the process has
    ended.
    """
    n, a = mp.Value("d", 0.0), mp.Array("i", range(10))
    with child(mp, change_all, n, a):
        pass
    assert (n.value, a[:]) == (3.1415927, [0, -1, -2, -3, -4, -5, -6, -7, -8, -9])
