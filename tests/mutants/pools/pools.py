"""Broken pools, of processes and of threads, and broken results of theirs."""

import multiprocessing
import os
import sys
import threading
import types
from multiprocessing import dummy, pool
from multiprocessing.reduction import ForkingPickler

from mutants import Mutant, Patched


class Workers(pool.Pool):
    """The real thing, in the context of a mutant."""

    def __init__(self, processes=None, initializer=None, initargs=(), maxtasksperchild=None, *, ctx):
        super().__init__(processes, initializer, initargs, maxtasksperchild, ctx._real)


def processes(fault):
    """A pool of processes with a fault."""
    return type("Pool", (fault, Workers), {})


def threads(fault):
    """The module with a pool of threads that has a fault."""
    return Patched(pool, ThreadPool=type("ThreadPool", (fault, pool.ThreadPool), {}))


def changing(**changes):
    """A fault: what these methods return goes through functions before."""

    def changed(name, change):
        return lambda self, *args, **kwargs: change(getattr(super(Fault, self), name)(*args, **kwargs))

    Fault = type("Fault", (), {name: changed(name, change) for name, change in changes.items()})  # noqa: N806
    return Fault


def forgiving(*names):
    """A fault: these methods return an exception instead of raising it."""

    def forgives(name):
        def method(self, *args, **kwargs):
            try:
                return getattr(super(Fault, self), name)(*args, **kwargs)
            except Exception as error:
                return error

        return method

    Fault = type("Fault", (), {name: forgives(name) for name in names})  # noqa: N806
    return Fault


def with_results(**methods):
    """A fault: results have other methods."""
    one, many = (type("Result", (kind,), methods) for kind in (pool.ApplyResult, pool.MapResult))

    class WithResults:
        def apply_async(self, *args, **kwargs):
            result = super().apply_async(*args, **kwargs)
            result.__class__ = one
            return result

        def _map_async(self, *args, **kwargs):
            result = super()._map_async(*args, **kwargs)
            result.__class__ = many
            return result

    return WithResults


def backwards(results):
    return list(results)[::-1]


def iter_backwards(results):
    return iter(backwards(results))


def later_backwards(result):
    get = result.get
    result.get = lambda timeout=None: get(timeout)[::-1]
    return result


def later_forgiving(result):
    get = result.get

    def forgives(timeout=None):
        try:
            return get(timeout)
        except Exception as error:
            return error

    result.get = forgives
    return result


class no_small_pools(Mutant):
    """Has no pools of less than two workers."""

    breaks = ("pool.made",)

    class Pool(Workers):
        def __init__(self, processes=None, *args, **kwargs):
            if processes == 1:
                raise NotImplementedError(processes)
            super().__init__(processes, *args, **kwargs)


class map_backwards(Mutant):
    """Has the last results of map() first."""

    breaks = ("pool.map.returns", "pool.map.iterables", "threadpool.map")

    Fault = changing(map=backwards)
    Pool, pool = processes(Fault), threads(Fault)


class map_async_backwards(Mutant):
    """Has the last results of map_async() first."""

    breaks = ("pool.map_async.returns",)

    Pool = processes(changing(map_async=later_backwards))


class starmap_backwards(Mutant):
    """Has the last results of starmap() first."""

    breaks = ("pool.starmap.returns", "pool.starmap.unpacks")

    Pool = processes(changing(starmap=backwards))


class starmap_async_backwards(Mutant):
    """Has the last results of starmap_async() first."""

    breaks = ("pool.starmap_async.returns",)

    Pool = processes(changing(starmap_async=later_backwards))


class map_forgives(Mutant):
    """Returns an exception from map() where it should raise it."""

    breaks = ("pool.map.raises", "pool.result-unpicklable", "pool.map.iterable-raises")

    Pool = processes(forgiving("map"))


