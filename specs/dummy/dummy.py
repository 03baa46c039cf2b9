"""``multiprocessing.dummy``: the interface of ``multiprocessing``, implemented with threads.

A process of this module is a thread, so everything happens within one real process. The manual says
no more than that; this file states what follows for processes and pools. The other objects that the
module creates are in ``objects``, and ``primitives`` is about queues, locks, and events that many
threads contend for.
"""

import os
import threading
from contextlib import contextmanager
from time import monotonic

from conformance import Spec, arg, module, raises

DUMMY = "multiprocessing.dummy"
MAKERS = ("Barrier", "BoundedSemaphore", "Condition", "Event", "JoinableQueue", "Lock", "Queue", "RLock", "Semaphore")
NAMES = MAKERS + ("Array", "Manager", "Pipe", "Pool", "Process", "Value", "active_children", "current_process")
SLACK = 0.001  # seconds: the granularity of clocks

dummy = Spec("dummy", documents=DUMMY)


@dummy.scenario("names")
def names(mp):
    """Processes, pools, queues, locks, values, and managers have the same names in multiprocessing.dummy as in
    multiprocessing.
    """
    mpd = module(mp, "dummy")
    assert [name for name in NAMES if not callable(getattr(mpd, name, None))] == []
    assert mpd.freeze_support() is None


def run(mpd, target, *args):
    """Runs a process of the module from start to end and returns it."""
    process = mpd.Process(target=target, args=args)
    process.start()
    process.join()
    return process


@contextmanager
def staying(mpd):
    """A process of the module that runs until the block is left."""
    leave = threading.Event()
    process = mpd.Process(target=leave.wait)
    process.start()
    try:
        yield process
    finally:
        leave.set()
        process.join()


def note_where(found):
    found.append((os.getpid(), threading.get_ident()))


@dummy.scenario("process.thread")
def process_is_a_thread(mp):
    """A process of multiprocessing.dummy is a thread: it runs in the real process of its creator and shares
    its objects.
    """
    found = []
    process = run(module(mp, "dummy"), note_where, found)
    assert isinstance(process, threading.Thread)
    assert [pid for pid, _ in found] == [os.getpid()]
    assert found[0][1] != threading.get_ident()


@dummy.scenario("process.arguments")
def arguments_are_passed(mp):
    """A process calls its target once, with args and kwargs."""
    found = []

    def target(*args, **kwargs):
        found.append((args, kwargs))

    process = module(mp, "dummy").Process(None, target, "name", (1, 2), {"key": 3})
    process.start()
    process.join()
    process = module(mp, "dummy").Process(target=target, kwargs={"only": 4})
    process.start()
    process.join()
    assert found == [((1, 2), {"key": 3}), ((), {"only": 4})]


@dummy.scenario("process.run")
def run_can_be_overridden(mp):
    """start() calls run(), which a subclass can override, exactly once and in a thread other than the caller's."""
    found = []

    class Worker(module(mp, "dummy").Process):
        def run(self):
            note_where(found)

    worker = Worker()
    worker.start()
    worker.join()
    assert len(found) == 1
    assert found[0][1] != threading.get_ident()


@dummy.scenario("process.name")
def process_has_a_name(mp):
    """A process has the name passed to Process(), or else a name that no other process has, and can be renamed."""
    mpd = module(mp, "dummy")
    named, one, other = mpd.Process(name="given"), mpd.Process(), mpd.Process()
    assert named.name == "given"
    assert isinstance(one.name, str)
    assert one.name != other.name
    one.name = "changed"
    assert one.name == "changed"


@dummy.scenario("process.alive")
def process_is_alive(mp):
    """is_alive() returns True from the moment start() returns until the target ends, and False before and after."""
    mpd = module(mp, "dummy")
    assert mpd.Process().is_alive() is False
    with staying(mpd) as process:
        assert process.is_alive() is True
    assert process.is_alive() is False


@dummy.scenario("process.exitcode")
def process_has_an_exit_code(mp):
    """The attribute exitcode is None before start() and while the process runs, and 0 once the target has
    returned.
    """
    mpd = module(mp, "dummy")
    assert mpd.Process().exitcode is None
    with staying(mpd) as process:
        assert process.exitcode is None
    assert process.exitcode == 0


@dummy.scenario("process.join")
def join_waits(mp):
    """join() returns None once the process has ended or timeout seconds have elapsed, and no earlier. Before
    start(), join() raises an exception.
    """
    mpd = module(mp, "dummy")
    with staying(mpd) as process:
        started = monotonic()
        assert process.join(arg.SHORT) is None
        assert monotonic() - started >= arg.SHORT - SLACK
        assert process.is_alive() is True
    assert process.join() is None
    assert process.join(arg.LONG) is None
    with raises(Exception):
        mpd.Process().join()  # which has not been started


