"""Broken contexts: start methods that are mistaken for others, and functions about processes that tell lies."""

import copy
import importlib
import multiprocessing
import os
import queue
import sys
import warnings
from multiprocessing import queues, resource_tracker, shared_memory
from multiprocessing.context import ForkProcess

from mutants import Context, Mutant

# Programs find the package's submodules as attributes of the mutant.
assert shared_memory


class no_joinable_queue(Mutant):
    """Forgets a name in its __init__.py."""

    breaks = ("context.names",)

    JoinableQueue = None


class context_without_freeze_support(Mutant):
    """Has a function of the module that is not a method of the contexts."""

    breaks = ("context.get_context.names",)

    class Poor(Context):
        def __getattr__(self, name):
            if name == "freeze_support":
                raise AttributeError(name)
            return super().__getattr__(name)

    @classmethod
    def get_context(cls, method=None):
        return cls.Poor(cls, multiprocessing.get_context(method))


class all_at_hand(Mutant):
    """Has names that belong to queue and to threading."""

    breaks = ("context.names-of-others", "context.no-analogues")

    Full = queue.Full

    def active_count(ctx):
        return len(multiprocessing.active_children()) + 1


class builtin_timeout_error(Mutant):
    """Has the TimeoutError of Python instead of its own."""

    breaks = ("context.errors.base",)

    class Other(Context):
        TimeoutError = TimeoutError

    @classmethod
    def get_context(cls, method=None):
        return cls.Other(cls, multiprocessing.get_context(method))


class fork_is_spawn(Mutant):
    """Has no context of fork any more, and does not say so."""

    breaks = (
        "context.get_context.named",
        "context.get_context.side-by-side",
        "context.get_context.foreign-locks",
        "context.fork.inherits",
    )

    class Modern(Context):
        def get_context(self, method=None):
            return self._real.get_context("spawn" if method == "fork" else method)

    @classmethod
    def get_context(cls, method=None):
        return cls.Modern(cls, multiprocessing.get_context(method))


class all_is_fork(Mutant):
    """Returns the same context whatever name it is given."""

    breaks = ("context.fresh.descriptors", "context.forkserver.server", "context.get_context.side-by-side")

    class Single(Context):
        def get_context(self, method=None):
            return self._real

    @classmethod
    def get_context(cls, method=None):
        return cls.Single(cls, multiprocessing.get_context(method))


class forkserver_not_named(Mutant):
    """Takes the module's forkserver for spawn."""

    breaks = ("context.get_context.named",)

    @classmethod
    def get_context(cls, method=None):
        return Context(cls, multiprocessing.get_context("spawn" if method == "forkserver" else method))


class naming_is_setting(Mutant):
    """Keeps the last context that was made for the global one."""

    breaks = ("context.get_context.named",)

    @classmethod
    def get_context(cls, method=None):
        if method is not None:
            multiprocessing.set_start_method(method, force=True)
        return Context(cls, multiprocessing.get_context(method))


class any_error_is_process_error(Mutant):
    """Has no base class of its own for its exceptions."""

    breaks = ("context.errors.base",)

    class Other(Context):
        ProcessError = Exception

    @classmethod
    def get_context(cls, method=None):
        return cls.Other(cls, multiprocessing.get_context(method))


class unknown_is_key_error(Mutant):
    """Lets the error of a look-up in its table pass."""

    breaks = ("context.get_context.unknown",)

    @classmethod
    def get_context(cls, method=None):
        try:
            return Context(cls, multiprocessing.get_context(method))
        except ValueError:
            raise KeyError(method) from None


class always_the_default_context(Mutant):
    """Neither looks at the global start method nor sets it when it makes the default context."""

    breaks = ("context.get_context.default", "context.get_context.global")
    start_method = "spawn"

    @classmethod
    def get_context(cls, method=None):
        return Context(cls, multiprocessing.get_context(method or multiprocessing.get_all_start_methods()[0]))


class default_is_last(Mutant):
    """Lists the start methods in the wrong order."""

    breaks = ("context.get_all_start_methods.default-first",)

    @staticmethod
    def get_all_start_methods():
        return multiprocessing.get_all_start_methods()[::-1]


class spawn_not_listed(Mutant):
    """Forgets a method that is always there."""

    breaks = ("context.get_all_start_methods.available",)

    @staticmethod
    def get_all_start_methods():
        return [name for name in multiprocessing.get_all_start_methods() if name != "spawn"]


