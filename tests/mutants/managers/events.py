"""Broken events of a manager."""

import threading
from multiprocessing import util

from mutants import Mutant
from mutants.managers.queues import handing, serving


def no_object():
    raise TypeError("Event() takes no arguments")


class nothing_is_made(Mutant):
    """The event cannot be made in the manager."""

    breaks = ("managerevent.made",)

    Manager = serving(Event=no_object)


class SaysTrue:
    def set(self):
        super().set()
        return True

    def clear(self):
        super().clear()
        return False


class set_says_true(Mutant):
    """set() and clear() tell what the flag is afterwards."""

    breaks = ("managerevent.set.sets", "managerevent.clear.clears")

    Manager = handing(SaysTrue, "Event")


class TimeoutDropped:
    def wait(self, timeout=None):
        return self._callmethod("wait")


class timeout_dropped(Mutant):
    """wait() goes on after its timeout."""

    breaks = ("managerevent.wait.expires",)

    Manager = handing(TimeoutDropped, "Event")


class WaitTellsTheFlag:
    def wait(self, timeout=None):
        return self.is_set()


class wait_does_not_wait(Mutant):
    """wait() tells what the flag is at once."""

    breaks = ("managerevent.wait.waits", "managerevent.wait.everybody")

    Manager = handing(WaitTellsTheFlag, "Event")


class ResultDropped:
    def wait(self, timeout=None):
        super().wait(timeout)

    def is_set(self):
        super().is_set()


class result_dropped(Mutant):
    """wait() and is_set() return None."""

    breaks = (
        "managerevent.wait.returns",
        "managerevent.is_set.tells",
        "managerevent.wakes",
        "managerevent.stays",
        "managerevent.wait.everybody",
        "managerevent.set.outlives",
    )

    Manager = handing(ResultDropped, "Event")


class Consuming(threading.Event):
    def wait(self, timeout=None):
        told = super().wait(timeout)
        self.clear()
        return told


class wait_consumes(Mutant):
    """wait() makes the flag false."""

    breaks = ("managerevent.is_set.tells", "managerevent.stays", "managerevent.set.outlives")

    Manager = serving(Event=Consuming)


class ClearedAtExit:
    def set(self):
        super().set()
        util.Finalize(None, self.clear, exitpriority=100)


class false_at_exit(Mutant):
    """The flag becomes false when a process that made it true ends."""

    breaks = ("managerevent.set.outlives",)

    Manager = handing(ClearedAtExit, "Event")