class map_async_forgives(Mutant):
    """Returns an exception from get() of a result of map_async() where it should raise it."""

    breaks = ("pool.map_async.raises", "asyncresult.get.reraises", "asyncresult.get.unpicklable", "threadpool.map")

    Fault = changing(map_async=later_forgiving)
    Pool, pool = processes(Fault), threads(Fault)


class starmap_forgives(Mutant):
    """Returns an exception from starmap() where it should raise it."""

    breaks = ("pool.starmap.raises",)

    Pool = processes(forgiving("starmap"))


class starmap_async_forgives(Mutant):
    """Returns an exception from get() of a result of starmap_async() where it should raise it."""

    breaks = ("pool.starmap_async.raises", "asyncresult.get.reraises", "threadpool.map")

    Fault = changing(starmap_async=later_forgiving)
    Pool, pool = processes(Fault), threads(Fault)


class apply_forgives(Mutant):
    """Returns an exception from apply() where it should raise it."""

    breaks = ("pool.apply.raises", "pool.result-unpicklable", "threadpool.apply")

    Fault = forgiving("apply")
    Pool, pool = processes(Fault), threads(Fault)


class apply_async_forgives(Mutant):
    """Returns an exception from get() where it should raise it, even that of its timeout."""

    breaks = ("pool.apply_async.raises", "asyncresult.get.timeout", "asyncresult.timeout-error")

    class Pool(Workers):
        def apply_async(self, *args, **kwargs):
            return later_forgiving(super().apply_async(*args, **kwargs))

        def apply(self, func, args=(), kwds={}):  # noqa: B006 - as in the original
            return super().apply_async(func, args, kwds).get()


class results_in_lists(Mutant):
    """Takes every task for one of map()."""

    breaks = ("pool.apply_async.returns", "pool.apply_async.arguments", "asyncresult.get.returns")

    Pool = processes(with_results(get=lambda self, timeout=None: [pool.ApplyResult.get(self, timeout)]))


class does_not_wait(Mutant):
    """Returns the asynchronous result from apply()."""

    breaks = ("pool.apply.returns", "pool.apply.blocks")

    class Pool(Workers):
        def apply(self, func, args=(), kwds={}):  # noqa: B006 - as in the original
            return self.apply_async(func, args, kwds)


class works_itself(Mutant):
    """Calls the function in the calling process."""

    breaks = ("pool.apply.worker",)

    class Pool(Workers):
        def apply(self, func, args=(), kwds={}):  # noqa: B006 - as in the original
            return func(*args, **kwds)


class forgets_keywords(Mutant):
    """Drops the keyword arguments of a task."""

    breaks = ("pool.apply.arguments", "pool.apply_async.arguments", "threadpool.apply")

    class Fault:
        def apply_async(self, func, args=(), kwds=None, callback=None, error_callback=None):
            return super().apply_async(func, args, {}, callback, error_callback)

    Pool, pool = processes(Fault), threads(Fault)


class tries_again(Mutant):
    """Submits every task a second time, in case the first gets lost."""

    breaks = ("pool.once",)

    class Pool(Workers):
        def apply_async(self, *args, **kwargs):
            super().apply_async(*args, **kwargs)
            return super().apply_async(*args, **kwargs)


class callbacks_swapped(Mutant):
    """Takes error_callback for callback."""

    breaks = ("pool.apply_async.callbacks", "threadpool.callbacks")

    class Fault:
        def apply_async(self, func, args=(), kwds={}, callback=None, error_callback=None):  # noqa: B006
            return super().apply_async(func, args, kwds, error_callback, callback)

    Pool, pool = processes(Fault), threads(Fault)


class calls_back_for_each_item(Mutant):
    """Passes the items of the list to callback one by one."""

    breaks = ("pool.map_async.callbacks", "pool.starmap_async.callbacks", "threadpool.callbacks")

    class Fault:
        def _map_async(self, func, iterable, mapper, chunksize=None, callback=None, error_callback=None):
            each = callback and (lambda results: [callback(result) for result in results])
            return super()._map_async(func, iterable, mapper, chunksize, each, error_callback)

    Pool, pool = processes(Fault), threads(Fault)


