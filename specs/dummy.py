"""``multiprocessing.dummy``: the interface of ``multiprocessing``, made of threads.

A process of this module is a thread, so everything happens within one real process. The manual says
no more than that; below is what follows for the names that the module has. ``dummy_primitives`` is about
queues, locks and events between many threads.
"""

import os
import threading
from contextlib import contextmanager
from time import monotonic

from conformance import Spec, arg, module, raises

DUMMY = "multiprocessing.dummy"
MAKERS = ("Barrier", "BoundedSemaphore", "Condition", "Event", "JoinableQueue", "Lock", "Queue", "RLock", "Semaphore")
NAMES = MAKERS + ("Array", "Manager", "Pipe", "Pool", "Process", "Value", "active_children", "current_process")
SLACK = 0.001  # seconds: granularity of clocks

dummy = Spec("dummy", documents=DUMMY)


@dummy.scenario("names")
def names(mp):
    """Processes, pools, queues, locks, values and managers have the names that multiprocessing gives them."""
    mpd = module(mp, "dummy")
    assert [name for name in NAMES if not callable(getattr(mpd, name, None))] == []
    assert mpd.freeze_support() is None


def run(mpd, target, *args):
    """Runs a process of the module from its start to its end, and returns it."""
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
    """A process of this module is a thread: it runs in the real process of its maker, and shares its objects."""
    found = []
    process = run(module(mp, "dummy"), note_where, found)
    assert isinstance(process, threading.Thread)
    assert [pid for pid, _ in found] == [os.getpid()]
    assert found[0][1] != threading.get_ident()


@dummy.scenario("process.arguments")
def arguments_are_passed(mp):
    """The target is called once, with args and kwargs."""
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
    """start() runs run(), which a subclass may replace, in the new thread and not in the caller's."""
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
    """A process has the name that it is given, or one that no other has, and can be renamed."""
    mpd = module(mp, "dummy")
    named, one, other = mpd.Process(name="given"), mpd.Process(), mpd.Process()
    assert named.name == "given"
    assert isinstance(one.name, str)
    assert one.name != other.name
    one.name = "changed"
    assert one.name == "changed"


@dummy.scenario("process.alive")
def process_is_alive(mp):
    """is_alive() is true from the moment when start() returns to the end of the target, and false before and after."""
    mpd = module(mp, "dummy")
    assert mpd.Process().is_alive() is False
    with staying(mpd) as process:
        assert process.is_alive() is True
    assert process.is_alive() is False


@dummy.scenario("process.exitcode")
def process_has_an_exit_code(mp):
    """The exit code is None before the start and while the process runs, and 0 once its target has returned."""
    mpd = module(mp, "dummy")
    assert mpd.Process().exitcode is None
    with staying(mpd) as process:
        assert process.exitcode is None
    assert process.exitcode == 0


@dummy.scenario("process.join")
def join_waits(mp):
    """join() returns None when the process has ended, or when its timeout is over, and not before."""
    mpd = module(mp, "dummy")
    with staying(mpd) as process:
        started = monotonic()
        assert process.join(arg.SHORT) is None
        assert monotonic() - started >= arg.SHORT - SLACK
        assert process.is_alive() is True
    assert process.join() is None
    assert process.join(arg.LONG) is None
    with raises(Exception):
        mpd.Process().join()  # which was not started


@dummy.scenario("process.once")
def start_once(mp):
    """A process can be started once only."""
    found = []
    process = run(module(mp, "dummy"), note_where, found)
    with raises(Exception):
        process.start()
    assert len(found) == 1


@dummy.scenario("process.daemon")
def daemon_can_be_set(mp):
    """The daemon flag can be set before the start, and is passed on to the processes that a process creates."""
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
    """Process() takes the daemon flag as an argument, too."""
    assert module(mp, "dummy").Process(daemon=True).daemon is True


@dummy.scenario("current.process")
def current_process(mp):
    """current_process() returns the same object each time in one process, and in a child the one that was started."""
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
    """active_children() is a list of the children of the calling process that run: none that was not started,
    none that has ended, and none of another process."""
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
    """Pool() returns a ThreadPool, which is a Pool."""
    pools = module(mp, "pool")
    with module(mp, "dummy").Pool(1) as pool:
        assert isinstance(pool, pools.ThreadPool)
        assert isinstance(pool, pools.Pool)


@dummy.scenario("pool.workers", processes=arg.integers(1, 4))
def pool_has_workers(mp, processes):
    """A pool of n processes has n workers, each of which calls the initializer with its arguments when it starts."""
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
    """Pool() takes processes, initializer and initargs by name, and none of them is necessary."""
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
    """The workers of a pool are threads of the calling process, and none of them is the caller."""
    with module(mp, "dummy").Pool(2) as pool:
        places = pool.map(place, range(4), 1)
    assert {pid for pid, _ in places} == {os.getpid()}
    assert threading.get_ident() not in {ident for _, ident in places}


