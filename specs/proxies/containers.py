"""Proxies of lists, dicts, and sets: how they are created, read, changed, and iterated over."""

from conformance import child, raises
from specs.proxies.proxies import OBJECTS, SYNC, like, proxy, shared


@proxy.scenario("list.made", doc=SYNC + ".list")
def lists_are_made(mp):
    """SyncManager.list() creates a new list: empty, or with the items of the sequence that is given."""
    kept, source = shared(mp), ["a", ["b"]]
    made, others = kept.list(source), [kept.list(), kept.list()]
    source[1].append("later")
    others[0].append("only there")
    assert made._getvalue() == ["a", ["b"]]
    assert [other._getvalue() for other in others] == [["only there"], []]
    assert kept.list(range(3))._getvalue() == kept.list((0, 1, 2))._getvalue() == [0, 1, 2]


@proxy.scenario("list.reads", doc=OBJECTS)
def lists_are_read(mp):
    """The proxy of a list can be read like a list: by index and slice, in loops, and with operators and methods."""
    numbers = [3, 1, 4, 1, 5]
    like(
        shared(mp).list(numbers),
        numbers,
        """
len(it)
it[0], it[-1], it[4]
it[5]
it["0"]
it[1:3], it[::-2], it[9:]
[*it]
list(reversed(it))
4 in it, 9 in it, 9 not in it
it.count(1), it.count(9)
it.index(1), it.index(1, 2), it.index(5, -1)
it.index(9)
it + [9]
it + 9
it * 2, 2 * it
bool(it)
        """,
    )
    assert bool(shared(mp).list()) is False


@proxy.scenario("list.changes", doc=OBJECTS)
def lists_are_changed(mp):
    """The proxy of a list can be changed like a list, and augmented assignments keep the name bound to the proxy."""
    plain = [3, 1, 4]
    made = shared(mp).list(plain)
    changes = """
it.append(1)
it.append([5])
it.extend([9, 2])
it.insert(1, "x")
it[0] = 0
it[9] = 0
it[2:4] = [7, 8, 9]
del it[1]
del it[-2:]
del it[9]
it.pop()
it.pop(0)
it.pop(9)
it.remove(8)
it.remove(8)
it.reverse()
it += (6, 5)
it += 7
it *= 2
it[2:] = [3, 1, 2]
it.sort()
it.sort(reverse=True)
it.sort(key=abs)
it.append("a")
it.sort()
it[:] = []
it.pop()
    """
    for change in changes.strip().splitlines():
        like(made, plain, change)
        assert (change, made._getvalue()) == (change, plain)


@proxy.scenario("list.clears-and-copies", doc=SYNC + ".list", since=(3, 14))
def lists_are_cleared_and_copied(mp):
    """The proxy of a list has the methods clear() and copy(), and copy() returns a plain list."""
    made = shared(mp).list([1, 2])
    copied = made.copy()
    made.clear()
    assert copied == [1, 2]
    assert made._getvalue() == []


# ------------------------------------------------------------------ dicts


@proxy.scenario("dict.made", doc=SYNC + ".dict")
def dicts_are_made(mp):
    """SyncManager.dict() creates a new dict: empty, or with the items of the mapping or sequence that is given."""
    kept, source = shared(mp), {"a": ["b"]}
    made, others = kept.dict(source), [kept.dict(), kept.dict()]
    source["later"] = 1
    others[0]["only"] = "there"
    assert made._getvalue() == {"a": ["b"]}
    assert [other._getvalue() for other in others] == [{"only": "there"}, {}]
    assert kept.dict([("a", 1), ("b", 2)])._getvalue() == {"a": 1, "b": 2}


@proxy.scenario("dict.reads", doc=OBJECTS)
def dicts_are_read(mp):
    """The proxy of a dict can be read like a dict: by key, and with operators and methods."""
    words = {"a": 1, 2: None, "c": [3]}
    like(
        shared(mp).dict(words),
        words,
        """
len(it)
it["a"], it[2], it["c"]
it["b"]
it[[]]
"a" in it, 2 in it, "b" in it, "b" not in it
it.get("a"), it.get("b"), it.get("b", 5)
list(it.keys()), list(it.values()), list(it.items())
it.copy()
dict(it)
        """,
    )
    assert bool(shared(mp).dict()) is False


@proxy.scenario("dict.iterates", doc=OBJECTS)
def dicts_are_iterated(mp):
    """Iterating over the proxy of a dict yields its keys in order, and several iterations at once do not interfere."""
    words = shared(mp).dict({"one": 1, "two": 2, 3: "three"})
    assert list(words) == ["one", "two", 3]
    first, second = iter(words), iter(words)
    assert [next(each) for each in (first, first, second, first, second)] == ["one", "two", "one", 3, "two"]
    with raises(StopIteration):
        next(first)
    assert list(shared(mp).dict()) == []


