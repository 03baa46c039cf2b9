"""Broken waiting: what is ready and is not returned, is returned and not ready, or comes too early."""

import os
import select
import signal
from multiprocessing import connection

from mutants import Mutant, Patched


class ready_only_once(Mutant):
    """Returns an object when it becomes ready, and no more while it stays so."""

    breaks = ("wait.connections", "wait.sockets", "wait.closed", "wait.sentinels")

    def wait(object_list, timeout=None):
        known = ready_only_once.known
        ready = [obj for obj in connection.wait(object_list, timeout) if id(obj) not in known]
        known.update(map(id, ready))
        return ready

    known = set()
    connection = Patched(connection, wait=wait)


class first_only(Mutant):
    """Returns the first object that is ready, and leaves the others for the next call."""

    breaks = ("wait.mixed", "wait.all")

    def wait(object_list, timeout=None):
        return connection.wait(object_list, timeout)[:1]

    connection = Patched(connection, wait=wait)


class connections_only(Mutant):
    """Asks its objects whether they can be polled."""

    breaks = ("wait.sockets", "wait.sentinels", "wait.mixed", "wait.wakes")

    def wait(object_list, timeout=None):
        return connection.wait([obj for obj in object_list if hasattr(obj, "poll")], timeout)

    connection = Patched(connection, wait=wait)


class hang_up_is_nothing(Mutant):
    """Looks for data, and not for the end of the file."""

    breaks = ("wait.closed", "wait.sentinels", "wait.wakes")

    def wait(object_list, timeout=None):
        found = select.poll()
        for obj in object_list:
            found.register(obj, select.POLLIN)
        data = {fd for fd, event in found.poll(timeout and max(0, timeout) * 1000) if event & select.POLLIN}
        return [obj for obj in object_list if (obj if isinstance(obj, int) else obj.fileno()) in data]

    connection = Patched(connection, wait=wait)


class zero_by_default(Mutant):
    """Does not wait unless it is told to."""

    breaks = ("wait.wakes",)

    def wait(object_list, timeout=0):
        return connection.wait(object_list, timeout)

    connection = Patched(connection, wait=wait)


class timeout_in_milliseconds(Mutant):
    """Gives seconds to the system, which takes them for milliseconds."""

    breaks = ("wait.expires",)

    def wait(object_list, timeout=None):
        return connection.wait(object_list, timeout and timeout / 1000)

    connection = Patched(connection, wait=wait)


class timeout_is_an_error(Mutant):
    """Raises an exception when nothing is ready in time."""

    breaks = ("wait.expires", "wait.zero")

    def wait(object_list, timeout=None):
        ready = connection.wait(object_list, timeout)
        if not ready:
            raise TimeoutError
        return ready

    connection = Patched(connection, wait=wait)


class negative_is_unlimited(Mutant):
    """Waits for ever with a negative timeout, like poll()."""

    breaks = ("wait.zero",)

    def wait(object_list, timeout=None):
        return connection.wait(object_list, None if timeout and timeout < 0 else timeout)

    connection = Patched(connection, wait=wait)


class interrupted_by_signals(Mutant):
    """Returns when a signal has been handled, with nothing."""

    breaks = ("wait.interrupted",)

    def wait(object_list, timeout=None):
        woken, wakes = os.pipe()
        os.set_blocking(wakes, False)
        try:
            signal.set_wakeup_fd(wakes)
        except ValueError:  # not the main thread
            return connection.wait(object_list, timeout)
        ready = connection.wait([*object_list, woken], timeout)
        signal.set_wakeup_fd(-1)
        return [obj for obj in ready if obj is not woken]

    connection = Patched(connection, wait=wait)


class milliseconds_in_31_bits(Mutant):
    """Counts a timeout in milliseconds, in a type that is too small."""

    breaks = ("wait.month",)

    def wait(object_list, timeout=None):
        if timeout is not None and timeout * 1000 >= 2**31:
            raise OverflowError("timeout is too large")
        return connection.wait(object_list, timeout)

    connection = Patched(connection, wait=wait)
