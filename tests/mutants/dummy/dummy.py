"""Broken copies of multiprocessing.dummy: its processes, pools, connections and shared objects."""

import functools
import multiprocessing
import queue
import threading
import time
from multiprocessing import dummy as real
from multiprocessing import pool
from multiprocessing.dummy import connection

from mutants import Mutant, Patched


def replaced(**attributes):
    """The module with other attributes."""
    return Patched(real, **attributes)


class without_barrier(Mutant):
    """The module has no barrier."""

    breaks = ("dummy.names", "dummy.barrier.meets")

    dummy = replaced(Barrier=None)


class processes_are_processes(Mutant):
    """A process of the module is a real one."""

    breaks = ("dummy.process.thread", "dummy.value.shared", "dummy.array.shared", "dummy.manager.shares")

    dummy = replaced(Process=multiprocessing.get_context("fork").Process)


class Keyless(real.Process):
    def __init__(self, group=None, target=None, name=None, args=(), kwargs=None):
        super().__init__(group, target, name, args, {})


class kwargs_forgotten(Mutant):
    """The target is called without kwargs."""

    breaks = ("dummy.process.arguments",)

    dummy = replaced(Process=Keyless)


class Calling(real.Process):
    def start(self):
        self.run()
        self._target = None
        super().start()


class runs_in_the_caller(Mutant):
    """The target runs in the thread that starts it."""

    breaks = ("dummy.process.thread", "dummy.process.run", "dummy.current.process", "dummy.rlock.own")

    dummy = replaced(Process=Calling)


class Nameless(real.Process):
    def __init__(self, group=None, target=None, name=None, args=(), kwargs=None):
        super().__init__(group, target, "DummyProcess", args, kwargs or {})


class name_forgotten(Mutant):
    """All processes have the same name."""

    breaks = ("dummy.process.name",)

    dummy = replaced(Process=Nameless)


class Immortal(real.Process):
    def is_alive(self):
        return self._start_called


class alive_for_ever(Mutant):
    """A process that was started is taken for alive for ever."""

    breaks = ("dummy.process.alive", "dummy.process.exitcode", "dummy.children.alive")

    dummy = replaced(Process=Immortal)


class ExitAtOnce(real.Process):
    exitcode = property(lambda self: None if self.is_alive() else 0)


class exit_code_before_the_start(Mutant):
    """A process that was not started has an exit code."""

    breaks = ("dummy.process.exitcode",)

    dummy = replaced(Process=ExitAtOnce)


class Endless(real.Process):
    def join(self, timeout=None):
        return super().join()


class join_without_a_timeout(Mutant):
    """join() ignores its timeout."""

    breaks = ("dummy.process.join",)

    dummy = replaced(Process=Endless)


class Hasty(real.Process):
    def join(self, timeout=None):
        return super().join(timeout and timeout / 2)


class join_in_half_the_time(Mutant):
    """join() gives up after half of its timeout."""

    breaks = ("dummy.process.join",)

    dummy = replaced(Process=Hasty)


class Restarted(real.Process):
    def start(self):
        if self._start_called:
            run = real.Process(target=self._again)
            run.start()
            run.join()
        else:
            self._again = functools.partial(self._target, *self._args) if self._target else None
            super().start()


class starts_again(Mutant):
    """A process that has ended can be started again."""

    breaks = ("dummy.process.once",)

    dummy = replaced(Process=Restarted)


class Daemonless(real.Process):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._daemonic = False


class daemon_is_not_passed_on(Mutant):
    """The processes that a daemon creates are no daemons."""

    breaks = ("dummy.process.daemon",)

    dummy = replaced(Process=Daemonless)


class Named(str):
    """A name in place of a process."""


class current_is_a_copy(Mutant):
    """current_process() makes a new object each time."""

    breaks = ("dummy.current.process",)

    dummy = replaced(current_process=lambda: Named(threading.current_thread().name))


class all_children(Mutant):
    """active_children() lists all processes that run, whoever started them."""

    breaks = ("dummy.children.alive",)

    dummy = replaced(
        active_children=lambda: [thread for thread in threading.enumerate() if isinstance(thread, real.Process)]
    )


class dead_children(Mutant):
    """active_children() lists those that have ended, too."""

    breaks = ("dummy.children.alive",)

    dummy = replaced(active_children=lambda: list(threading.current_thread()._children))


class pool_of_processes(Mutant):
    """Pool() makes a pool of real processes."""

    breaks = ("dummy.pool.kind", "dummy.pool.workers", "dummy.pool.threads")

    dummy = replaced(Pool=lambda *args, **kwargs: multiprocessing.get_context("fork").Pool(*args, **kwargs))


def single(processes=None, initializer=None, initargs=()):
    return pool.ThreadPool(1, initializer, initargs)


class one_worker(Mutant):
    """Pool() makes one worker, however many are asked for."""

    breaks = ("dummy.pool.workers", "dummy.pool.named")

    dummy = replaced(Pool=single)


class Ordered(pool.ThreadPool):
    def map(self, func, iterable, chunksize=None):
        return [func(each) for each in iterable]

    def starmap(self, func, iterable, chunksize=None):
        return [func(each) for each in iterable]


class maps_in_the_caller(Mutant):
    """map() calls the function in the caller's thread, and starmap() with one argument."""

    breaks = ("dummy.pool.threads", "dummy.pool.methods")

    dummy = replaced(Pool=lambda processes=None, *args: Ordered(processes, *args))


class Connection(connection.Connection):
    """A connection, to be changed."""


