"""Broken processes: what they run, what they are called, and what they tell of themselves."""

import os
import signal
import sys
import traceback
from contextlib import contextmanager
from multiprocessing import process, util
from multiprocessing.context import ForkProcess

from mutants import Mutant


class Forked(ForkProcess):
    """A process that is made by a mutant, or by a program that imports one."""

    def __init__(self, *args, ctx=None, **kwargs):
        super().__init__(*args, **kwargs)


@contextmanager
def without(module, name):
    """Makes a function of the package do nothing."""
    real = getattr(module, name)
    setattr(module, name, lambda *args: None)
    try:
        yield
    finally:
        setattr(module, name, real)


class kwargs_are_dropped(Mutant):
    """Calls the target with its positional arguments only."""

    breaks = ("process.run.calls", "process.arguments")

    class Process(Forked):
        def run(self):
            if self._target:
                self._target(*self._args)


class a_list_is_one_argument(Mutant):
    """Takes only a tuple for several arguments."""

    breaks = ("process.run.calls",)

    class Process(Forked):
        def __init__(self, *rest, args=(), **kwargs):
            super().__init__(*rest, args=args if isinstance(args, tuple) else (args,), **kwargs)


class none_is_an_argument(Mutant):
    """Passes the default of args on as an argument."""

    breaks = ("process.run.without-arguments",)

    class Process(Forked):
        def run(self):
            if self._target:
                self._target(*(self._args or (None,)), **self._kwargs)


class a_target_is_called_anyway(Mutant):
    """Does not look whether there is a target."""

    breaks = ("process.run.without-target",)

    class Process(Forked):
        def run(self):
            self._target(*self._args, **self._kwargs)


class run_is_bound_early(Mutant):
    """Runs what run() was when the base class was made."""

    breaks = ("process.run.overridden", "process.subclass")

    class Process(Forked):
        def _bootstrap(self, *args, **kwargs):
            self.run = super().run
            return super()._bootstrap(*args, **kwargs)


class attributes_of_subclasses_are_lost(Mutant):
    """Takes only what it knows of itself to the new process."""

    breaks = ("process.subclass",)

    class Process(Forked):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            self._known = set(vars(self)) | {"_known"}

        def _bootstrap(self, *args, **kwargs):
            for name in set(vars(self)) - self._known:
                delattr(self, name)
            return super()._bootstrap(*args, **kwargs)


class group_is_gone(Mutant):
    """Has no group, which is always None anyway."""

    breaks = ("process.keywords",)

    class Process(Forked):
        def __init__(self, target=None, name=None, args=(), kwargs=None, *, daemon=None, ctx=None):
            super().__init__(None, target, name, args, kwargs or {}, daemon=daemon)


class target_runs_in_its_creator(Mutant):
    """Calls the target before it makes a process."""

    breaks = ("process.start.separate",)

    class Process(Forked):
        def start(self):
            self.run()
            self._target = None
            super().start()


class target_runs_on_both_sides(Mutant):
    """Calls the target in the creator, too."""

    breaks = ("process.start.separate",)

    class Process(Forked):
        def start(self):
            self.run()
            super().start()


class starts_again_after_its_end(Mutant):
    """Can be started once more when it has ended."""

    breaks = ("process.start.once",)

    class Process(Forked):
        def start(self):
            if self._popen is None:
                self._again = self._target, self._args, self._kwargs
            elif self._popen.poll() is not None:
                self._popen = None
                self._target, self._args, self._kwargs = self._again
            super().start()


class output_is_not_flushed(Mutant):
    """Leaves what a child has printed in its buffer."""

    breaks = ("process.start.output",)

    class Process(Forked):
        def _bootstrap(self, *args, **kwargs):
            with without(util, "_flush_std_streams"):
                return super()._bootstrap(*args, **kwargs)


class output_is_inherited(Mutant):
    """Leaves what was printed before in the buffer, which the child has, too."""

    breaks = ("process.start.output",)

    class Process(Forked):
        def start(self):
            with without(util, "_flush_std_streams"):
                super().start()

        def _bootstrap(self, *args, **kwargs):
            try:
                return super()._bootstrap(*args, **kwargs)
            finally:
                sys.stdout.flush()