class needs_a_length(Mutant):
    """Maps no iterators."""

    breaks = ("pool.map.iterables", "pool.starmap.unpacks", "threadpool.map")

    class Fault:
        def _map_async(self, func, iterable, *args, **kwargs):
            return super()._map_async(func, [iterable[i] for i in range(len(iterable))], *args, **kwargs)

    Pool, pool = processes(Fault), threads(Fault)


class unpacks_pairs(Mutant):
    """Believes that all items of starmap() are pairs."""

    breaks = ("pool.starmap.unpacks",)

    class Pool(Workers):
        def starmap(self, func, iterable, chunksize=None):
            return super().starmap(func, [tuple(item)[:2] for item in iterable], chunksize)


class one_worker_for_all(Mutant):
    """Starts only one worker, whatever the number."""

    breaks = ("pool.remains-available", "pool.map.parallel", "workers.count")

    class Pool(Workers):
        def __init__(self, processes=None, *args, **kwargs):
            super().__init__(1, *args, **kwargs)


class one_after_the_other(Mutant):
    """Maps one item after the other."""

    breaks = ("pool.map.parallel",)

    class Pool(Workers):
        def map(self, func, iterable, chunksize=None):
            return [self.apply(func, (item,)) for item in iterable]


class no_chunks(Mutant):
    """Makes a task of each item."""

    breaks = ("pool.map.chunks", "pool.starmap.chunks", "imap.ordered.chunks")

    class Pool(Workers):
        def _map_async(self, func, iterable, mapper, chunksize=None, *args, **kwargs):
            return super()._map_async(func, iterable, mapper, 1, *args, **kwargs)

        def imap(self, func, iterable, chunksize=1):
            return super().imap(func, iterable)


def up_to_an_error(iterable):
    try:
        yield from iterable
    except Exception:
        pass


class errors_are_ends(Mutant):
    """Takes an exception of the iterable for its end."""

    breaks = ("pool.map.iterable-raises", "imap.ordered.iterable-raises", "threadpool.imap")

    class Fault:
        def _map_async(self, func, iterable, *args, **kwargs):
            return super()._map_async(func, up_to_an_error(iterable), *args, **kwargs)

        def imap(self, func, iterable, chunksize=1):
            return super().imap(func, up_to_an_error(iterable), chunksize)

    Pool, pool = processes(Fault), threads(Fault)


class Told:
    """A function that returns the text of what cannot be sent."""

    def __init__(self, func):
        self.func = func

    def __call__(self, *args, **kwds):
        result = self.func(*args, **kwds)
        try:
            ForkingPickler.dumps(result)
        except Exception:
            return repr(result)
        return result


class unpicklable_results_as_text(Mutant):
    """Returns a text instead of a result that does not pickle."""

    breaks = ("pool.result-unpicklable", "asyncresult.get.unpicklable")

    class Pool(Workers):
        def apply_async(self, func, *args, **kwargs):
            return super().apply_async(Told(func), *args, **kwargs)


class unpicklable_tasks_are_lost(Mutant):
    """Prints the error of a task that does not pickle, and waits for its result."""

    breaks = ("pool.task-unpicklable",)

    class Pool(Workers):
        def _setup_queues(self):
            super()._setup_queues()
            send = self._quick_put

            def put(task):
                try:
                    send(task)
                except Exception:
                    sys.excepthook(*sys.exc_info())

            self._quick_put = put


class imap_backwards(Mutant):
    """Has the last results of imap() and imap_unordered() first."""

    breaks = (
        "pool.imap.returns",
        "imap.ordered.order",
        "imap.ordered.lazy",
        "imap.ordered.iterable-raises",
        "imap.unordered.one-worker",
    )

    Pool = processes(changing(imap=iter_backwards, imap_unordered=iter_backwards))


