"""Events that live in a manager's process: proxies for the event of ``threading``.

What ``events`` states holds for them, and more: a wait that was woken returns True even if the flag
is false again by then.
"""

from contextlib import ExitStack

from conformance import Frozen, Spec, arg, call, child
from specs.managers.queues import manager
from specs.synchronization import events
from specs.synchronization.events import SET_CLEAR, set_it, wait_for

EVENT = "multiprocessing.managers.SyncManager.Event"


class ManagerEvent(Frozen):
    """A flag that processes wait for.

    made: Event() creates an event whose flag is false.
    inherited: An event proxy passed as an argument to a new process refers to the same event in that process.
    """

    flag: bool = False


event = Spec(
    "managerevent",
    ManagerEvent,
    make=lambda mp: manager(mp).Event(),
    documents=EVENT,
    cost=8,
    called="event",
    manager=manager,
)
event.adopt(events.event, *events.event.operations, doc=EVENT)

event.rescue(call("set"))
event.pin(
    "the event is set and cleared at once while two processes wait, one of them with a timeout",
    {1: [call("wait")], 2: [call("wait", timeout=arg.LONG)]},
    SET_CLEAR,
    {0: [call("is_set")]},
)
event.pin(
    "one process sets the event twice, waits, and clears it; another sets and clears it as well",
    {0: [call("set"), call("set"), call("wait"), call("is_set"), call("clear"), call("is_set")]},
    {1: SET_CLEAR[0]},
)
event.pin(
    "waits time out beside one that goes on",
    {1: [call("wait", timeout=arg.SHORT)], 2: [call("wait")]},
    {1: [call("wait", 0), call("is_set")]},
)


@event.stream(stuck="wakes", watchers=arg.integers(1, 2), times=arg.integers(5, 15))
def announcements(watchers, times):
    """One process sets the event repeatedly, and no process clears it while others look and wait."""
    glances = [call("is_set")] * 8 + [call("wait")]
    return [[call("set")] * times * 8] + [glances * times for _ in range(watchers)]


@event.law(announcements, "wakes")
def everybody_wakes(history):
    """Every wait() without a timeout returns True once the event is set, if no process clears the event."""
    return events.everybody_wakes(history)


@event.law(announcements, "stays")
def flag_stays_true(history):
    """is_set() returns True in every process once set() has returned, if no process clears the event."""
    return events.flag_stays_true(history)


@event.scenario("wait.everybody", waiters=arg.integers(1, 2))
def everybody_is_released(mp, waiters):
    """A single set() wakes up every waiting process."""
    announced, ready = manager(mp).Event(), mp.Semaphore(0)
    with ExitStack() as ended:
        processes = [ended.enter_context(child(mp, wait_for, announced, ready)) for _ in range(waiters)]
        for _ in processes:
            ready.acquire()
        announced.set()
    assert [process.exitcode for process in processes] == [0] * waiters


@event.scenario("set.outlives")
def flag_outlives_the_process(mp):
    """The flag stays true after the process that set it has ended."""
    announced = manager(mp).Event()
    with child(mp, set_it, announced):
        assert announced.wait() is True
    assert announced.is_set() is True