class default_as_on_windows(Mutant):
    """Takes spawn for the default on all platforms."""

    breaks = ("context.get_start_method.default",)

    @staticmethod
    def get_start_method(allow_none=False):
        return multiprocessing.get_start_method(allow_none=True) or (None if allow_none else "spawn")


class default_needs_files(Mutant):
    """Does not look whether its default can work."""

    breaks = ("context.get_start_method.default-without-files",)

    @staticmethod
    def get_start_method(allow_none=False):
        return multiprocessing.get_start_method(allow_none=True) or (None if allow_none else "forkserver")


class asking_is_harmless(Mutant):
    """Tells the default, and leaves it open."""

    breaks = ("context.get_start_method.sets-default",)

    @staticmethod
    def get_start_method(allow_none=False):
        default = None if allow_none else multiprocessing.get_all_start_methods()[0]
        return multiprocessing.get_start_method(allow_none=True) or default


class never_none(Mutant):
    """Forgets to pass allow_none on."""

    breaks = ("context.get_start_method.allow-none",)

    @staticmethod
    def get_start_method(allow_none=False):
        return multiprocessing.get_start_method()


class processes_are_spawned(Mutant):
    """Does not look at the global start method when it starts a process."""

    breaks = (
        "context.set_start_method.starts",
        "context.set_start_method.force",
        "context.set_start_method.default-starts",
    )

    Process = multiprocessing.get_context("spawn").Process


class set_again_and_again(Mutant):
    """Does not object when the start method is set twice."""

    breaks = ("context.set_start_method.once",)

    @staticmethod
    def set_start_method(method, force=False):
        multiprocessing.set_start_method(method, force=True)


class no_force(Mutant):
    """Ignores force."""

    breaks = ("context.set_start_method.force", "context.set_start_method.unset")

    @staticmethod
    def set_start_method(method, force=False):
        multiprocessing.set_start_method(method)


class none_is_the_default(Mutant):
    """Takes None for the default, with force too."""

    breaks = ("context.set_start_method.unset",)

    @staticmethod
    def set_start_method(method, force=False):
        multiprocessing.set_start_method(method or multiprocessing.get_all_start_methods()[0], force)


class none_sets_nothing(Mutant):
    """Takes None for a wish to leave things as they are."""

    breaks = ("context.set_start_method.none",)

    @staticmethod
    def set_start_method(method, force=False):
        if method is not None or force:
            multiprocessing.set_start_method(method, force)


class untracked_semaphores(Mutant):
    """Does not tell the resource tracker about semaphores."""

    breaks = ("context.tracker.unlinks",)

    def Semaphore(ctx, value=1):
        semaphore = ctx._real.Semaphore(value)
        if ctx.get_start_method() != "fork":
            resource_tracker.unregister(semaphore._semlock.name, "semaphore")
        return semaphore


class executable_ignored(Mutant):
    """Has set_executable() for Windows only."""

    breaks = ("context.set_executable.starts", "context.set_executable.path-like")

    @staticmethod
    def set_executable(executable):
        pass


class executable_is_text(Mutant):
    """Compares the executable as text."""

    breaks = ("context.set_executable.path-like",)

    @staticmethod
    def set_executable(executable):
        if executable.endswith("pythonw.exe"):
            return
        multiprocessing.set_executable(executable)


class current_executable(Mutant):
    """Starts children with the program that it finds itself to be."""

    breaks = ("context.set_executable.default",)

    class Direct(Context):
        def get_context(self, method=None):
            multiprocessing.set_executable("/proc/self/exe")
            return self._real.get_context(method)

    @classmethod
    def get_context(cls, method=None):
        return cls.Direct(cls, multiprocessing.get_context(method))


class nothing_preloaded(Mutant):
    """Forgets the list of modules."""

    breaks = ("context.set_forkserver_preload.inherited", "context.set_forkserver_preload.ignored")

    @staticmethod
    def set_forkserver_preload(module_names, *, on_error="ignore"):
        pass


class preloaded_at_once(Mutant):
    """Imports the modules in the parent, and raises what that raises."""

    breaks = ("context.set_forkserver_preload.ignored", "context.set_forkserver_preload.ignores")

    @staticmethod
    def set_forkserver_preload(module_names, *, on_error="ignore"):
        for name in module_names:
            importlib.import_module(name)
        multiprocessing.set_forkserver_preload(module_names)