class Deaf:
    """An iterator over results that does not hear of the end while it waits."""

    def __init__(self, results):
        self.results = results

    def __iter__(self):
        return self

    def next(self, timeout=None):
        waits = self.results._length is None and not self.results._items
        try:
            return self.results.next(timeout)
        except StopIteration:
            if waits:
                threading.Event().wait()
            raise

    def __next__(self):
        return self.next()


def deafened(results):
    return Deaf(results) if isinstance(results, pool.IMapIterator) else results


class the_end_wakes_nobody(Mutant):
    """Leaves those asleep who wait for one more result when the iterable ends."""

    breaks = ("imap.ordered.late-end", "imap.unordered.late-end")
    Pool = processes(changing(imap=deafened, imap_unordered=deafened))


class each_chunk_calls_back(Mutant):
    """Calls error_callback for each chunk that fails."""

    breaks = ("pool.map_async.callbacks", "pool.starmap_async.callbacks")

    class Pool(Workers):
        def _map_async(self, func, iterable, mapper, chunksize=None, callback=None, error_callback=None):
            result = super()._map_async(func, iterable, mapper, chunksize, callback)
            set_chunk = result._set

            def set_and_tell(i, outcome):
                if error_callback and not outcome[0]:
                    error_callback(outcome[1])
                set_chunk(i, outcome)

            result._set = set_and_tell
            return result


class eager_iterators(Mutant):
    """Makes a list of the iterable first."""

    breaks = ("imap.ordered.lazy", "imap.unordered.lazy", "imap.ordered.iterable-raises")

    class Pool(Workers):
        def imap(self, func, iterable, chunksize=1):
            return super().imap(func, list(iterable), chunksize)

        def imap_unordered(self, func, iterable, chunksize=1):
            return super().imap_unordered(func, list(iterable), chunksize)


def first_twice(results):
    for index, result in enumerate(results):
        yield from [result] * (2 - bool(index))


class first_result_twice(Mutant):
    """Yields the first result twice."""

    breaks = ("pool.imap_unordered.returns", "threadpool.imap")

    Fault = changing(imap_unordered=first_twice)
    Pool, pool = processes(Fault), threads(Fault)


def without_failures(results):
    while True:
        try:
            yield next(results)
        except StopIteration:
            return
        except Exception:
            pass


class failures_skipped(Mutant):
    """Yields only the results of the tasks that did not fail."""

    breaks = ("pool.imap.raises", "imap.ordered.iterator", "imap.ordered.goes-on", "threadpool.imap")

    Fault = changing(imap=without_failures)
    Pool, pool = processes(Fault), threads(Fault)


class failures_skipped_in_no_order(Mutant):
    """Yields only the results of the tasks that did not fail, in any order."""

    breaks = ("pool.imap_unordered.raises", "imap.unordered.goes-on")

    Pool = processes(changing(imap_unordered=without_failures))


def hasty(results):
    """An iterator that gives up after half of the time."""
    results.next = lambda timeout=None: type(results).next(results, timeout and timeout / 2)
    return results


class half_of_the_time(Mutant):
    """Gives up after half of the time."""

    breaks = (
        "imap.ordered.timeout",
        "imap.unordered.timeout",
        "asyncresult.get.timeout",
        "asyncresult.wait.timeout",
        "threadpool.timeouts",
    )

    Results = with_results(wait=lambda self, timeout=None: pool.ApplyResult.wait(self, timeout and timeout / 2))

    Fault = type("Fault", (changing(imap=hasty, imap_unordered=hasty), Results), {})
    Pool, pool = processes(Fault), threads(Fault)


class one_worker_too_many(Mutant):
    """Starts one worker more than asked for."""

    breaks = ("workers.count", "workers.count-by-default")

    class Pool(Workers):
        def __init__(self, processes=None, *args, **kwargs):
            super().__init__((processes or os.cpu_count()) + 1, *args, **kwargs)