def send_keys(words, conn):
    try:
        conn.send(list(words))
    except Exception as error:
        conn.send(repr(error))


@proxy.scenario("dict.iterates-elsewhere", doc=OBJECTS)
def dicts_are_iterated_elsewhere(mp):
    """A new process can iterate over the keys of a dict whose proxy is passed to it as an argument."""
    words = shared(mp).dict({"a": 1, "b": 2})
    receiver, sender = mp.Pipe(False)
    with child(mp, send_keys, words, sender):
        assert receiver.recv() == ["a", "b"]


@proxy.scenario("dict.changes", doc=OBJECTS)
def dicts_are_changed(mp):
    """The proxy of a dict can be changed like a dict."""
    plain = {"a": 1, "b": 2}
    made = shared(mp).dict(plain)
    changes = """
it["c"] = [3]
it["a"] = None
it[[]] = 1
del it["b"]
del it["b"]
it.setdefault("a", 5)
it.setdefault("d", 6)
it.setdefault("e")
it.update({"a": 7, "f": 8})
it.update([("g", 9)], h=10)
it.pop("g")
it.pop("g")
it.pop("g", "none")
it.popitem()
it.popitem()
it.clear()
it.popitem()
    """
    for change in changes.strip().splitlines():
        like(made, plain, change)
        assert (change, list(made._getvalue().items())) == (change, list(plain.items()))


@proxy.scenario("dict.merges", doc=SYNC + ".dict", since=(3, 14))
def dicts_are_merged(mp):
    """The proxy of a dict supports the merge operators | and |=, reversed(), and fromkeys()."""
    plain = {"a": 1, "b": 2}
    made = shared(mp).dict(plain)
    merges = """
it | {"b": 3, "c": 4}
{"b": 3, "c": 4} | it
list(reversed(it))
it.fromkeys("xy", 0)
it |= {"a": 5}
    """
    like(made, plain, merges)
    assert made._getvalue() == plain == {"a": 5, "b": 2}


# ------------------------------------------------------------------ sets


@proxy.scenario("set.made", doc=SYNC + ".set", since=(3, 14))
def sets_are_made(mp):
    """SyncManager.set() creates a new set: empty, or with the items of the sequence or the keys of
    the mapping that is given."""
    kept = shared(mp)
    made = [kept.set(), kept.set(), kept.set([1, 2, 1]), kept.set({"a": 1}), kept.set("ab")]
    made[0].add("only there")
    assert [each._getvalue() for each in made] == [{"only there"}, set(), {1, 2}, {"a"}, {"a", "b"}]


@proxy.scenario("set.reads", doc=SYNC + ".set", since=(3, 14))
def sets_are_read(mp):
    """The proxy of a set can be read like a set: in loops, and with operators and methods."""
    numbers = {1, 2, 3}
    like(
        shared(mp).set(numbers),
        numbers,
        """
len(it)
1 in it, 9 in it, 9 not in it
sorted(it)
it & {2, 9}, it | {9}, it - {1}, it ^ {1, 9}
{2, 9} & it, {9} | it, {1, 9} - it, {1, 9} ^ it
it | [9]
it < {1, 2, 3, 4}, it <= {1, 2, 3}, it > {1}, it >= {1, 9}
it.difference([1]), it.intersection([1, 9]), it.union([9], [8]), it.symmetric_difference([1, 9])
it.isdisjoint([9]), it.isdisjoint([1]), it.issubset([1]), it.issuperset([1])
it.copy()
        """,
    )
    assert bool(shared(mp).set()) is False


@proxy.scenario("set.changes", doc=SYNC + ".set", since=(3, 14))
def sets_are_changed(mp):
    """The proxy of a set can be changed like a set, and augmented assignments keep the name bound to the proxy."""
    plain = {1, 2, 3}
    made = shared(mp).set(plain)
    changes = """
it.add(4)
it.add(4)
it.add([])
it.remove(1)
it.remove(1)
it.discard(2)
it.discard(2)
it.update([5, 6], [7])
it |= {8, 9}
it &= {3, 4, 5, 6, 7}
it -= {3}
it ^= {4, 10}
it.difference_update([5])
it.symmetric_difference_update([6, 11])
it.intersection_update([11])
it.pop()
it.pop()
it.update("ab")
it.clear()
    """
    for change in changes.strip().splitlines():
        like(made, plain, change)
        assert (change, made._getvalue()) == (change, plain)


@proxy.scenario("set.refuses", doc=SYNC + ".set", since=(3, 14))
def sets_refuse(mp):
    """An augmented assignment to the proxy of a set raises TypeError if the operand is not a set."""
    for change in "it |= [1]", "it &= [1]", "it -= [1]", "it ^= [1]":
        like(shared(mp).set([1]), {1}, change)
