"""Timeouts that no process lives to see elapse: a call with such a timeout waits like a call without one."""

from conformance import child

ENDLESS = (1e10, float("inf"))  # seconds: three centuries, and infinity
HEAD_START = 0.2  # seconds for a process that is ready to begin to wait; one that is slower shows less
DOUBT = "a number of seconds may be meant that the clock of the system can show"


def report(conn, function, args):
    conn.send("ready")
    try:
        conn.send(function(*args))
    except Exception as error:
        conn.send(error)


def wait_elsewhere(mp, end, function, *args):
    """Calls the function in another process, calls end() once it may be waiting, and returns what it returns."""
    receiver, sender = mp.Pipe(False)
    with receiver, sender, child(mp, report, sender, function, args):
        assert receiver.recv() == "ready"
        if not receiver.poll(HEAD_START):
            end()
        return receiver.recv()


def acquire_within(lock, timeout):
    return lock.acquire(True, timeout)
