"""multiprocessing.dummy: what threads share through pipes, values, managers, and primitives."""

from contextlib import closing
from time import monotonic

from conformance import arg, module, raises
from specs.dummy.dummy import SLACK, dummy, run


def echo(connection, times):
    for _ in range(times):
        connection.send(("echo", connection.recv()))


@dummy.scenario("pipe.pair", how=arg.one_of("default", "positional", "named"))
def pipe_goes_both_ways(mp, how):
    """Pipe() returns two connections, each of which receives what the other sends, in order, even in another
    thread.
    """
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
    """Pipe() returns a connection that receives and a connection that sends, in that order, if duplex is false."""
    receiver, sender = module(mp, "dummy").Pipe(False)
    sender.send("object")
    assert receiver.recv() == "object"


@dummy.scenario("pipe.bytes")
def pipe_carries_bytes(mp):
    """send_bytes() and recv_bytes() transfer bytes in either direction."""
    one, other = module(mp, "dummy").Pipe()
    one.send_bytes(b"there")
    assert other.recv_bytes() == b"there"
    other.send_bytes(b"back")
    assert one.recv_bytes() == b"back"


@dummy.scenario("pipe.poll")
def pipe_can_be_polled(mp):
    """poll() returns True if there is an object to receive, without removing it, and False once timeout seconds
    have elapsed without an object.
    """
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
    """A with statement binds the connection itself and lets exceptions propagate, and close() returns None."""
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
    """Client(listener.address) and listener.accept() return the two ends of one connection."""
    connection = getattr(module(mp, "dummy"), "connection", None) or module(mp, "dummy.connection")
    with connection.Listener() as listener:
        for _ in range(2):
            with closing(connection.Client(listener.address)) as client, closing(listener.accept()) as accepted:
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
    """Value(typecode, value) creates an object with this value, which every process can read and change."""
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
    """Array(typecode, sequence) creates an array of these elements, which every process can read and change."""
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
    """A manager creates namespaces, dictionaries, and lists that every process can read and change."""
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
    """A manager creates locks, events, queues, values, and arrays, and its shutdown() returns None."""
    manager = module(mp, "dummy").Manager()
    queue, mutex, event = manager.Queue(1), manager.Lock(), manager.Event()
    queue.put("object")
    event.set()
    assert (queue.get(), mutex.acquire(), event.wait()) == ("object", True, True)
    assert (manager.Value("i", 3).value, list(manager.Array("i", [4]))) == (3, [4])
    assert manager.shutdown() is None


@dummy.scenario("rlock.own")
def rlock_has_an_owner(mp):
    """A process that holds an RLock can acquire it again, and no other process can acquire it until the lock
    has been released as many times.
    """
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
    """A semaphore starts at value, which defaults to 1. Only a BoundedSemaphore raises ValueError when it is released
    above that value.
    """
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


def wait_until(condition, asked, reached, found):
    def is_reached():
        asked.release()
        return bool(reached)

    with condition:
        found.append(condition.wait_for(is_reached))


@dummy.scenario("condition.notifies")
def condition_notifies(mp):
    """Condition.wait_for() returns True once another process has made the predicate true and called notify_all()."""
    mpd = module(mp, "dummy")
    condition, asked, reached, found = mpd.Condition(), mpd.Semaphore(0), [], []
    process = mpd.Process(target=wait_until, args=(condition, asked, reached, found))
    process.daemon = True  # it would keep the program from ending if notify_all() fails
    process.start()
    asked.acquire()
    with condition:  # not before the other process waits, and has released the lock
        reached.append("here")
        condition.notify_all()
    process.join()
    assert found == [True]


@dummy.scenario("barrier.meets")
def barrier_meets(mp):
    """Barrier.wait() returns once all parties are waiting, with a different index from 0 to parties - 1 in each
    process.
    """
    mpd = module(mp, "dummy")
    barrier, found = mpd.Barrier(2), []
    process = mpd.Process(target=lambda: found.append(barrier.wait()))
    process.start()
    found.append(barrier.wait())
    process.join()
    assert sorted(found) == [0, 1]


@dummy.scenario("queue.shared", maxsize=arg.one_of(0, 3, None))
def queue_is_shared(mp, maxsize):
    """A Queue passes objects between processes, first in, first out, and is full once it holds maxsize objects."""
    mpd = module(mp, "dummy")
    queue = mpd.Queue() if maxsize is None else mpd.Queue(maxsize)
    run(mpd, lambda: [queue.put(serial) for serial in range(3)])
    assert (queue.qsize(), queue.empty(), queue.full()) == (3, False, maxsize == 3)
    assert [queue.get(), queue.get_nowait(), queue.get(False)] == [0, 1, 2]
    assert queue.empty() is True
