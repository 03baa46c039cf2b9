"""The memory of shared values: no two overlap, and processes pass them on."""

import gc

from conformance import child
from specs.sharedctypes.values import value

SHARED = "library/multiprocessing#shared-ctypes-objects"
SHARING = "library/multiprocessing#sharing-state-between-processes"


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
