"""Broken lifetimes of processes: how they are ended, waited for, and left behind."""

import os
import signal
from multiprocessing import process

from mutants import Mutant
from mutants.processes.processes import Forked


class terminate_hangs_up(Mutant):
    """Sends another signal that ends a process."""

    breaks = ("lifetime.terminate.ends", "lifetime.terminate.signal")

    class Process(Forked):
        def terminate(self):
            os.kill(self.pid, signal.SIGHUP)


class terminate_interrupts(Mutant):
    """Lets the process tidy up."""

    breaks = ("lifetime.terminate.untidy", "lifetime.terminate.ends")

    class Process(Forked):
        def terminate(self):
            os.kill(self.pid, signal.SIGINT)


class terminate_kills(Mutant):
    """Gives the process no chance to handle the signal."""

    breaks = ("lifetime.terminate.signal", "lifetime.terminate.ends")

    class Process(Forked):
        def terminate(self):
            self._popen.kill()


class kill_terminates(Mutant):
    """Sends what a process may ignore."""

    breaks = ("lifetime.kill.ends",)

    class Process(Forked):
        def kill(self):
            self._popen.terminate()


class kill_interrupts(Mutant):
    """Lets the process tidy up."""

    breaks = ("lifetime.kill.untidy", "lifetime.kill.ends")

    class Process(Forked):
        def kill(self):
            os.kill(self.pid, signal.SIGINT)


class whole_groups_are_ended(Mutant):
    """Ends a process with all its descendants."""

    breaks = ("lifetime.terminate.orphans", "lifetime.kill.orphans")

    class Process(Forked):
        def _bootstrap(self, *args, **kwargs):
            if len(self._identity) == 1:
                os.setpgid(0, 0)
            return super()._bootstrap(*args, **kwargs)

        def terminate(self):
            os.killpg(self.pid, signal.SIGTERM)

        def kill(self):
            os.killpg(self.pid, signal.SIGKILL)


class interrupt_terminates(Mutant):
    """Ends the process by another signal."""

    breaks = tuple(f"lifetime.interrupt.{slug}" for slug in ("raises", "caught", "exits", "signal"))

    class Process(Forked):
        def interrupt(self):
            self._popen.terminate()


class interrupt_insists(Mutant):
    """Ends a process that might go on."""

    breaks = ("lifetime.interrupt.caught", "lifetime.interrupt.exits")

    class Process(Forked):
        def interrupt(self):
            super().interrupt()
            self._popen.kill()


class sentinel_is_ready_at_once(Mutant):
    """Has a sentinel that is always ready."""

    breaks = tuple(f"lifetime.sentinel.{slug}" for slug in ("waits", "selects", "several"))

    class Process(Forked):
        def start(self):
            super().start()
            self._sentinel = os.open(os.devnull, os.O_RDONLY)


class sentinel_is_never_ready(Mutant):
    """Keeps the end of the pipe open that is to be closed by the end of the process."""

    breaks = tuple(f"lifetime.sentinel.{slug}" for slug in ("waits", "selects"))

    class Process(Forked):
        def start(self):
            super().start()
            self._sentinel, self._writer = os.pipe()


class closes_while_running(Mutant):
    """Forgets a process that is still running."""

    breaks = ("lifetime.close.running",)

    class Process(Forked):
        def close(self):
            if self._popen is not None and self._popen.poll() is None:
                self._closed = True
            else:
                super().close()


class closed_is_as_new(Mutant):
    """Is like a process that was never started."""

    breaks = ("lifetime.close.useless",)

    class Process(Forked):
        def close(self):
            super().close()
            self._closed = False


class descriptors_stay_open(Mutant):
    """Forgets its descriptors instead of closing them."""

    breaks = ("lifetime.close.releases",)

    class Process(Forked):
        def close(self):
            if self._popen is not None and self._popen.poll() is not None:
                self._popen.finalizer.cancel()
            super().close()


class a_daemon_stays_one(Mutant):
    """Cannot lose the flag any more."""

    breaks = ("lifetime.daemon.given",)

    class Process(Forked):
        @property
        def daemon(self):
            return super().daemon

        @daemon.setter
        def daemon(self, daemonic):
            self._config["daemon"] = daemonic or self.daemon


class false_is_not_given(Mutant):
    """Inherits the flag unless it is true."""

    breaks = ("lifetime.daemon.inherited",)

    class Process(Forked):
        def __init__(self, *args, daemon=None, **kwargs):
            super().__init__(*args, daemon=daemon or None, **kwargs)


class daemon_is_not_inherited(Mutant):
    """Is no daemon unless it is said."""

    breaks = ("lifetime.daemon.inherited",)

    class Process(Forked):
        def __init__(self, *args, daemon=None, **kwargs):
            super().__init__(*args, daemon=bool(daemon), **kwargs)


class daemonic_by_default(Mutant):
    """Is a daemon unless it is said."""

    breaks = ("lifetime.daemon.main",)

    class Process(Forked):
        def __init__(self, *args, daemon=None, **kwargs):
            super().__init__(*args, daemon=daemon is None or daemon, **kwargs)


class daemon_is_set_at_any_time(Mutant):
    """Lets a running process become a daemon."""

    breaks = ("lifetime.daemon.late",)

    class Process(Forked):
        @property
        def daemon(self):
            return super().daemon

        @daemon.setter
        def daemon(self, daemonic):
            self._config["daemon"] = daemonic


class daemons_have_children(Mutant):
    """Does not ask who starts it."""

    breaks = ("lifetime.daemon.childless",)

    class Process(Forked):
        def start(self):
            config = process.current_process()._config
            daemonic = config.pop("daemon", False)
            try:
                super().start()
            finally:
                config["daemon"] = daemonic


class daemons_are_left_behind(Mutant):
    """Does not end daemons when their creator ends."""

    breaks = ("lifetime.daemon.ended", "lifetime.daemon.ended-below")

    class Process(Forked):
        def start(self):
            super().start()
            if self.daemon:
                process._children.discard(self)


class children_are_inherited(Mutant):
    """Takes the processes of its creator for its own."""

    breaks = ("lifetime.daemon.siblings",)

    class Process(Forked):
        def _bootstrap(self, *args, **kwargs):
            self.siblings = process._children
            return super()._bootstrap(*args, **kwargs)

        def run(self):
            process._children.update(self.siblings)
            super().run()


class nobody_is_joined(Mutant):
    """Does not wait for the processes that are still running at the end."""

    breaks = ("lifetime.exit.joins", "lifetime.exit.joins-below")

    class Process(Forked):
        def start(self):
            super().start()
            process._children.discard(self)


class the_key_is_known(Mutant):
    """Has the same key in every program."""

    breaks = ("lifetime.authkey.random",)

    def current_process(ctx=None):
        me = process.current_process()
        me.authkey = b"secret"
        return me


class every_process_has_its_own_key(Mutant):
    """Makes a key of its own for each process."""

    breaks = ("lifetime.authkey.inherited",)

    class Process(Forked):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            self.authkey = os.urandom(32)


class the_key_is_that_of_the_creator(Mutant):
    """Runs with the key that its creator has when it is started."""

    breaks = ("lifetime.authkey.inherited", "lifetime.authkey.set")

    class Process(Forked):
        def _bootstrap(self, *args, **kwargs):
            self._config["authkey"] = process.current_process().authkey
            return super()._bootstrap(*args, **kwargs)
