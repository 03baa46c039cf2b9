"""Events: one process announces that something has happened, and others wait for it.

The manual refers to ``threading`` for what an ``Event`` does: it holds a flag, and processes wait until
the flag is true.
"""

from contextlib import ExitStack

from conformance import Frozen, Spec, arg, blocks, call, child, expires, laws, replace, returns

BRIEF = 0.00005  # seconds: a wait that may time out while others set and clear


class Event(Frozen):
    """A flag that processes wait for.

    made: Event() creates an event whose flag is false.
    inherited: An event passed as an argument to a new process refers to the same event in that process.
    """

    flag: bool = False


event = Spec("event", Event, make=lambda mp: mp.Event(), documents="multiprocessing.Event")


@event.op(doc="threading.Event.set", name="set", weight=2)
def set_flag(state, me):
    """Makes the flag true.

    sets: set() makes the flag true and returns None, even if the flag is already true.
    """
    yield "sets", returns(None), replace(state, flag=True)


@event.op(doc="threading.Event.clear", weight=2)
def clear(state, me):
    """Makes the flag false.

    clears: clear() makes the flag false and returns None, however often the flag was set.
    """
    yield "clears", returns(None), replace(state, flag=False)


@event.op(doc="threading.Event.is_set")
def is_set(state, me):
    """Whether the flag is true.

    tells: is_set() returns True if the flag is true and False otherwise, and does not change the flag.
    """
    yield "tells", returns(state.flag)


@event.op(doc="threading.Event.wait", timeout=arg.unsigned_timeouts, weight=3)
def wait(state, me, timeout=None):
    """Waits until the flag is true.

    returns: wait() returns True in every waiter once the flag becomes true, and at once if the flag is
        already true, whatever timeout is.
    waits: wait() blocks while the flag is false.
    expires: wait() returns False once timeout seconds have elapsed with the flag still false, and no earlier;
        at once if timeout is zero.
    """
    if state.flag:
        yield "returns", returns(True)
    else:
        yield "waits", blocks
        yield "expires", expires(timeout, returns(False))


SET_CLEAR = {0: [call("set"), call("clear")]}

event.rescue(call("set"))
event.pin(
    "the event is set and cleared at once while two processes wait", {1: [call("wait")], 2: [call("wait")]}, SET_CLEAR
)
event.pin(
    "the event is set and cleared at once while two processes wait, one of them with a timeout",
    {1: [call("wait", timeout=arg.LONG)], 2: [call("wait")]},
    SET_CLEAR,
)
event.pin(
    "the event is set while two processes wait, one of them with a timeout",
    {1: [call("wait")], 2: [call("wait", timeout=arg.LONG)]},
    {0: [call("set")]},
    {0: [call("is_set")]},
)
event.pin(
    "one process sets the event twice, waits, and clears it",
    {0: [call("set"), call("set"), call("wait"), call("is_set"), call("clear"), call("is_set")]},
)
event.pin(
    "a wait that timed out does not consume the wake-up of a later one",
    {1: [call("wait", timeout=arg.SHORT)], 2: [call("wait")]},
    {1: [call("wait")]},
    {0: [call("set")]},
)


@event.stream(stuck="wakes", watchers=arg.integers(1, 2), times=arg.integers(20, 100))
def announcements(watchers, times):
    """One process sets the event repeatedly, and no process clears it while others look and wait."""
    glances = [call("is_set")] * 8 + [call("wait")]
    return [[call("set")] * times * 8] + [glances * times for _ in range(watchers)]


@event.law(announcements, "wakes", doc="threading.Event.wait")
def everybody_wakes(history):
    """Every wait() without a timeout returns True once the event is set, if no process clears the event."""
    wrong = [step for step in laws.picked(history, "wait") if step.value != "True"]
    return "wait() by process %d ended with %s" % (wrong[0].actor, wrong[0].value) if wrong else None


@event.law(announcements, "stays", doc="threading.Event.is_set")
def flag_stays_true(history):
    """is_set() returns True in every process once set() has returned, if no process clears the event."""
    done = min(step.end for step in laws.picked(history, "set"))
    for step in laws.picked(history, "is_set"):
        if step.start > done and step.value != "True":
            return "is_set() by process %d ended with %s after set()" % (step.actor, step.value)
    return None


@event.stream(stuck="progress", watchers=arg.integers(1, 2), times=arg.integers(20, 80))
def toggles(watchers, times):
    """One process sets and clears the event and looks each time; others look and wait for brief moments."""
    turn = [call("set"), call("is_set"), call("clear"), call("is_set")]
    glances = [call("is_set"), call("wait", timeout=0)] * 4 + [call("wait", timeout=BRIEF)]
    return [turn * times * 4] + [glances * times for _ in range(watchers)]


@event.law(toggles, "progress", doc="threading.Event.set")
def nobody_is_held_up(history):
    """set() and clear() return None and wait(timeout) returns, however many processes wait and time out meanwhile."""
    for step in laws.picked(history, "set", "clear"):
        if step.value != "None":
            return "%s() by process %d ended with %s" % (step.op, step.actor, step.value)
    return None


@event.law(toggles, "obeys", doc="threading.Event.is_set")
def flag_obeys(history):
    """is_set() and wait() do not change the flag: the only process that sets and clears it finds it as it left it."""
    flag = "False"
    for step in laws.picked(history, "set", "clear", "is_set"):
        if step.actor == 0 and step.op != "is_set":
            flag = str(step.op == "set")
        elif step.actor == 0 and step.value != flag:
            return "is_set() ended with %s, where only this process sets and clears: %s" % (step.value, flag)
    return None


def wait_for(announced, ready):
    ready.release()
    assert announced.wait() is True


@event.scenario("wait.everybody", doc="threading.Event.set", waiters=arg.integers(1, 4))
def everybody_is_released(mp, waiters):
    """A single set() wakes up every waiting process."""
    announced, ready = mp.Event(), mp.Semaphore(0)
    with ExitStack() as ended:
        processes = [ended.enter_context(child(mp, wait_for, announced, ready)) for _ in range(waiters)]
        for _ in processes:
            ready.acquire()
        announced.set()
    assert [process.exitcode for process in processes] == [0] * waiters


@event.scenario("wait.threads", doc="threading.Event.set", waiters=arg.integers(1, 3))
def threads_are_released(mp, waiters):
    """A single set() wakes up every waiting thread of the same process."""
    from concurrent.futures import ThreadPoolExecutor

    announced = mp.Event()
    with ThreadPoolExecutor(waiters) as threads:
        waiting = [threads.submit(announced.wait) for _ in range(waiters)]
        announced.set()
        assert [each.result() for each in waiting] == [True] * waiters


def set_it(announced):
    announced.set()


@event.scenario("set.outlives", doc="threading.Event.set")
def flag_outlives_the_process(mp):
    """The flag stays true after the process that set it has ended."""
    announced = mp.Event()
    with child(mp, set_it, announced):
        assert announced.wait() is True
    assert announced.is_set() is True
    announced.clear()
    assert announced.wait(0) is False