def pipes(kind):
    """A Pipe() of such connections."""

    def pipe(duplex=True):
        a, b = queue.Queue(), queue.Queue()
        return kind(a, b), kind(b, a)

    return pipe


def uncrossed(duplex=True):
    a, b = queue.Queue(), queue.Queue()
    return connection.Connection(a, b), connection.Connection(a, b)


class pipe_is_not_crossed(Mutant):
    """Both ends of a pipe send in the same direction."""

    breaks = ("dummy.pipe.pair", "dummy.pipe.simplex", "dummy.pipe.bytes", "dummy.pipe.context")

    dummy = replaced(Pipe=uncrossed)


class Stacked(Connection):
    def __init__(self, _in, _out):
        super().__init__(_in, _out)
        self.send = lambda obj: _out.queue.appendleft(obj) if _out.qsize() else _out.put(obj)


class last_in_first_out(Mutant):
    """A message overtakes those that wait."""

    breaks = ("dummy.pipe.pair",)

    dummy = replaced(Pipe=pipes(Stacked))


class WithoutBytes(Connection):
    def __init__(self, _in, _out):
        super().__init__(_in, _out)
        del self.send_bytes


class no_bytes(Mutant):
    """Connections have no send_bytes()."""

    breaks = ("dummy.pipe.bytes",)

    dummy = replaced(Pipe=pipes(WithoutBytes))


class OneWay(Connection):
    def __init__(self, _in, _out):
        super().__init__(_in, _out)
        self.recv = self.recv_bytes = self._out.get


class receives_its_own(Mutant):
    """A connection receives what it sends itself."""

    breaks = ("dummy.pipe.simplex", "dummy.pipe.bytes", "dummy.pipe.context")

    dummy = replaced(Pipe=pipes(OneWay))


class Impatient(Connection):
    def poll(self, timeout=0.0):
        return self._in.qsize() > 0


class poll_does_not_wait(Mutant):
    """poll() ignores its timeout."""

    breaks = ("dummy.pipe.poll",)

    dummy = replaced(Pipe=pipes(Impatient))


class Swallowing(Connection):
    def __exit__(self, *exc):
        return True


class exceptions_swallowed(Mutant):
    """A with block of a connection ends without the exception."""

    breaks = ("dummy.pipe.context",)

    dummy = replaced(Pipe=pipes(Swallowing))


def client_of_one_queue(address):
    both = queue.Queue()
    address.put((both, both))
    return connection.Connection(both, both)


class client_talks_to_itself(Mutant):
    """A client has one queue for both directions."""

    breaks = ("dummy.listener.accepts",)

    dummy = replaced(connection=Patched(connection, Client=client_of_one_queue))


class ThreadLocal(threading.local):
    """A value that each thread has for itself."""

    def __init__(self, typecode, value, lock=True):
        self.value = value


class value_of_each_thread(Mutant):
    """Each thread has a value of its own."""

    breaks = ("dummy.value.shared",)

    dummy = replaced(Value=ThreadLocal)


class array_is_a_tuple(Mutant):
    """An array cannot be changed."""

    breaks = ("dummy.array.shared",)

    dummy = replaced(Array=lambda typecode, sequence, lock=True: tuple(sequence))


class array_takes_anything(Mutant):
    """An array ignores its typecode."""

    breaks = ("dummy.array.shared",)

    dummy = replaced(Array=lambda typecode, sequence, lock=True: list(sequence))


class Hidden(real.Namespace):
    def __repr__(self):
        return "Namespace()"


class namespace_shows_nothing(Mutant):
    """A namespace does not show its attributes."""

    breaks = ("dummy.manager.shares",)

    dummy = replaced(Manager=lambda: replaced(Namespace=Hidden))


class manager_cannot_end(Mutant):
    """A manager cannot be shut down."""

    breaks = ("dummy.manager.makes",)

    dummy = replaced(Manager=lambda: replaced(shutdown=lambda: 1 / 0))


class plain_rlock(Mutant):
    """A recursive lock is not."""

    breaks = ("dummy.rlock.own",)

    dummy = replaced(RLock=lambda: threading.Semaphore(3))


class semaphores_without_bound(Mutant):
    """A bounded semaphore has no bound."""

    breaks = ("dummy.semaphore.counts",)

    dummy = replaced(BoundedSemaphore=threading.Semaphore)


class Deaf(threading.Condition):
    def wait_for(self, predicate, timeout=None):
        while not predicate():
            self.release()
            time.sleep(0)
            self.acquire()


class condition_says_nothing(Mutant):
    """wait_for() returns None."""

    breaks = ("dummy.condition.notifies",)

    dummy = replaced(Condition=Deaf)


class Quiet(threading.Condition):
    def notify_all(self):
        pass


class condition_wakes_none(Mutant):
    """notify_all() wakes no process that waits already."""

    breaks = ("dummy.condition.notifies",)

    dummy = replaced(Condition=Quiet)


class barrier_for_one(Mutant):
    """A barrier lets everybody pass as the first."""

    breaks = ("dummy.barrier.meets",)

    dummy = replaced(Barrier=lambda parties: threading.Barrier(1))


class queue_is_a_stack(Mutant):
    """The last object that is put is got first."""

    breaks = ("dummy.queue.shared",)

    dummy = replaced(Queue=queue.LifoQueue)


class queue_without_bound(Mutant):
    """A queue forgets its maxsize."""

    breaks = ("dummy.queue.shared",)

    dummy = replaced(Queue=lambda maxsize=0: queue.Queue())
