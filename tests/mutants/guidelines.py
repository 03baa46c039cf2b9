"""Implementations for which it is not enough to follow the guidelines."""

import multiprocessing
import os
import sys
import threading
from multiprocessing import pool, process, util

from mutants import Context, Mutant


class Forked(multiprocessing.get_context("fork").Process):
    """A process as mutants make it, in a program or of a context."""

    def __init__(self, *args, ctx=None, **kwargs):
        super().__init__(*args, **kwargs)


class children_are_not_asked(Mutant):
    """Lists all processes that were started and not joined."""

    breaks = ("guideline.zombies.active-children",)

    def active_children(ctx):
        return list(process._children)


class alive_as_the_system_says(Mutant):
    """Takes a zombie for alive."""

    breaks = ("guideline.zombies.is-alive",)

    class Process(Forked):
        def is_alive(self):
            try:
                os.kill(self.pid, 0)
            except ProcessLookupError:
                return False
            return True


class zombies_pile_up(Mutant):
    """Starts processes without looking for those that have ended."""

    breaks = ("guideline.zombies.start",)

    class Process(Forked):
        def start(self):
            cleanup, process._cleanup = process._cleanup, lambda: None
            try:
                super().start()
            finally:
                process._cleanup = cleanup


class only_fork(Mutant):
    """Forks whatever it is asked to do."""

    breaks = (
        "guideline.pickle.arguments",
        "guideline.pickle.subclass",
        "guideline.main.unguarded",
        "guideline.main.undefined",
    )

    class Single(Context):
        def get_context(self, method=None):
            return self._real

    @classmethod
    def get_context(cls, method=None):
        return cls.Single(cls, multiprocessing.get_context("fork"))


class events_of_threads(Mutant):
    """Has an event that does not leave its process."""

    breaks = ("guideline.pickle.types",)

    def Event(ctx):
        return threading.Event()


class constants_forgotten(Mutant):
    """Begins a child with an empty module."""

    breaks = ("guideline.globals.constants",)

    class Process(Forked):
        def run(self):
            self._target.__globals__["CONSTANT"] = None
            super().run()


class semaphores_of_threads(Mutant):
    """Has a semaphore of which a forked child gets a copy."""

    breaks = ("guideline.globals.forked",)

    class Single(Context):
        def get_context(self, method=None):
            return self

    @classmethod
    def get_context(cls, method=None):
        return cls.Single(cls, multiprocessing.get_context(method))

    def Semaphore(ctx, value=1):
        return threading.Semaphore(value)


class always_frozen(Mutant):
    """Ends the program where it should go on."""

    breaks = ("guideline.main.guarded",)

    @staticmethod
    def freeze_support():
        sys.exit()


class main_is_forgotten(Mutant):
    """Lets no worker of a pool find a function of the main module."""

    breaks = ("guideline.main.functions",)

    class Forgetful(pool.Pool):
        def map(self, func, iterable, chunksize=None):
            if func.__module__ == "__main__":
                raise AttributeError("module '__main__' has no attribute '%s'" % func.__name__)
            return super().map(func, iterable, chunksize)

    def Pool(ctx, *args, **kwargs):
        return main_is_forgotten.Forgetful(*args, context=ctx._real, **kwargs)


class stdin_is_shared(Mutant):
    """Lets children read what the parent should read."""

    breaks = ("guideline.stdin.empty",)

    class Process(Forked):
        def _bootstrap(self, *args, **kwargs):
            util._close_stdin = lambda: None  # in the child alone
            return super()._bootstrap(*args, **kwargs)


class queues_not_flushed(Mutant):
    """Ends a child without waiting for its threads."""

    breaks = ("guideline.queues.drained",)

    class Process(Forked):
        def run(self):
            super().run()
            os._exit(0)


class all_are_daemons(Mutant):
    """Terminates at exit whom it should join."""

    breaks = ("guideline.exit.joins",)

    class Process(Forked):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            self.daemon = True
