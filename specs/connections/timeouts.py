"""Long timeouts of connections: a month, three centuries, and infinity."""

from conformance import arg
from specs.connections.connections import connection
from specs.synchronization.timeouts import DOUBT, ENDLESS


@connection.scenario("poll.month", doc="multiprocessing.connection.Connection.poll")
def a_month_to_poll(mp):
    """poll() accepts a timeout as long as a month."""
    receiver, sender = mp.Pipe(duplex=False)
    with receiver, sender:
        sender.send("in time")
        assert receiver.poll(arg.MONTH) is True


@connection.scenario("poll.endless", doc="multiprocessing.connection.Connection.poll", doubt=DOUBT)
def poll_with_an_endless_timeout(mp):
    """poll() accepts a timeout as long as three centuries, or infinite."""
    receiver, sender = mp.Pipe(duplex=False)
    with receiver, sender:
        sender.send("in time")
        for timeout in ENDLESS:
            assert receiver.poll(timeout) is True
