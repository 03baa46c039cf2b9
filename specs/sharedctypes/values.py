"""Shared values: numbers and structures in memory that several processes share.

A wrapper acquires its lock for each single access. An operation of several accesses, such as
``+=``, is atomic only among processes that hold this lock throughout. The types of values are in
``types``, their memory in ``sharing``, the locks that they are given in ``locking``, arrays in
``arrays``, and what values and arrays are built on in ``sharedctypes``.
"""

from __future__ import annotations

import ctypes

from conformance import Frozen, Spec, arg, blocks, call, laws, raises, replace, returns

VALUE = "multiprocessing.Value"
SYNCHRONIZED = "multiprocessing.sharedctypes.synchronized"
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

value.pin(
    "reading and setting the value wait for the owner of the lock, who reads what it has stored",
    {0: HOLD},
    {1: READ, 2: WRITE},
    {0: READ},
    {0: [call("release")]},
    {0: READ},
)
value.pin(
    "a with block inside of which the given lock is acquired once more keeps others waiting",
    {0: BLOCK},
    {1: READ, 2: COUNT},
    {0: COUNT},
    {0: [call("exit")]},
    {0: READ},
    given=True,
)
value.pin(
    "acquire() and a with statement wait for the owner of the lock",
    {0: HOLD},
    {1: [call("enter")], 2: [call("acquire")]},
    {0: [call("release")]},
)
value.pin(
    "a process releases a lock that it does not own, while its owner changes the value",
    {0: HOLD},
    {1: [call("release"), call("exit")], 2: READ},
    {0: COUNT},
    {0: [call("release")]},
)


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