class stdin_is_shared(Mutant):
    """Lets the child read from the standard input of its creator."""

    breaks = ("process.start.stdin",)

    class Process(Forked):
        def _bootstrap(self, *args, **kwargs):
            with without(util, "_close_stdin"):
                return super()._bootstrap(*args, **kwargs)


class start_leaves_zombies(Mutant):
    """Does not look after other processes when it starts one."""

    breaks = ("process.start.joins",)

    class Process(Forked):
        def start(self):
            with without(process, "_cleanup"):
                super().start()


class is_alive_leaves_zombies(Mutant):
    """Sees that a process has ended without taking its status."""

    breaks = ("process.is_alive.joins",)

    class Process(Forked):
        def is_alive(self):
            if self._popen is None or self._popen.returncode is not None:
                return False
            return os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOWAIT | os.WNOHANG) is None


class zombies_are_alive(Mutant):
    """Takes a process for alive as long as the system knows its number."""

    breaks = ("process.is_alive.joins",)

    class Process(Forked):
        def is_alive(self):
            if self._popen is None or self._popen.returncode is not None:
                return False
            os.kill(self.pid, 0)
            return True


class alive_before_start(Mutant):
    """Takes a process for alive that has no exit code."""

    breaks = ("process.is_alive.running",)

    class Process(Forked):
        def is_alive(self):
            return self.exitcode is None


class join_does_not_wait(Mutant):
    """Takes no timeout for a timeout of zero."""

    breaks = ("process.join.waits",)

    class Process(Forked):
        def join(self, timeout=None):
            super().join(timeout or 0)


class join_returns_the_exitcode(Mutant):
    """Tells how the process ended."""

    breaks = ("process.join.waits", "process.join.in-time", "process.join.again")

    class Process(Forked):
        def join(self, timeout=None):
            super().join(timeout)
            return self.exitcode


class timeout_in_milliseconds(Mutant):
    """Waits a thousandth of what it should."""

    breaks = ("process.join.expires",)

    class Process(Forked):
        def join(self, timeout=None):
            super().join(timeout and timeout / 1000)


class timeout_raises(Mutant):
    """Raises TimeoutError for a process that is still running."""

    breaks = ("process.join.expires",)

    class Process(Forked):
        def join(self, timeout=None):
            super().join(timeout)
            if self.exitcode is None:
                raise TimeoutError("still running")


class join_works_once(Mutant):
    """Has nothing left to join the second time."""

    breaks = ("process.join.again",)

    class Process(Forked):
        def join(self, timeout=None):
            super().join(timeout)
            if self._popen.returncode is not None:
                self._popen = None


class join_before_start_returns(Mutant):
    """Takes a process that was not started for one that has ended."""

    breaks = ("process.join.early",)

    class Process(Forked):
        def join(self, timeout=None):
            if self._popen is not None:
                super().join(timeout)


class join_of_strangers_returns(Mutant):
    """Does nothing in a process that is not the creator, such as the process itself."""

    breaks = ("process.join.itself",)

    class Process(Forked):
        def join(self, timeout=None):
            if self._parent_pid == os.getpid():
                super().join(timeout)


class names_are_unique(Mutant):
    """Adds a number to a name that is taken."""

    breaks = ("process.name.given",)

    class Process(Forked):
        taken = set()

        @property
        def name(self):
            return self._name

        @name.setter
        def name(self, name):
            self._name = name + " (2)" if name in self.taken else name

        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            self.taken.add(self._name)


class name_is_not_passed_on(Mutant):
    """Is called by its number in the new process."""

    breaks = ("process.name.inside",)

    class Process(Forked):
        def _bootstrap(self, *args, **kwargs):
            self._name = "Process-" + ":".join(map(str, self._identity))
            return super()._bootstrap(*args, **kwargs)


class names_without_ancestors(Mutant):
    """Is called by its own number alone."""

    breaks = ("process.name.default",)

    class Process(Forked):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            self._name = "Process-%d" % self._identity[-1]