class initializer_forgotten(Mutant):
    """Never calls the initializer."""

    breaks = ("workers.initializer", "workers.maxtasksperchild")

    class Pool(Workers):
        def __init__(self, processes=None, initializer=None, initargs=(), *args, **kwargs):
            super().__init__(processes, None, (), *args, **kwargs)


def with_own_globals(function):
    """A copy of a function of Python that has a copy of its global variables, as what is pickled by value has."""
    if not isinstance(function, types.FunctionType):
        return function
    return types.FunctionType(function.__code__, dict(function.__globals__), function.__name__)


class initializer_by_value(Mutant):
    """Lets the initializer bind global variables of a copy of its module."""

    breaks = ("workers.initializer.rebinds",)

    class Pool(Workers):
        def __init__(self, processes=None, initializer=None, *args, **kwargs):
            super().__init__(processes, with_own_globals(initializer), *args, **kwargs)


class one_task_more(Mutant):
    """Has a worker complete one task more than it may."""

    breaks = ("workers.maxtasksperchild",)

    class Pool(Workers):
        def __init__(self, processes=None, initializer=None, initargs=(), maxtasksperchild=None, **kwargs):
            more = maxtasksperchild and maxtasksperchild + 1
            super().__init__(processes, initializer, initargs, more, **kwargs)


class workers_of_short_life(Mutant):
    """Replaces workers although nobody asked for that."""

    breaks = ("workers.stay",)

    class Pool(Workers):
        def __init__(self, processes=None, initializer=None, initargs=(), maxtasksperchild=30, **kwargs):
            super().__init__(processes, initializer, initargs, maxtasksperchild, **kwargs)


class context_forgotten(Mutant):
    """Starts the workers in another way than the context says."""

    breaks = ("workers.context",)

    class Pool(pool.Pool):
        def __init__(self, *args, ctx):
            super().__init__(*args, context=multiprocessing.get_context("spawn"))


class default_not_settled(Mutant):
    """Leaves the global start method open."""

    breaks = ("workers.context.default",)

    class Fault(pool.Pool):
        def __init__(self, *args, context=None):
            super().__init__(*args, context=context or multiprocessing.get_context("fork"))

    pool = Patched(pool, Pool=Fault)


class never_closed(Mutant):
    """Ignores close()."""

    breaks = ("workers.close.refuses", "workers.close.completes", "workers.join.waits", "threadpool.close")

    class Fault:
        def close(self):
            pass

    Pool, pool = processes(Fault), threads(Fault)


class close_terminates(Mutant):
    """Terminates where it should close."""

    breaks = ("workers.close.completes", "threadpool.close")

    class Fault:
        def close(self):
            self.terminate()

    Pool, pool = processes(Fault), threads(Fault)


class join_does_not_wait(Mutant):
    """Returns from join() while the workers are still there."""

    breaks = ("workers.join.waits",)

    class Pool(Workers):
        def join(self):
            if self._state == pool.RUN:
                super().join()


class join_is_patient(Mutant):
    """Has nothing against joining a running pool."""

    breaks = ("workers.join.running", "threadpool.close")

    class Fault:
        def join(self):
            if self._state != pool.RUN:
                super().join()

    Pool, pool = processes(Fault), threads(Fault)


class terminate_completes(Mutant):
    """Closes where it should terminate."""

    breaks = ("workers.terminate.discards", "workers.with.terminates", "threadpool.terminate", "threadpool.with")

    class Fault:
        def terminate(self):
            self.close()

    Pool, pool = processes(Fault), threads(Fault)


class never_refuses(Mutant):
    """Accepts tasks that nobody will carry out."""

    breaks = ("workers.close.refuses", "workers.terminate.refuses", "threadpool.terminate", "threadpool.with")

    class Fault:
        def _check_running(self):
            pass

    Pool, pool = processes(Fault), threads(Fault)


class garbage_goes_on(Mutant):
    """Does not notice that the pool is garbage."""

    breaks = ("workers.terminate.garbage",)

    class Pool(Workers):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            self._terminate.cancel()


