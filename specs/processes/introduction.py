"""The examples in the introduction."""

from conformance import child
from specs.processes.contexts import PAGE, context


def put_examples(queue, conn):
    queue.put([42, None, "hello"])
    conn.send([42, None, "hello"])
    conn.close()


@context.scenario("introduction.exchange", doc=PAGE + "exchanging-objects-between-processes")
def objects_are_exchanged(mp):
    """A queue or a connection passed as an argument to a child process carries objects from the child to its parent."""
    queue = mp.Queue()
    mine, theirs = mp.Pipe()
    with mine, theirs, child(mp, put_examples, queue, theirs):
        assert queue.get() == [42, None, "hello"]
        assert mine.recv() == [42, None, "hello"]
    queue.close()


def change_examples(n, a):
    n.value = 3.1415927
    for i in range(len(a)):
        a[i] = -a[i]


@context.scenario("introduction.shared-state", doc=PAGE + "sharing-state-between-processes")
def state_is_shared(mp):
    """What a child process writes to a Value or an Array passed to it as an argument is visible to its parent."""
    number, array = mp.Value("d", 0.0), mp.Array("i", range(10))
    with child(mp, change_examples, number, array):
        pass
    assert number.value == 3.1415927
    assert array[:] == [0, -1, -2, -3, -4, -5, -6, -7, -8, -9]