@dummy.scenario("pool.methods")
def pool_has_all_methods(mp):
    """The pool has the methods of a Pool, and they return what those return."""
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


def echo(connection, times):
    for _ in range(times):
        connection.send(("echo", connection.recv()))


@dummy.scenario("pipe.pair", how=arg.one_of("default", "positional", "named"))
def pipe_goes_both_ways(mp, how):
    """Pipe() returns two connections, and what one sends the other receives, in order, between threads too."""
    mpd = module(mp, "dummy")
    makers = {"default": mpd.Pipe, "positional": lambda: mpd.Pipe(True), "named": lambda: mpd.Pipe(duplex=True)}
    mine, theirs = makers[how]()
    process = mpd.Process(target=echo, args=(theirs, 2))
    process.start()
    mine.send(1)
    mine.send([2])
    assert [mine.recv(), mine.recv()] == [("echo", 1), ("echo", [2])]
    process.join()
    mine.send("before")
    mine.send("after")
    assert [theirs.recv(), theirs.recv()] == ["before", "after"]


@dummy.scenario("pipe.simplex")
def pipe_goes_one_way(mp):
    """With duplex false, the first connection receives what the second sends."""
    receiver, sender = module(mp, "dummy").Pipe(False)
    sender.send("object")
    assert receiver.recv() == "object"


@dummy.scenario("pipe.bytes")
def pipe_carries_bytes(mp):
    """send_bytes() and recv_bytes() pass bytes in either direction."""
    one, other = module(mp, "dummy").Pipe()
    one.send_bytes(b"there")
    assert other.recv_bytes() == b"there"
    other.send_bytes(b"back")
    assert one.recv_bytes() == b"back"


@dummy.scenario("pipe.poll")
def pipe_can_be_polled(mp):
    """poll() tells whether there is something to receive, and does not take it; it waits as long as its timeout."""
    one, other = module(mp, "dummy").Pipe()
    started = monotonic()
    assert other.poll(arg.SHORT) is False
    assert monotonic() - started >= arg.SHORT - SLACK
    assert [other.poll(), other.poll(0)] == [False, False]
    one.send("object")
    assert [other.poll(), other.poll(arg.LONG), one.poll()] == [True, True, False]
    assert other.recv() == "object"
    assert other.poll() is False


@dummy.scenario("pipe.context", failing=arg.one_of(False, True))
def connections_in_with_blocks(mp, failing):
    """A with block binds the connection itself, closes it at the end, and lets an exception pass."""
    one, other = module(mp, "dummy").Pipe()
    try:
        with one as entered:
            assert entered is one
            one.send("inside")
            if failing:
                raise KeyError("inside")
    except KeyError:
        assert failing
    else:
        assert not failing
    assert other.recv() == "inside"
    assert other.close() is None


@dummy.scenario("listener.accepts")
def listener_accepts(mp):
    """A Client of a Listener's address is the other end of the connection that accept() returns."""
    connection = getattr(module(mp, "dummy"), "connection", None) or module(mp, "dummy.connection")
    with connection.Listener() as listener:
        for _ in range(2):
            with connection.Client(listener.address) as client, listener.accept() as accepted:
                client.send("there")
                assert client.poll() is False
                assert accepted.recv() == "there"
                accepted.send("back")
                assert client.recv() == "back"
    with raises(KeyError), connection.Listener():
        raise KeyError("inside")


def add_one(shared):
    shared.value += 1


@dummy.scenario("value.shared", lock=arg.one_of(True, False, None))
def value_is_shared(mp, lock):
    """Value(typecode, value) makes an object with this value, which every process sees and can change."""
    mpd = module(mp, "dummy")
    shared = mpd.Value("i", 6) if lock is None else mpd.Value("i", 6, lock=lock)
    assert shared.value == 6
    run(mpd, add_one, shared)
    assert shared.value == 7


def add_ones(shared):
    for index in range(len(shared)):
        shared[index] += 1


@dummy.scenario("array.shared", lock=arg.one_of(True, False, None))
def array_is_shared(mp, lock):
    """Array(typecode, sequence) makes an array of these elements, which every process sees and can change."""
    mpd = module(mp, "dummy")
    shared = mpd.Array("i", [1, 2, 3]) if lock is None else mpd.Array("i", [1, 2, 3], lock=lock)
    run(mpd, add_ones, shared)
    assert (len(shared), list(shared), list(shared[1:])) == (3, [2, 3, 4], [3, 4])
    assert {type(element) for element in shared} == {int}
    with raises(TypeError):
        shared[0] = "one"


