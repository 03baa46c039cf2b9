"""The end of a manager: shutdown() ends its process, by force if it must, and the proxies of its objects then fail."""

import signal
import threading
import time

from conformance import arg, raises
from specs.managers.managers import BASE, PAGE, bank, end, manager, newcomer, own, started

SHUTDOWN = BASE + ".shutdown"


@manager.scenario("shutdown.ends", doc=SHUTDOWN)
def shutdown_ends(mp):
    """shutdown() returns once the manager's process has ended."""
    made = own(mp)
    with started(mp, made) as server:
        account = made.Account()
        account.deposit(1)
        made.shutdown()
        assert not server.is_alive()


@manager.scenario("shutdown.orderly", doc=SHUTDOWN, since=(3, 11))
def shutdown_is_orderly(mp):
    """shutdown() does not terminate a process that stops within shutdown_timeout seconds: its exit code is 0."""
    made = own(mp, shutdown_timeout=arg.LONG)
    with started(mp, made) as server:
        made.shutdown()
        assert server.exitcode == 0


@manager.scenario("shutdown.repeated", doc=SHUTDOWN)
def shutdown_again(mp):
    """shutdown() can be called several times, even after the end of a with block."""
    made, before = own(mp), mp.active_children()
    with made:
        server = newcomer(mp, before)
        made.shutdown()
        made.shutdown()
    made.shutdown()
    assert not server.is_alive()


@manager.scenario("shutdown.only-started", doc=SHUTDOWN)
def only_who_started(mp):
    """shutdown() raises an exception if start() was not called, even if connect() was, and the connected process
    continues."""
    with raises(Exception):
        own(mp).shutdown()
    kept = bank(mp)
    guest = own(mp, address=kept.address)
    guest.connect()
    with raises(Exception):
        guest.shutdown()
    assert kept.Account().deposit(5) == 5


@manager.scenario("shutdown.unreachable", doc=PAGE + "#proxy-objects", killed=arg.one_of(False, True))
def calls_after_the_end(mp, killed):
    """Calling a method of a proxy or creating an object raises an exception, instead of waiting,
    once the manager's process has been shut down or killed."""
    made = own(mp)
    with started(mp, made) as server:
        used, unused = made.Account(), made.Account()
        used.deposit(1)
        if killed:
            end(server)
        else:
            made.shutdown()
        for use in used.where, unused.where, made.Account:
            with raises(Exception):
                use()


def go_on(ignore):
    """Keeps the process from ending by itself and, if ignore is true, from being terminated."""
    threading.Thread(target=threading.Event().wait).start()
    if ignore:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)


@manager.scenario("shutdown_timeout.terminates", since=(3, 11))
def slow_ones_are_terminated(mp):
    """shutdown() terminates a process that has not ended once shutdown_timeout seconds have elapsed, and no earlier."""
    made = own(mp, shutdown_timeout=1.05)  # longer than the default
    with started(mp, made, go_on, (False,)) as server:
        began = time.monotonic()
        made.shutdown()
        assert time.monotonic() - began >= 1.049
        assert server.exitcode == -signal.SIGTERM


@manager.scenario("shutdown_timeout.kills", since=(3, 11))
def stubborn_ones_are_killed(mp):
    """shutdown() kills a process that still has not ended once shutdown_timeout seconds have elapsed
    since it was terminated, and no earlier."""
    made = own(mp, shutdown_timeout=0.03)
    with started(mp, made, go_on, (True,)) as server:
        began = time.monotonic()
        made.shutdown()
        assert time.monotonic() - began >= 0.058
        assert server.exitcode == -signal.SIGKILL