class numbers_go_on_in_children(Mutant):
    """Goes on with the numbers of its creator."""

    breaks = ("process.name.default",)

    class Process(Forked):
        def _bootstrap(self, *args, **kwargs):
            self.counter = process._process_counter
            return super()._bootstrap(*args, **kwargs)

        def run(self):
            process._process_counter = self.counter
            super().run()


class pid_is_zero_before_start(Mutant):
    """Has a number that is none."""

    breaks = ("process.pid.early",)

    class Process(Forked):
        @property
        def pid(self):
            return super().pid or 0


class no_pid_of_its_own(Mutant):
    """Knows only the pids of its children."""

    breaks = ("process.pid.started",)

    class Process(Forked):
        @property
        def pid(self):
            return self._popen and self._popen.pid


class zero_while_running(Mutant):
    """Has the exit code of success from the start."""

    breaks = ("process.exitcode.none",)

    class Process(Forked):
        @property
        def exitcode(self):
            return super().exitcode or 0


class exitcode_comes_with_join(Mutant):
    """Knows the exit code only once it was joined."""

    breaks = ("process.exitcode.unjoined",)

    class Process(Forked):
        @property
        def exitcode(self):
            return self._popen and self._popen.returncode


class what_is_returned_is_the_status(Mutant):
    """Exits with what the target has returned."""

    breaks = ("process.exitcode.returned",)

    class Process(Forked):
        def run(self):
            sys.exit(self._target(*self._args, **self._kwargs))


class failures_are_one(Mutant):
    """Tells success from failure only."""

    breaks = ("process.exitcode.exit", "process.exitcode.os-exit")

    class Process(Forked):
        @property
        def exitcode(self):
            status = super().exitcode
            return status and min(status, 1)


class exit_without_a_status_fails(Mutant):
    """Takes a missing status for one that is no integer."""

    breaks = ("process.exitcode.exit-none",)

    class Process(Forked):
        def run(self):
            try:
                super().run()
            except SystemExit as error:
                sys.exit(1 if error.code is None else error.code)


class text_of_an_exit_is_lost(Mutant):
    """Exits with 1 and does not say why."""

    breaks = ("process.exitcode.exit-text",)

    class Process(Forked):
        def run(self):
            try:
                super().run()
            except SystemExit as error:
                sys.exit(error.code if error.code is None or isinstance(error.code, int) else 1)


class exceptions_are_only_printed(Mutant):
    """Prints the traceback and returns."""

    breaks = ("process.exitcode.exception",)

    class Process(Forked):
        def run(self):
            try:
                super().run()
            except SystemExit:
                raise
            except BaseException:
                traceback.print_exc()


class signals_count_as_in_shells(Mutant):
    """Has the exit code 128 + N after signal N."""

    breaks = ("process.exitcode.signal",)

    class Process(Forked):
        @property
        def exitcode(self):
            status = super().exitcode
            return 128 - status if status and status < 0 else status


class signals_are_shown_as_numbers(Mutant):
    """Shows the number of the signal."""

    breaks = ("process.repr",)

    class Process(Forked):
        def __repr__(self):
            return super().__repr__().replace("SIGTERM", str(int(signal.SIGTERM)))


class started_is_not_shown(Mutant):
    """Shows itself as initial until it has ended."""

    breaks = ("process.repr",)

    class Process(Forked):
        def __repr__(self):
            return super().__repr__().replace("started", "initial")


class milliseconds_in_31_bits(Mutant):
    """Counts a timeout in milliseconds, in a type that is too small."""

    breaks = ("process.join.month",)

    class Process(Forked):
        def join(self, timeout=None):
            if timeout is not None and timeout * 1000 >= 2**31:
                raise OverflowError("timeout is too large")
            super().join(timeout)


class any_argument_will_do(Mutant):
    """Takes all that it is given, in any way, and forgets what it does not know."""

    breaks = ("process.keywords.only",)

    class Process(Forked):
        def __init__(self, group=None, target=None, name=None, args=(), kwargs={}, daemon=None, **ignored):  # noqa: B006
            super().__init__(group, target, name, args, kwargs, daemon=daemon)