def fill(namespace, mapping, sequence):
    namespace.y = "hello"
    mapping["key"] = 1
    sequence.append(2)


@dummy.scenario("manager.shares")
def manager_makes_containers(mp):
    """A manager makes namespaces, dictionaries and lists that every process sees and can change."""
    mpd = module(mp, "dummy")
    manager = mpd.Manager()
    namespace, mapping, sequence = manager.Namespace(), manager.dict(first=0), manager.list([1])
    namespace.x = 10
    run(mpd, fill, namespace, mapping, sequence)
    assert (namespace.x, namespace.y) == (10, "hello")
    assert "x=10" in repr(namespace) and "y='hello'" in repr(namespace)
    assert (dict(mapping), list(sequence)) == ({"first": 0, "key": 1}, [1, 2])
    del namespace.x
    assert not hasattr(namespace, "x")


@dummy.scenario("manager.makes")
def manager_makes_primitives(mp):
    """A manager makes locks, events, queues, values and arrays, and can be shut down."""
    manager = module(mp, "dummy").Manager()
    queue, mutex, event = manager.Queue(1), manager.Lock(), manager.Event()
    queue.put("object")
    event.set()
    assert (queue.get(), mutex.acquire(), event.wait()) == ("object", True, True)
    assert (manager.Value("i", 3).value, list(manager.Array("i", [4]))) == (3, [4])
    assert manager.shutdown() is None


@dummy.scenario("rlock.own")
def rlock_has_an_owner(mp):
    """A process may acquire its RLock again, and no other process can before it has released it as often."""
    mpd = module(mp, "dummy")
    mutex, found = mpd.RLock(), []
    assert [mutex.acquire(), mutex.acquire()] == [True, True]
    run(mpd, try_it, mutex, found)
    mutex.release()
    run(mpd, try_it, mutex, found)
    mutex.release()
    run(mpd, try_it, mutex, found)
    assert found == [False, False, True]


def try_it(mutex, found):
    found.append(mutex.acquire(False))
    if found[-1]:
        mutex.release()


@dummy.scenario("semaphore.counts", bounded=arg.one_of(False, True))
def semaphores_count(mp, bounded):
    """Semaphores start at their value, or at one, and only a bounded one refuses to rise above that."""
    mpd = module(mp, "dummy")
    kind = mpd.BoundedSemaphore if bounded else mpd.Semaphore
    assert [kind().acquire(False), kind(2).acquire(False)] == [True, True]
    semaphore = kind(2)
    assert [semaphore.acquire(False) for _ in range(3)] == [True, True, False]
    run(mpd, semaphore.release)
    assert semaphore.acquire(False) is True
    assert [semaphore.release(), semaphore.release()] == [None, None]
    if bounded:
        with raises(ValueError):
            semaphore.release()
    else:
        semaphore.release()
        assert [semaphore.acquire(False) for _ in range(4)] == [True, True, True, False]


def wait_until(condition, reached, found):
    with condition:
        found.append(condition.wait_for(lambda: bool(reached)))


@dummy.scenario("condition.notifies")
def condition_notifies(mp):
    """A process that waits for a condition goes on when another notifies it."""
    mpd = module(mp, "dummy")
    condition, reached, found = mpd.Condition(), [], []
    process = mpd.Process(target=wait_until, args=(condition, reached, found))
    process.start()
    with condition:
        reached.append("here")
        condition.notify_all()
    process.join()
    assert found == [True]


@dummy.scenario("barrier.meets")
def barrier_meets(mp):
    """Processes that wait at a barrier go on together when as many have come as it has parties."""
    mpd = module(mp, "dummy")
    barrier, found = mpd.Barrier(2), []
    process = mpd.Process(target=lambda: found.append(barrier.wait()))
    process.start()
    found.append(barrier.wait())
    process.join()
    assert sorted(found) == [0, 1]


@dummy.scenario("queue.shared", maxsize=arg.one_of(0, 3, None))
def queue_is_shared(mp, maxsize):
    """A Queue passes objects between processes, first in, first out, and has room for maxsize of them."""
    mpd = module(mp, "dummy")
    queue = mpd.Queue() if maxsize is None else mpd.Queue(maxsize)
    run(mpd, lambda: [queue.put(serial) for serial in range(3)])
    assert (queue.qsize(), queue.empty(), queue.full()) == (3, False, maxsize == 3)
    assert [queue.get(), queue.get_nowait(), queue.get(False)] == [0, 1, 2]
    assert queue.empty() is True