class errors_always_ignored(Mutant):
    """Does not pass on_error on to the server."""

    breaks = ("context.set_forkserver_preload.warns", "context.set_forkserver_preload.fails")

    @staticmethod
    def set_forkserver_preload(module_names, *, on_error="ignore"):
        multiprocessing.set_forkserver_preload(module_names)


class freeze_support_sets_the_default(Mutant):
    """Asks for the start method in a way that sets it."""

    breaks = ("context.freeze_support.no-effect", "guideline.main.guarded")

    @staticmethod
    def freeze_support():
        if multiprocessing.get_start_method() == "spawn":
            multiprocessing.freeze_support()


class one_child_missing(Mutant):
    """Does not count from zero."""

    breaks = ("context.active_children.living",)

    def active_children(ctx):
        return multiprocessing.active_children()[1:]


class copies_of_the_current_process(Mutant):
    """Makes a new object for each who asks."""

    breaks = ("context.current_process.main", "context.current_process.child")

    def current_process(ctx):
        return copy.copy(multiprocessing.current_process())


class main_is_its_own_parent(Mutant):
    """Has no None for the main process."""

    breaks = ("context.parent_process.main",)

    def parent_process(ctx):
        return multiprocessing.parent_process() or multiprocessing.current_process()


class no_parents(Mutant):
    """Never sets the parent process."""

    breaks = ("context.parent_process.child",)

    def parent_process(ctx):
        return None


class immortal_parents(Mutant):
    """Thinks that a parent is alive since its child is."""

    breaks = ("context.parent_process.ended",)

    class Parent:
        def __init__(self, real):
            self.pid, self.name, self.join = real.pid, real.name, real.join

        def is_alive(self):
            return True

    def parent_process(ctx):
        real = multiprocessing.parent_process()
        return real and immortal_parents.Parent(real)


class parents_not_joined(Mutant):
    """Looks at a parent where it should wait for it."""

    breaks = ("context.parent_process.ended",)

    class Parent:
        def __init__(self, real):
            self.pid, self.name, self.is_alive = real.pid, real.name, real.is_alive

        def join(self, timeout=None):
            self.is_alive()

    def parent_process(ctx):
        real = multiprocessing.parent_process()
        return real and parents_not_joined.Parent(real)


class one_for_the_system(Mutant):
    """Leaves one CPU to others."""

    breaks = ("context.cpu_count.system",)

    def cpu_count(ctx=None):
        return multiprocessing.cpu_count() - 1


class at_least_one_cpu(Mutant):
    """Takes an unknown number for one."""

    breaks = ("context.cpu_count.unknown",)

    def cpu_count(ctx=None):
        return os.cpu_count() or 1


class cpus_of_the_kernel(Mutant):
    """Asks the system, and not Python."""

    breaks = ("context.cpu_count.overridden",)

    def cpu_count(ctx=None):
        return os.sysconf("SC_NPROCESSORS_ONLN")


class lists_become_tuples(Mutant):
    """Copies what is put into a queue, and forgets its type."""

    breaks = ("context.introduction.exchange",)

    class Queue(queues.Queue):
        def put(self, obj, block=True, timeout=None):
            super().put(tuple(obj), block, timeout)


class unshared_arrays(Mutant):
    """Has arrays that are no more than lists."""

    breaks = ("context.introduction.shared-state",)

    def Array(ctx, code, initial, lock=True):
        return list(initial)


class forks_silently(Mutant):
    """Hides all warnings while it starts a process."""

    breaks = ("context.fork.warns",)

    class Process(ForkProcess):
        def __init__(self, *args, ctx=None, **kwargs):
            super().__init__(*args, **kwargs)

        def start(self):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                super().start()


class only_the_standard_library(Mutant):
    """Preloads no module of the program itself."""

    breaks = ("context.set_forkserver_preload.of-the-program",)

    @staticmethod
    def set_forkserver_preload(module_names, **named):
        known = [name for name in module_names if name in sys.stdlib_module_names]
        multiprocessing.set_forkserver_preload(known, **named)


class cpus_at_hand(Mutant):
    """Counts the CPUs that the process may use."""

    breaks = ("context.cpu_count.affinity",)

    def cpu_count(ctx=None):
        return len(os.sched_getaffinity(0))