@dummy.scenario("process.once")
def start_once(mp):
    """start() raises an exception if the process has already been started, and the target is not called again."""
    found = []
    process = run(module(mp, "dummy"), note_where, found)
    with raises(Exception):
        process.start()
    assert len(found) == 1


@dummy.scenario("process.daemon")
def daemon_can_be_set(mp):
    """The attribute daemon can be set before start(), and a new process inherits it from its creator."""
    mpd = module(mp, "dummy")
    found = []
    process = mpd.Process(target=lambda: found.append(mpd.Process().daemon))
    assert process.daemon is False
    process.daemon = True
    process.start()
    process.join()
    assert (process.daemon, found) == (True, [True])


@dummy.scenario("process.daemon-argument")
def daemon_is_an_argument(mp):
    """Process() accepts daemon as an argument, which sets the attribute of the same name."""
    assert module(mp, "dummy").Process(daemon=True).daemon is True


@dummy.scenario("current.process")
def current_process(mp):
    """current_process() always returns the same object in a process: in a child, the object on which start()
    was called.
    """
    mpd = module(mp, "dummy")
    found = []
    process = run(mpd, lambda: found.append(mpd.current_process()))
    assert found[0] is process
    assert mpd.current_process() is mpd.current_process()
    assert mpd.current_process() is not process


def look_at_children(mpd, found):
    with staying(mpd) as process:
        found.append((process, mpd.active_children()))
    found.append(mpd.active_children())


@dummy.scenario("children.alive")
def children_that_are_alive(mp):
    """active_children() returns a list of the children of the calling process that have been started and have
    not ended, without children of other processes.
    """
    mpd = module(mp, "dummy")
    before = mpd.active_children()
    unstarted, ended, found = mpd.Process(), run(mpd, int), []
    with staying(mpd) as process, staying(mpd) as other:
        children = mpd.active_children()
        assert isinstance(children, list)
        assert {process, other} <= set(children)
        assert {unstarted, ended} & set(children) == set()
        run(mpd, look_at_children, mpd, found)
        assert found == [(found[0][0], [found[0][0]]), []]
    assert [child for child in mpd.active_children() if child not in before] == []


@dummy.scenario("pool.kind")
def pool_is_a_thread_pool(mp):
    """Pool() returns an instance of ThreadPool, which is an instance of pool.Pool as well."""
    pools = module(mp, "pool")
    with module(mp, "dummy").Pool(1) as pool:
        assert isinstance(pool, pools.ThreadPool)
        assert isinstance(pool, pools.Pool)


@dummy.scenario("pool.workers", processes=arg.integers(1, 4))
def pool_has_workers(mp, processes):
    """Pool(n, initializer, initargs) starts n workers, each of which calls initializer(*initargs) once."""
    found = []

    def initialize(*args):
        found.append((args, threading.get_ident()))

    pool = module(mp, "dummy").Pool(processes, initialize, ("ready", 7))
    pool.close()
    pool.join()
    assert [args for args, _ in found] == [("ready", 7)] * processes
    assert len({ident for _, ident in found}) == processes


@dummy.scenario("pool.named")
def pool_takes_names(mp):
    """Pool() accepts processes, initializer, and initargs as keyword arguments, all of which are optional."""
    found = []
    pool = module(mp, "dummy").Pool(processes=2, initializer=found.append, initargs=("ready",))
    pool.close()
    pool.join()
    assert found == ["ready"] * 2
    with module(mp, "dummy").Pool() as pool:
        assert pool.map(abs, [-1]) == [1]


def place(_):
    return os.getpid(), threading.get_ident()


@dummy.scenario("pool.threads")
def pool_works_in_threads(mp):
    """The workers of a pool are threads of the calling process, and none of them is the calling thread."""
    with module(mp, "dummy").Pool(2) as pool:
        places = pool.map(place, range(4), 1)
    assert {pid for pid, _ in places} == {os.getpid()}
    assert threading.get_ident() not in {ident for _, ident in places}


@dummy.scenario("pool.methods")
def pool_has_all_methods(mp):
    """A pool has the methods of pool.Pool that apply or map a function, and they have the same results."""
    with module(mp, "dummy").Pool(2) as pool:
        assert pool.apply(divmod, (7, 2)) == (3, 1)
        assert pool.apply_async(divmod, (7, 2)).get() == (3, 1)
        assert pool.map(abs, [-1, 2, -3]) == [1, 2, 3]
        assert pool.map_async(abs, [-1, 2, -3]).get() == [1, 2, 3]
        assert list(pool.imap(abs, [-1, 2, -3])) == [1, 2, 3]
        assert sorted(pool.imap_unordered(abs, [-1, 2, -3])) == [1, 2, 3]
        assert pool.starmap(divmod, [(7, 2), (9, 4)]) == [(3, 1), (2, 1)]
        with raises(ZeroDivisionError):
            pool.apply(divmod, (1, 0))
