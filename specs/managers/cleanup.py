"""Managers: shared objects are deleted once no proxy refers to them."""

import pickle

from conformance import child
from specs.managers.managers import PAGE, bank, collect, manager


@manager.scenario("cleanup.deleted", doc=PAGE + "#cleanup")
def unused_objects_are_deleted(mp):
    """A shared object is deleted in the manager's process when its last proxy is garbage collected, and no earlier."""
    kept = bank(mp)
    census, tracked = kept.Census(), kept.Tracked("deleted")
    copy = pickle.loads(pickle.dumps(tracked))
    assert tracked.call() == copy.call() == "deleted"
    assert census.count("deleted") == 1
    del tracked
    collect()
    assert census.count("deleted") == 1
    assert copy.call() == "deleted"
    del copy
    collect()
    assert census.count("deleted") == 0


@manager.scenario("cleanup.results", doc=PAGE + "#cleanup")
def results_are_deleted(mp):
    """A shared object that a method returns as a proxy is deleted when its last proxy is garbage collected."""
    kept = bank(mp)
    census, nursery = kept.Census(), kept.Nursery()
    born = nursery.bear("born")
    assert (born.call(), census.count("born")) == ("born", 1)
    del born
    collect()
    assert census.count("born") == 0


def call_and_count(inherited, conn):
    tracked, census = inherited or conn.recv()
    conn.send(tracked.call())
    conn.recv()
    try:
        conn.send((tracked.call(), census.count(tracked.call())))  # the server keeps the object that was called last
    except Exception as error:
        conn.send(repr(error))
    conn.recv()


def in_another_process(mp, name, inherits):
    """Asserts that an object exists as long as another process has a proxy for it and the caller has none."""
    kept = bank(mp)
    census, tracked = kept.Census(), kept.Tracked(name)
    mine, theirs = mp.Pipe()
    given = [tracked, census] if inherits else []
    with child(mp, call_and_count, given, theirs):
        if not inherits:
            mine.send((tracked, census))
        assert mine.recv() == name
        given.clear()
        del tracked
        collect()
        mine.send("go on")
        assert mine.recv() == (name, 1)
        mine.send("end")
    assert census.count(name) == 0


@manager.scenario("cleanup.elsewhere", doc=PAGE + "#cleanup")
def proxies_elsewhere_count(mp):
    """A shared object exists as long as a proxy that was sent to another process exists there, and no longer."""
    in_another_process(mp, "elsewhere", inherits=False)


@manager.scenario("cleanup.inherited", doc=PAGE + "#cleanup")
def inherited_proxies_count(mp):
    """A shared object exists as long as a proxy passed as an argument to a new process exists there, and no longer."""
    in_another_process(mp, "inherited", inherits=True)


@manager.scenario("cleanup.contained", doc=PAGE + "#proxy-objects")
def contained_objects_live(mp):
    """A shared object exists as long as another shared object contains a proxy for it."""
    kept = bank(mp)
    census, tracked, container = kept.Census(), kept.Tracked("contained"), kept.list()
    container.append(tracked)
    del tracked
    collect()
    assert census.count("contained") == 1
    assert container[0].call() == "contained"
    collect()
    assert container[0].call() == "contained"


@manager.scenario("cleanup.removed", doc=PAGE + "#cleanup")
def removed_objects_are_deleted(mp):
    """A shared object is deleted when its last proxy is removed from another shared object."""
    kept = bank(mp)
    census, tracked, container = kept.Census(), kept.Tracked("removed"), kept.list()
    container.append(tracked)
    del tracked
    collect()
    del container[0]
    assert census.count("removed") == 0