class exceptions_swallowed(Mutant):
    """Ends a with block as if there had been no exception."""

    breaks = ("workers.with.terminates", "threadpool.with")

    class Fault:
        def __exit__(self, *exception):
            self.terminate()
            return True

    Pool, pool = processes(Fault), threads(Fault)


class results_of_another_class(Mutant):
    """Returns a stand-in for an AsyncResult."""

    breaks = ("asyncresult.class",)

    class Pool(Workers):
        def apply_async(self, *args, **kwargs):
            result = super().apply_async(*args, **kwargs)
            return Patched(result)


class timeout_of_the_builtins(Mutant):
    """Raises the TimeoutError that is built in."""

    breaks = ("asyncresult.timeout-error", "asyncresult.get.timeout")

    def get(self, timeout=None):
        try:
            return pool.ApplyResult.get(self, timeout)
        except multiprocessing.TimeoutError:
            raise TimeoutError from None

    Pool = processes(with_results(get=get))


class only_the_message(Mutant):
    """Raises an exception of another type, with the message of the original."""

    breaks = ("asyncresult.get.reraises",)

    def get(self, timeout=None):
        try:
            return pool.ApplyResult.get(self, timeout)
        except multiprocessing.TimeoutError:
            raise
        except Exception as error:
            raise RuntimeError(str(error)) from error

    Pool = processes(with_results(get=get))


class wait_does_not_wait(Mutant):
    """Returns from wait() at once."""

    breaks = ("asyncresult.wait.waits", "asyncresult.wait.timeout", "asyncresult.get.returns")

    Pool = processes(with_results(wait=lambda self, timeout=None: None))


class always_ready(Mutant):
    """Is ready from the start."""

    breaks = ("asyncresult.ready.tells", "asyncresult.successful.not-ready")

    Pool = processes(with_results(ready=lambda self: True))


class always_successful(Mutant):
    """Is successful with an exception, too."""

    breaks = ("asyncresult.successful.tells",)

    Pool = processes(with_results(successful=lambda self: pool.ApplyResult.successful(self) in (True, False)))


class Unrelated:
    """A pool of threads that is no Pool."""

    def __init__(self, *args):
        self._threads = pool.ThreadPool(*args)

    def __getattr__(self, name):
        return getattr(self._threads, name)


class threads_of_no_pool(Mutant):
    """Has a ThreadPool of its own making."""

    breaks = ("threadpool.subclass",)

    pool = Patched(pool, ThreadPool=Unrelated)


class processes_for_dummies(Mutant):
    """Has processes in the module dummy, too."""

    breaks = ("threadpool.dummy",)

    dummy = Patched(dummy, Pool=pool.Pool)


class one_thread_too_few(Mutant):
    """Starts one thread less than asked for, and one more by default."""

    breaks = ("threadpool.workers", "threadpool.workers-by-default", "threadpool.initializer")

    class Fault(pool.ThreadPool):
        def __init__(self, processes=None, *args, **kwargs):
            number = os.cpu_count() + 1 if processes is None else max(processes - 1, 1)
            super().__init__(number, *args, **kwargs)

    pool = Patched(pool, ThreadPool=Fault)


class arguments_ignored(Mutant):
    """Accepts any arguments, and does nothing about them."""

    breaks = ("threadpool.no-processes",)

    class Fault(pool.ThreadPool):
        def __init__(self, processes=None, initializer=None, initargs=(), **ignored):
            super().__init__(processes, initializer, initargs)

    pool = Patched(pool, ThreadPool=Fault)


class context_comes_first(Mutant):
    """Takes a context before the number of tasks of a worker."""

    breaks = ("workers.arguments",)

    class Fault(pool.Pool):
        def __init__(self, processes=None, initializer=None, initargs=(), context=None, maxtasksperchild=None):
            super().__init__(processes, initializer, initargs, maxtasksperchild, context)

    pool = Patched(pool, Pool=Fault)
